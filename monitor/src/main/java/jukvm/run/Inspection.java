package jukvm.run;

import java.util.Optional;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.DebuggedRun;
import jukvm.debug.DebuggedVcpu;
import jukvm.debug.GdbListener;
import jukvm.device.Notices;
import jukvm.guest.Outcome;
import jukvm.kvm.Vcpu;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * What looks into a guest while it runs: its debugger, if it has one. Belongs to the vCPU's thread.
 */
final class Inspection implements DebuggedRun {
    private final @Nullable GdbListener debugger;
    private final RunRequest request;
    private final RunState state;
    private final VcpuScheduler.Turn turn;
    private final Notices notices;
    private final Runnable cancel;
    private final MonitorCommands commands;
    private @Nullable DebuggedVcpu debugged;

    /**
     * Makes one for a run that has not begun.
     *
     * @param cancel stops the guest
     */
    Inspection(
            GuestSettings asked,
            RunRequest request,
            RunState state,
            VcpuScheduler.Turn turn,
            Notices notices,
            Runnable cancel,
            MonitorCommands commands) {
        this.debugger = asked.debugger;
        this.request = request;
        this.state = state;
        this.turn = turn;
        this.notices = notices;
        this.cancel = cancel;
        this.commands = commands;
    }

    /** Returns the vCPU of the guest's VM as it is to be run. */
    Vcpu vcpu(GuestVm in) {
        if (debugger == null) {
            return in.vcpu();
        }
        debugged = debugger.debug(in, request.privilege(), this);
        return debugged;
    }

    /** Is told how the guest ended, nothing if something was thrown; its VM is still there. */
    void ended(Optional<Outcome> outcome) {
        if (debugged != null) {
            debugged.ended(outcome);
        }
    }

    @Override
    public boolean isStopped() {
        return state.reason() != null;
    }

    @Override
    public void kill() {
        cancel.run();
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
