package jukvm.run;

import java.util.function.BooleanSupplier;
import jukvm.call.Hypercall;
import jukvm.guest.SnapshotPoint;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.memory.GuestMemory;

/** Hypercalls of a guest that is stopped at one of them, which is not answered. */
final class SnapshotCalls implements Hypercalls {
    private final GuestHypercalls kinds;
    private final Hypercalls calls;
    private final SnapshotPoint point;
    private final BooleanSupplier isPrinted;
    private final Runnable stopper;
    private long made;
    private int port;
    private long gpa;

    /**
     * Makes them.
     *
     * @param isPrinted whether the guest has printed what it is to
     * @param stopper has it stopped
     */
    SnapshotCalls(
            GuestHypercalls kinds,
            Hypercalls calls,
            SnapshotPoint point,
            BooleanSupplier isPrinted,
            Runnable stopper) {
        this.kinds = kinds;
        this.calls = calls;
        this.point = point;
        this.isPrinted = isPrinted;
        this.stopper = stopper;
    }

    @Override
    public boolean call(int calledPort, GuestMemory memory, long calledGpa) {
        Hypercall kind = kinds.kind(calledPort);
        if (kind != null && point.isReached(made, kind, isPrinted.getAsBoolean())) {
            port = calledPort;
            gpa = calledGpa;
            stopper.run();
            return true;
        }
        made++;
        return calls.call(calledPort, memory, calledGpa);
    }

    /** Returns the port of the hypercall it was stopped at. */
    int port() {
        return port;
    }

    /** Returns what it passed, 0 to 2^32 - 1; hostile. */
    long gpa() {
        return gpa;
    }
}
