package jukvm.debug;

import java.util.Optional;
import jukvm.abi.PrivilegeLevel;
import jukvm.guest.Outcome;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import jukvm.replay.RunReplayer;
import jukvm.vm.DebugSupport;
import jukvm.vm.GuestVm;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU whose guest gdb stops and has go on. Exits that are the debugger's look like interruptions
 * to whoever runs it; then, when it is run again, gdb is served until the guest is to go on.
 *
 * <p>At ring 3 breakpoints and steps arrive at the monitor's trap stubs, like any exception. At
 * ring 0 KVM is told of them; one that emulates ring 0 does not know {@code int3} and gives up
 * there, which is then the breakpoint. What debug registers find is KVM's at both; while there is
 * something in them, so are steps.
 */
public final class DebuggedVcpu extends InspectedVcpu {
    private static final int VECTOR_DEBUG = 1;
    private static final int VECTOR_BREAKPOINT = 3;
    private static final String TRAP = "T05thread:1;";
    private static final String END = "T05replaylog:end;";
    static final String INTERRUPTED = "T02thread:1;";
    private static final String FAULT = "T0bthread:1;";
    private static final String ABORT = "T06thread:1;";

    private final GdbPeer peer;
    private final DebuggedRun run;
    private final boolean isRing3;
    private final GuestStops stops;
    private final GdbCommands commands;
    private @Nullable String pending; // Why gdb is to be served before the guest runs on.
    private boolean isSettled;
    private boolean isAnnounced;
    private boolean steps;
    private boolean isWatching; // Steps, and looks at memory after each.
    private boolean isOver;
    private @Nullable ReplayedVcpu replayed;
    private Loop loop = back -> false;
    private @Nullable Backwards backwards;
    private boolean wentBack;
    private boolean isEndTold;
    private volatile boolean isInterrupted;

    DebuggedVcpu(
            KvmVcpu vcpu,
            GuestMemory memory,
            PrivilegeLevel privilege,
            DebugSupport support,
            boolean isOnFault,
            GdbPeer peer,
            DebuggedRun run) {
        super(vcpu, memory, privilege);
        this.peer = peer;
        this.run = run;
        this.isRing3 = privilege == PrivilegeLevel.RING_3;
        this.stops = new GuestStops(memory, support.at(privilege));
        this.commands = new GdbCommands(state, stops, peer, run, debug.hasAvx());
        this.pending = isOnFault ? null : TRAP;
        peer.start(isOnFault ? this::interrupt : () -> {}, this::interrupt);
    }

    /** Has gdb go back, too: the guest is one that is replayed. */
    public void replays(
            GuestVm vm, RunReplayer replayer, @Nullable TrapEmulator emulator, Loop by) {
        replayed = new ReplayedVcpu(vm, debug, state, stops, replayer, emulator);
        loop = by;
        commands.goesBack();
        stops.useMemoryAlone(); // Ways back look for breakpoints there.
        replayer.debug(true);
    }

    /** Does what an exit asks for, as the guest's loop does. */
    @FunctionalInterface
    public interface Loop {
        /** Returns whether the guest goes on. */
        boolean handle(Vcpu.Return back);
    }

    private void interrupt() {
        isInterrupted = true;
        vcpu.kick();
    }

    @Override
    public Return run() {
        if (isOver) {
            return vcpu.run();
        }
        if (pending == null && replayed != null && replayed.replayer().isOver()) {
            pending = END;
        }
        String why = pending == null ? watch(stops.changedUnseen()) : pending;
        if (why != null) {
            pending = null;
            serve(why);
            return Return.INTERRUPTED;
        }
        if (backwards != null) {
            backwards.passed(!steps && !isWatching);
        }
        if (isWatching && isRing3) {
            state.trapAfterNext(true); // A handler, or the guest itself, may have cleared it.
        }
        state.setTrapped(false);
        Return back = vcpu.run();
        boolean isDebuggers = look(back);
        if (peer.isGone()) {
            pending = null;
            letGo();
        }
        return isDebuggers ? Return.INTERRUPTED : back;
    }

    // Returns whether the exit was for the debugger alone.
    private boolean look(Return back) {
        if (back == Return.INTERRUPTED) {
            return interrupted();
        }
        if (back != Return.EXIT) {
            return false;
        }
        KvmRun exit = vcpu.exit();
        ExitReason reason = exit.exitReason();
        if (reason == ExitReason.DEBUG) {
            return debugged();
        }
        if (reason == ExitReason.INTERNAL_ERROR && !isRing3 && stops.isBreakpoint(state.rip())) {
            return stop(TRAP + stops.reason(state.rip()));
        }
        return isTrap(back) && trapped(TrapEmulator.vector(exit.ioPort()));
    }

    private boolean isTrap(Return back) {
        return isRing3
                && back == Return.EXIT
                && vcpu.exit().exitReason() == ExitReason.IO
                && TrapEmulator.isTrapPort(vcpu.exit().ioPort());
    }

    private boolean stop(String why) {
        if (isRing3 && (steps || isWatching)) {
            state.trapAfterNext(false);
        }
        steps = false;
        isWatching = false;
        pending = isInterrupted && why.equals(TRAP) ? INTERRUPTED : why;
        isInterrupted = false;
        return true;
    }

    private boolean interrupted() {
        if (!isInterrupted) {
            return false;
        }
        if (state.isInStub()) {
            // Its code is reached after the stub, and then no further than an instruction.
            state.setTrapped(true);
            state.trapAfterNext(true);
            state.setTrapped(false);
            steps = true;
            return false;
        }
        return stop(TRAP);
    }

