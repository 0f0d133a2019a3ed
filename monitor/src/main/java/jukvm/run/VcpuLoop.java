package jukvm.run;

import jukvm.abi.Dialect;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.error.GuestException;
import jukvm.guest.Outcome;
import jukvm.hypercall.HypercallFacts;
import jukvm.hypercall.HypercallTable;
import jukvm.hypercall.Hypercalls;
import jukvm.io.ParkedException;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import jukvm.replay.RunControl;
import jukvm.vm.FaultReport;
import jukvm.vm.GuestVm;
import jukvm.vm.ResumePoint;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one guest to its end: KVM_RUN, exit reason, hypercall, again. Belongs to the vCPU's thread.
 *
 * <p>From KVM_RUN to KVM_RUN nothing is logged, formatted or locked.
 */
final class VcpuLoop {
    private static final int HYPERCALL_SIZE = 4;

    private final Vcpu vcpu;
    private final GuestMemory memory;
    private final Hypercalls hypercalls;
    private final HypercallFacts facts;
    private final Dialect dialect;
    private final @Nullable TrapEmulator emulator;
    private final FaultReport faults;
    private final RunState state;
    private final VcpuScheduler.Turn turn;
    private @Nullable ResumePoint resume;
    private @Nullable RunControl control;
    private long exits;

    /**
     * Makes one for a guest that is laid out.
     *
     * @param vcpu of the VM, as it is run
     * @param hypercalls as they are limited and recorded
     * @param facts of the same
     * @param dialect as which the guest was asked for
     * @param resume what it goes on with, null if it begins at its first instruction
     */
    VcpuLoop(
            GuestVm vm,
            Vcpu vcpu,
            Hypercalls hypercalls,
            HypercallFacts facts,
            Dialect dialect,
            RunState state,
            VcpuScheduler.Turn turn,
            @Nullable ResumePoint resume) {
        this.vcpu = vcpu;
        this.memory = vm.memory();
        this.emulator = vm.emulator();
        this.faults = vm.faults();
        this.hypercalls = hypercalls;
        this.facts = facts;
        this.dialect = dialect;
        this.state = state;
        this.turn = turn;
        this.resume = resume;
        if (emulator != null && resume != null && resume.emulator() != null) {
            emulator.resume(resume.emulator());
        }
    }

    /** Has what the guest asks of the processor answered by what records or replays it. */
    void controlBy(RunControl by) {
        control = by;
        if (emulator != null) {
            emulator.keepClocksBy(by);
        }
    }

    /**
     * Runs the guest; again after it was left in a wait.
     *
     * @throws ParkedException if it waits and is to be parked; {@link #point} has where
     * @throws jukvm.error.HostException if the kernel cannot run it
     */
    Outcome run() {
        Outcome outcome = state.reason();
        if (outcome == null && resume != null) {
            outcome = callAgain(resume);
        }
        while (outcome == null) {
            if (!turn.isHeld()) {
                turn.take(vcpu, state);
                outcome = state.reason();
                continue;
            }
            outcome = handle(vcpu.run());
        }
        return outcome;
    }

    /** Does what the guest left for; returns how it has ended, null if it goes on. */
    @Nullable Outcome handle(Vcpu.Return back) {
        exits++;
        return switch (back) {
            case EXIT -> exit(vcpu.exit());
            case INTERRUPTED -> state.reason();
            case FAULT -> faults.of("FAULT", "host/guest translation fault");
        };
    }

    /** Returns what handles its guest's exceptions; null at ring 0. */
    @Nullable TrapEmulator emulator() {
        return emulator;
    }

    private @Nullable Outcome exit(KvmRun exit) {
        ExitReason reason = exit.exitReason();
        return switch (reason) {
            case IO -> port(exit);
            case HLT -> hlt();
            case MMIO -> faults.mmio(exit);
            case SHUTDOWN ->
                    faults.of(reason.name(), "guest triple fault: an exception without a handler");
            case FAIL_ENTRY ->
                    faults.of(
                            reason.name(),
                            "KVM: entry failure: hw_entry_failure_reason=0x"
                                    + Long.toHexString(exit.failEntryReason()));
            case INTERNAL_ERROR -> faults.internalError(exit);
            case DEBUG, UNSUPPORTED ->
                    faults.of(
                            reason.name(),
                            "KVM: unhandled exit: exit_reason=0x"
                                    + Integer.toHexString(exit.exitReasonNumber()));
        };
    }

    private @Nullable Outcome port(KvmRun exit) {
        int port = exit.ioPort();
        try {
            boolean isCall =
                    exit.ioIsOut() && exit.ioSize() == HYPERCALL_SIZE && exit.ioCount() == 1;
            if (!isCall) {
                throw HypercallTable.misuse(port, exit.ioSize());
            }
            if (emulator != null && TrapEmulator.isTrapPort(port)) {
                return trap(emulator, port);
            }
            if (control != null && control.isInstruction(port)) {
                control.execute();
                return null;
            }
            return call(port, exit.ioValue());
        } catch (GuestException e) {
            return emulator != null && TrapEmulator.isTrapPort(port)
                    ? faults.trap(emulator, e.getMessage())
                    : faults.of(ExitReason.IO.name(), e.getMessage());
        }
    }

    // What a clone calls first of all, which no exit of its own has brought here.
    private @Nullable Outcome callAgain(ResumePoint from) {
        try {
            return call(from.port(), from.gpa());
        } catch (GuestException e) {
            return faults.beforeRun(ExitReason.IO.name(), e.getMessage());
        }
    }

    private @Nullable Outcome call(int port, long gpa) {
        try {
            return hypercalls.call(port, memory, gpa) ? null : ended();
        } catch (ParkedException e) {
            resume = new ResumePoint(emulator == null ? null : emulator.state(), port, gpa, null);
            throw e;
        }
    }

    /** Returns the hypercall that it goes on with, null if none. */
    @Nullable ResumePoint point() {
        return resume;
    }

    private @Nullable Outcome trap(TrapEmulator emulator, int port) {
        return switch (emulator.trap(port)) {
            case RESUME -> null;
            case HLT ->
                    endsByHlt()
                            ? new Outcome.Exited(0)
                            : faults.trap(emulator, "guest executed HLT, which its dialect lacks");
            case TRIPLE_FAULT ->
                    faults.trap(emulator, "guest triple fault: an exception without a handler");
        };
    }

    private Outcome hlt() {
        return endsByHlt()
                ? new Outcome.Exited(0)
                : faults.of(ExitReason.HLT.name(), "guest executed HLT, which its dialect lacks");
    }

    private boolean endsByHlt() {
        return dialect.spokenBy(facts.firstPort()).endsByHlt();
    }

    private Outcome ended() {
        int status = facts.halt().status();
        return status == Outcome.ABORT_STATUS
                ? new Outcome.Aborted(facts.halt().frame())
                : new Outcome.Exited(status);
    }

    /** Returns how often KVM_RUN returned. */
    long exits() {
        return exits;
    }

    /** Returns how many exceptions were handled at ring 3. */
    long traps() {
        return emulator == null ? 0 : emulator.traps();
    }
}
