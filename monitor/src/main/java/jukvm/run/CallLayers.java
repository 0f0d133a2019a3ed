package jukvm.run;

import java.util.function.Consumer;
import jukvm.control.Limits;
import jukvm.device.Devices;
import jukvm.guest.Outcome;
import jukvm.guest.SnapshotPoint;
import jukvm.guest.TracedCall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.telemetry.TracedHypercalls;
import org.jspecify.annotations.Nullable;

/**
 * What the hypercalls of one run pass through, from the inside out: their trace, their limit, the
 * point of a snapshot. Belongs to the vCPU's thread.
 *
 * @param stopper ends the guest
 */
record CallLayers(
        RunRequest request,
        Devices devices,
        GuestHypercalls hypercalls,
        @Nullable Consumer<TracedCall> trace,
        Consumer<Outcome> stopper) {
    /** Returns what answers the guest, up to its limit. */
    Hypercalls limited() {
        long perSecond = request.limits().hypercallsPerSecond();
        Hypercalls calls = trace == null ? hypercalls : new TracedHypercalls(hypercalls, trace);
        return perSecond == Limits.NONE ? calls : new LimitedHypercalls(calls, perSecond, stopper);
    }

    /** Returns the same up to the point of a snapshot, null if there is none. */
    @Nullable SnapshotCalls stoppedAtPoint(Hypercalls calls) {
        SnapshotPoint point = request.stopAt();
        return point == null
                ? null
                : new SnapshotCalls(
                        hypercalls,
                        calls,
                        point,
                        () -> PrintedText.isIn(devices.console()),
                        () -> stopper.accept(new Outcome.Snapshotted()));
    }
}
