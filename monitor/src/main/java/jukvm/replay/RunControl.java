package jukvm.replay;

import java.nio.ByteBuffer;
import jukvm.guest.Outcome;
import jukvm.hypercall.Hypercalls;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.x86.CpuidTable;
import jukvm.x86.InstructionControl;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;

/**
 * Answers all that a guest asks of the world, hypercalls and instructions, in one run that is
 * recorded or replayed. Belongs to the vCPU's thread from {@link #begin} on.
 */
public abstract class RunControl implements Hypercalls, InstructionControl.Answers {
    private final RewrittenCode code;
    private @Nullable InstructionControl instructions;

    RunControl(RewrittenCode code) {
        this.code = code;
    }

    /** Where runs are controlled from: a recording that is written, or one that there is. */
    @FunctionalInterface
    public interface Source {
        /**
         * Returns what controls a run.
         *
         * @param code of its image
         */
        RunControl control(RewrittenCode code);
    }

    /** Returns the instructions that ask, which are written over in the guest's memory. */
    public final RewrittenCode code() {
        return code;
    }

    /**
     * Returns the frequency that the guest is told its counter has, in Hz.
     *
     * @param hosts that of the host
     */
    public abstract long tscHz(long hosts);

    /** Begins, just before the guest is entered. */
    public final void begin(ControlledGuest guest) {
        KvmVcpu vcpu = (KvmVcpu) guest.vm().vcpu();
        CpuidTable cpuid = begun(guest, vcpu);
        GuestMemory memory = guest.vm().memory();
        guest.image().seed().ifPresent(seed -> seed.renew(memory, this::fill));
        instructions = new InstructionControl(code, cpuid, this, vcpu, memory);
    }

    private void fill(ByteBuffer seed) {
        while (seed.hasRemaining()) {
            seed.putLong(random());
        }
    }

    abstract CpuidTable begun(ControlledGuest guest, KvmVcpu vcpu);

    /** Returns whether a write to a port is an instruction that asks. */
    public final boolean isInstruction(int port) {
        return port == RewrittenCode.PORT && instructions != null;
    }

    /**
     * Does the instruction at which the guest left.
     *
     * @throws jukvm.error.GuestException if it is none that was rewritten
     */
    public final void execute() {
        if (instructions != null) {
            instructions.execute();
        }
    }

    /**
     * Is told how the guest ended, before its memory is anybody else's.
     *
     * @throws jukvm.error.ConfigException if it was to end otherwise
     */
    public abstract void ended(Outcome outcome);
}
