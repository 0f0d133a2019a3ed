package jukvm.run;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.call.TrapFrame;
import jukvm.control.GuestStop;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.CoreFiles;
import jukvm.debug.CoreImage;
import jukvm.debug.DebuggedRun;
import jukvm.debug.DebuggedVcpu;
import jukvm.debug.GdbListener;
import jukvm.debug.ProfiledVcpu;
import jukvm.debug.Samples;
import jukvm.device.Notices;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.io.SparseOutput;
import jukvm.kvm.Vcpu;
import jukvm.replay.RunControl;
import jukvm.replay.RunReplayer;
import jukvm.vm.DebugSupport;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * What looks into a guest while it runs and when it has ended: its debugger or profiler, its core.
 * Belongs to the vCPU's thread.
 */
final class Inspection implements DebuggedRun {
    // All of the largest guest, to a disk that is slow.
    private static final long DUMP_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int NO_SIGNAL = 0;

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
    private volatile @Nullable GuestVm vm; // The last, if it is parked.
    private volatile boolean isOver;

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

    /** Has the debugger go back, too, if there is one and the run is a replay. */
    void replays(RunControl control, VcpuLoop loop) {
        if (debugged != null && vm != null && control instanceof RunReplayer replayer) {
            debugged.replays(vm, replayer, loop.emulator(), back -> loop.handle(back) == null);
        }
    }

    /** Returns whether a guest that has ended is elsewhere by now, and goes on from there. */
    boolean goesBackFrom(Outcome outcome) {
        return debugged != null && debugged.goesBackFrom(outcome);
    }

    /** Returns whether memory may have changed where no guest writes, which cleaning counts on. */
    boolean mayHaveWritten() {
        return debugged != null;
    }

    /**
     * Writes a core of the guest, which stands still meanwhile; from any thread but its own.
     *
     * @param waker has the guest's thread look what was sent to it, if it waits for something
     * @throws ConfigException if the guest has not begun, has ended, or does not come to rest
     * @throws HostException if the core cannot be written
     */
    void core(SparseOutput to, Runnable waker) {
        if (vm == null) {
            throw new ConfigException("core: the guest has not begun");
        }
        new LiveCore(
                        () -> CoreImage.head(its(), request.privilege(), words(), NO_SIGNAL, null),
                        () -> its().memory(),
                        to,
                        state)
                .write(turn, waker, () -> isOver);
    }

    private GuestVm its() {
        return Objects.requireNonNull(vm);
    }

    // By which its user knows the run.
    private String words() {
        return (request.image().name() + " " + request.commandLine()).strip();
    }

    /** Is told how the guest ended, nothing if something was thrown; its VM is still there. */
    void ended(Optional<Outcome> outcome) {
        isOver = true;
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
        GuestVm of = vm;
        if (cores == null || of == null || !wentWrong) {
            return;
        }
        stop.allow(DUMP_NANOS);
        try {
            byte[] head =
                    CoreImage.head(
                            of, request.privilege(), words(), signal(outcome), frame(outcome));
            String path = cores.write(to -> CoreImage.write(head, of.memory(), to, () -> false));
            notices.tellNow("core dumped: " + path);
        } catch (HostException e) {
            notices.tellNow("core not dumped: " + e.getMessage());
        }
    }

    // As the kernel's dumps have it: what a process that ended so is said to have been sent.
    private static int signal(Outcome outcome) {
        return switch (outcome.kind()) {
            case FAULTED -> 11; // SIGSEGV
            case ABORTED -> 6; // SIGABRT
            default -> 24; // SIGXCPU
        };
    }

    private static @Nullable TrapFrame frame(Outcome outcome) {
        Optional<TrapFrame> told =
                outcome instanceof Outcome.Aborted aborted ? aborted.frame() : Optional.empty();
        return told.orElse(null);
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
