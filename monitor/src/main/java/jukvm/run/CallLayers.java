package jukvm.run;

import java.util.function.Consumer;
import jukvm.control.Limits;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.guest.Outcome;
import jukvm.guest.SnapshotPoint;
import jukvm.guest.TracedCall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.replay.ControlledGuest;
import jukvm.replay.RunControl;
import jukvm.telemetry.TracedHypercalls;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * What the hypercalls of one run pass through, from the inside out: what records or replays them,
 * their trace, their limit, the point of a snapshot. Belongs to the vCPU's thread.
 *
 * @param control what records or replays the run, null if nothing does
 * @param stopper ends the guest
 */
record CallLayers(
        RunRequest request,
        Devices devices,
        GuestHypercalls hypercalls,
        @Nullable Consumer<TracedCall> trace,
        @Nullable RunControl control,
        Consumer<Outcome> stopper,
        Notices notices) {
    /** Returns what answers the guest of a VM, up to its limit; once. */
    Hypercalls limited(GuestVm in) {
        long perSecond = request.limits().hypercallsPerSecond();
        Hypercalls answered = control == null ? hypercalls : begun(control, in);
        Hypercalls calls =
                trace == null ? answered : new TracedHypercalls(hypercalls, answered, trace);
        return perSecond == Limits.NONE ? calls : new LimitedHypercalls(calls, perSecond, stopper);
    }

    private Hypercalls begun(RunControl by, GuestVm in) {
        by.begin(
                new ControlledGuest(
                        in,
                        request.image(),
                        request.dialect(),
                        request.privilege(),
                        request.commandLine(),
                        devices,
                        hypercalls,
                        stopper,
                        notices::tellNow));
        return by;
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
