package jukvm.monitor;

import java.util.Map;
import jukvm.hypercall.Halt;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.Hypercalls;
import jukvm.hypercall.Puts;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** Hypercalls of a guest that is stopped at one of them, which is not answered. */
final class SnapshotCalls implements Hypercalls {
    private final Hypercalls hypercalls;
    private final SnapshotPoint point;
    private final Runnable stopper;
    private long made;
    private int port;
    private long gpa;

    SnapshotCalls(Hypercalls hypercalls, SnapshotPoint point, Runnable stopper) {
        this.hypercalls = hypercalls;
        this.point = point;
        this.stopper = stopper;
    }

    @Override
    public boolean call(int calledPort, GuestMemory memory, long calledGpa) {
        Hypercall kind = hypercalls.kind(calledPort);
        if (kind != null && point.isReached(made, kind)) {
            port = calledPort;
            gpa = calledGpa;
            stopper.run();
            return true;
        }
        made++;
        return hypercalls.call(calledPort, memory, calledGpa);
    }

    /** Returns the port of the hypercall it was stopped at. */
    int port() {
        return port;
    }

    /** Returns what it passed, 0 to 2^32 - 1; hostile. */
    long gpa() {
        return gpa;
    }

    @Override
    public boolean knows(int anyPort) {
        return hypercalls.knows(anyPort);
    }

    @Override
    public @Nullable Hypercall kind(int anyPort) {
        return hypercalls.kind(anyPort);
    }

    @Override
    public String dialect() {
        return hypercalls.dialect();
    }

    @Override
    public boolean endsByHlt() {
        return hypercalls.endsByHlt();
    }

    @Override
    public Puts puts() {
        return hypercalls.puts();
    }

    @Override
    public Halt halt() {
        return hypercalls.halt();
    }

    @Override
    public long firstCallAt() {
        return hypercalls.firstCallAt();
    }

    @Override
    public Map<Hypercall, Long> calls() {
        return hypercalls.calls();
    }
}
