package jukvm.hypercall;

import java.time.Instant;
import jukvm.device.WallClock;
import jukvm.memory.GuestMemory;

/** WALLTIME: tells the wall clock. Source: hvt_abi.h, struct hvt_hc_walltime. */
public final class WallTime implements HypercallHandler {
    static final int NSECS = 0; // u64, OUT: nanoseconds since the epoch

    private final WallClock clock;

    /** Tells the time of {@code clock}. */
    public WallTime(WallClock clock) {
        this.clock = clock;
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        memory.putU64(gpa + NSECS, clock.nanosSinceEpoch());
        return true;
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        long nanos = memory.u64(gpa + NSECS);
        return Instant.EPOCH.plusNanos(nanos).toString();
    }
}