    private boolean trapped(int vector) {
        state.setTrapped(true);
        if (vector == VECTOR_BREAKPOINT && stops.isBreakpoint(state.rip() - 1)) {
            state.setRip(state.rip() - 1);
            return stop(TRAP + stops.reason(state.rip()));
        }
        if (vector == VECTOR_DEBUG && steps) {
            return stop(TRAP);
        }
        if (isWatching) {
            state.trapAfterNext(false); // Which is not for the guest's handlers to see.
            watched();
            return vector == VECTOR_DEBUG;
        }
        if (steps || isInterrupted) {
            stop(TRAP); // Once it is handled, which is part of the instruction.
        }
        return false;
    }

    // What KVM ends KVM_RUN for: at ring 0 a step or a breakpoint.
    private boolean debugged() {
        String found = stops.found(vcpu.exit().debugStatus());
        if (found != null) {
            return stop(TRAP + found);
        }
        if (stops.isBreakpoint(state.rip())) {
            return stop(TRAP + stops.reason(state.rip()));
        }
        return isWatching ? watched() : stop(TRAP);
    }

    // After an instruction; the exit was the debugger's own.
    private boolean watched() {
        String why = watch(stops.changed());
        if (why != null) {
            stop(why);
        } else if (isInterrupted) {
            stop(TRAP);
        }
        return true;
    }

    private static @Nullable String watch(GuestStops.@Nullable Range changed) {
        return changed == null ? null : TRAP + "watch:" + Long.toHexString(changed.gpa()) + ";";
    }

    private void serve(String reason) {
        String why = reason;
        if (!isSettled) {
            isSettled = true;
            debug.settle(); // Of what was staged the vCPU does not know before.
            backwards =
                    replayed == null
                            ? null
                            : new Backwards(replayed, new Retracing(this, replayed));
        }
        run.waits(!peer.isHere());
        wentBack = false;
        if (isAnnounced) {
            peer.send(why);
        }
        isAnnounced = true; // Of the first stop gdb asks when it has connected.
        while (!run.isStopped()) {
            if (peer.isGone()) {
                letGo();
                return;
            }
            String packet = peer.next();
            if (packet == null) {
                continue;
            }
            String answer = commands.answer(packet, why);
            if (answer != null) {
                peer.send(answer);
            }
            String there = backwards == null ? null : back(backwards);
            if (there != null) {
                why = there;
                peer.send(why);
            } else if (isResumed()) {
                return;
            }
        }
    }

    private boolean isResumed() {
        switch (commands.next()) {
            case STAY, BACK, STEP_BACK -> {
                return false;
            }
            case CONTINUE, STEP -> {
                boolean byStep = commands.next() == GdbCommands.Next.STEP;
                resume(byStep, stops.areWatching() && !byStep);
                if (backwards != null) {
                    backwards.setsOut();
                }
            }
            case DETACH -> letGo();
            case KILL -> run.kill();
        }
        return true;
    }

    private @Nullable String back(Backwards by) {
        String why =
                switch (commands.next()) {
                    case BACK -> by.goOn();
                    case STEP_BACK -> by.step();
                    default -> null;
                };
        wentBack |= why != null;
        return why;
    }

    /** Has the guest set out, without gdb: for one instruction, or to a breakpoint. */
    void setOut(boolean byStep) {
        resume(byStep, false);
    }

    /** Returns whether a guest that was set out may run on. */
    boolean mayRun() {
        boolean isAtEnd = replayed != null && replayed.replayer().isOver();
        return !run.isStopped() && !peer.isGone() && !isAtEnd;
    }

    /** Runs a guest that was set out to its next exit; false if it has ended there. */
    boolean advance() {
        state.setTrapped(false);
        Return back = vcpu.run();
        return look(back) || loop.handle(back);
    }

    /** Returns why a guest that was set out stopped, as a stop reply; null if it has not. */
    @Nullable String takeStop() {
        String why = pending;
        pending = null;
        return why;
    }

    /** Serves gdb at the end of a replayed guest; true if it is elsewhere then and goes on. */
    public boolean goesBackFrom(Outcome outcome) {
        if (isOver || backwards == null || run.isStopped()) {
            return false;
        }
        isEndTold = true;
        serve(
                switch (outcome.kind()) {
                    case FAULTED -> FAULT;
                    case ABORTED -> ABORT;
                    default -> END;
                });
        return wentBack && !isOver && !run.isStopped();
    }

    private void resume(boolean byStep, boolean watching) {
        steps = byStep;
        isWatching = watching;
        debug.arm(!isRing3 && (byStep || isWatching), stops.registers());
        if (byStep && isRing3) {
            state.trapAfterNext(true);
        }
    }

    // The guest goes on as if there had never been a debugger.
    private void letGo() {
        if (!isOver) {
            isOver = true;
            stops.clear();
            debug.disarm();
            if (isRing3 && (steps || isWatching)) {
                state.setTrapped(state.isTrapped() || state.isInStub());
                state.trapAfterNext(false);
            }
            peer.close();
            if (backwards != null) {
                backwards.close();
                backwards = null;
            }
            if (replayed != null) {
                replayed.replayer().debug(false);
            }
        }
    }

    /**
     * Tells gdb how the guest ended; of a fault or an abort before it is over, for gdb to look
     * around.
     */
    public void ended(Optional<Outcome> outcome) {
        if (!isOver) {
            outcome.ifPresent(this::tell);
            letGo();
        }
        debug.close();
    }

    private void tellFirst(String why) {
        if (!isEndTold) {
            serve(why);
        }
    }

    private void tell(Outcome outcome) {
        switch (outcome.kind()) {
            case FAULTED -> tellFirst(FAULT);
            case ABORTED -> tellFirst(ABORT);
            default -> {}
        }
        peer.send(
                outcome.exitStatus().isPresent()
                        ? String.format("W%02x", outcome.exitStatus().getAsInt() & 0xff)
                        : "X09");
    }
}
