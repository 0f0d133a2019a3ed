package jukvm.run;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.control.GuestStop;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.CoreFiles;
import jukvm.debug.DebuggedRun;
import jukvm.debug.DebuggedVcpu;
import jukvm.debug.GdbListener;
import jukvm.debug.ProfiledVcpu;
import jukvm.debug.Samples;
import jukvm.device.Notices;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.kvm.Vcpu;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * What looks into a guest while it runs and when it has ended: its debugger or profiler, its core.
import jukvm.vm.DebugSupport;
 * Belongs to the vCPU's thread.
 */
final class Inspection implements DebuggedRun {
    // All of the largest guest, to a disk that is slow.
    private static final long DUMP_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final @Nullable GdbListener debugger;
    private final RunRequest request;
    private final RunState state;
    private final VcpuScheduler.Turn turn;
    private final Notices notices;
    private final GuestStop stop;
    private final MonitorCommands commands;
    private final @Nullable CoreFiles cores;
    private final @Nullable Samples samples;
    private final RunServices services;
    private @Nullable DebuggedVcpu debugged;
    private @Nullable ProfiledVcpu profiled;
    private @Nullable GuestVm vm;

    /** Makes one for a run that has not begun. */
    Inspection(
            GuestSettings asked,
            RunRequest request,
            RunState state,
            VcpuScheduler.Turn turn,
            Notices notices,
            GuestStop stop,
            RunServices services,
            MonitorCommands commands) {
        this.debugger = asked.debugger;
        this.request = request;
        this.state = state;
        this.turn = turn;
        this.notices = notices;
        this.stop = stop;
        this.commands = commands;
        this.cores = asked.cores;
        this.samples = asked.samples;
        this.services = services;
    }

    /** Returns the vCPU of the guest's VM as it is to be run. */
    Vcpu vcpu(GuestVm in) {
        vm = in;
        if (debugger != null) {
            DebugSupport support = services.host().debugSupport();
            debugged = debugger.debug(in, request.privilege(), support, this);
            return debugged;
        }
        if (samples != null) {
            profiled =
                    new ProfiledVcpu(
                            in, request.image(), request.privilege(), samples, services.time());
            return profiled;
        }
        return in.vcpu();
    }

    /** Returns whether memory may have changed where no guest writes, which cleaning counts on. */
    boolean mayHaveWritten() {
        return debugged != null;
    }

    /** Is told how the guest ended, nothing if something was thrown; its VM is still there. */
    void ended(Optional<Outcome> outcome) {
        if (debugged != null) {
            debugged.ended(outcome);
        }
        if (profiled != null) {
            profiled.ended();
        }
        outcome.ifPresent(this::dump);
    }

    private void dump(Outcome outcome) {
        boolean wentWrong =
                switch (outcome.kind()) {
                    case ABORTED, FAULTED, DEADLINE -> true;
                    default -> false;
                };
        if (cores == null || vm == null || !wentWrong) {
            return;
        }
        stop.allow(DUMP_NANOS);
        try {
            String what = request.image().name() + " " + request.commandLine();
            String path = cores.write(vm, request.privilege(), outcome, what.strip());
            notices.tellNow("core dumped: " + path);
        } catch (HostException e) {
            notices.tellNow("core not dumped: " + e.getMessage());
        }
    }

    @Override
    public boolean isStopped() {
        return state.reason() != null;
    }

    @Override
    public void kill() {
        stop.ask(new Outcome.Cancelled());
    }

    @Override
    public void waits(boolean isAlone) {
        turn.give();
        if (isAlone && debugger != null) {
            notices.tell("waits for gdb: target remote " + debugger.place());
        }
    }

    @Override
    public String answer(String command) {
        return commands.answer(command);
    }
}
