package jukvm.run;

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
    private final Runnable stopper;
    private long made;
    private int port;
    private long gpa;

    SnapshotCalls(GuestHypercalls kinds, Hypercalls calls, SnapshotPoint point, Runnable stopper) {
        this.kinds = kinds;
        this.calls = calls;
        this.point = point;
        this.stopper = stopper;
    }

    @Override
    public boolean call(int calledPort, GuestMemory memory, long calledGpa) {
        Hypercall kind = kinds.kind(calledPort);
        if (kind != null && point.isReached(made, kind)) {
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
