package jukvm.run;

import jukvm.device.Devices;
import jukvm.error.ConfigException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.replay.RunControl;
import jukvm.vm.GuestVm;
import jukvm.vm.ResumePoint;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/** Takes snapshots of one run's guest, at a hypercall of its; on its vCPU's thread. */
record SnapshotTaker(
        RunRequest request,
        RunRecord record,
        Devices devices,
        GuestHypercalls hypercalls,
        @Nullable RunControl control,
        Inspection inspection) {
    /**
     * Takes one of a guest that goes on; as {@link #take}.
     *
     * @throws ConfigException if the guest has a state elsewhere, too
     */
    SnapshotState branch(GuestVm from, int port, long gpa) {
        String other =
                control != null
                        ? "is recorded or replayed"
                        : inspection.mayHaveWritten() ? "has a debugger" : "";
        if (!other.isEmpty()) {
            throw new ConfigException(
                    request.image().name()
                            + ": guest "
                            + other
                            + ", whose state is in no snapshot: start it without");
        }
        return take(from, port, gpa);
    }

    /**
     * Takes one.
     *
     * @param port of the hypercall, which its clones make first
     * @param gpa what it passes; hostile
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     * @throws jukvm.error.GuestException if the guest broke its network ring
     */
    SnapshotState take(GuestVm from, int port, long gpa) {
        SnapshotOrigin origin =
                SnapshotOrigin.of(
                        request.image(),
                        record.dialect(),
                        from,
                        request.privilege(),
                        devices,
                        hypercalls);
        TrapEmulator emulator = from.emulator();
        ResumePoint resume =
                new ResumePoint(
                        emulator == null ? null : emulator.state(),
                        port,
                        gpa,
                        devices.ring()
                                .map(ring -> ring.drain(from.memory(), devices))
                                .orElse(null));
        return SnapshotState.take(origin, from, resume);
    }
}
