package jukvm.kvm;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import jukvm.libc.Fd;
import jukvm.libc.Mapping;

/** What a debugger does with a vCPU that is not running, on the thread that runs it. */
public final class VcpuDebug implements AutoCloseable {
    /** Of {@link #vectors}: x87 and SSE state as FXSAVE has it, in bytes. */
    public static final int FXSAVE_SIZE = 512;

    static final long SET_GUEST_DEBUG = Ioctl.iow(0x9b, KvmGuestDebug.SIZE);
    private static final int AT_DEBUG = VcpuState.XSAVE_SIZE;
    private static final int ARENA = AT_DEBUG + KvmGuestDebug.SIZE;

    private final KvmVcpu vcpu;
    private final Fd fd;
    private final OptionalInt avx;
    private final Mapping arena = Mapping.anonymous(ARENA);
    private int control; // As KVM was told.

    /**
     * Makes one.
     *
     * @param avx where AVX registers are in the area of XSAVE, if there are some
     */
    VcpuDebug(KvmVcpu vcpu, Fd fd, OptionalInt avx) {
        this.vcpu = vcpu;
        this.fd = fd;
        this.avx = avx;
    }

    /** Has KVM take over what was staged for it, and finish what the last exit was about. */
    public void settle() {
        boolean unused = vcpu.settle();
    }

    /**
     * Has breakpoints end KVM_RUN with {@link ExitReason#DEBUG} from now on, and what is in the
     * debug registers, on a KVM that looks at them.
     *
     * @param steps whether each instruction does, too
     * @throws jukvm.error.HostException if the kernel refuses
     */
    public void arm(boolean steps, DebugRegisters registers) {
        int wanted = KvmGuestDebug.ENABLE | KvmGuestDebug.USE_SW_BP;
        wanted |= steps ? KvmGuestDebug.SINGLESTEP : 0;
        set(registers.isEmpty() ? wanted : wanted | KvmGuestDebug.USE_HW_BP, registers);
    }

    /** The same, with nothing in the debug registers. */
    public void arm(boolean steps) {
        arm(steps, new DebugRegisters());
    }

    /** Has nothing end KVM_RUN for a debugger. */
    public void disarm() {
        set(0, new DebugRegisters());
    }

    private void set(int wanted, DebugRegisters registers) {
        int anew = KvmGuestDebug.SINGLESTEP | KvmGuestDebug.USE_HW_BP;
        if (wanted == control && (wanted & anew) == 0) {
            return; // A step begins where the guest is, so that KVM is told of each.
        }
        control = wanted;
        ByteBuffer at = arena.window(AT_DEBUG, KvmGuestDebug.SIZE);
        at.putInt(KvmGuestDebug.CONTROL, wanted);
        registers.writeTo(at, KvmGuestDebug.DEBUGREG);
        KvmCall.ioctl(fd, "KVM_SET_GUEST_DEBUG", SET_GUEST_DEBUG, arena.address() + AT_DEBUG);
    }

    /** Returns whether there are AVX registers. */
    public boolean hasAvx() {
        return avx.isPresent();
    }

    /** Gets x87 and SSE state from the vCPU; the buffer is valid until the next call. */
    public ByteBuffer vectors() {
        return part(0, FXSAVE_SIZE);
    }

    /**
     * Gets likewise the upper halves of the AVX registers, 16 bytes each.
     *
     * @throws java.util.NoSuchElementException if there are none
     */
    public ByteBuffer upperHalves() {
        return part(avx.orElseThrow(), Xsave.AVX_SIZE);
    }

    /**
     * Gets likewise all of that as XSAVE has it in its standard format: x87, SSE and AVX.
     *
     * @throws java.util.NoSuchElementException if there are no AVX registers
     */
    public ByteBuffer extended() {
        return part(0, avx.orElseThrow() + Xsave.AVX_SIZE);
    }

    private ByteBuffer part(int from, int length) {
        KvmCall.ioctl(fd, "KVM_GET_XSAVE", VcpuState.GET_XSAVE, arena.address());
        ByteBuffer area = arena.window(0, VcpuState.XSAVE_SIZE);
        Xsave.spellOut(area);
        if (avx.isPresent()) {
            Xsave.spellOutAvx(area, avx.getAsInt());
        }
        return area.slice(from, length).order(area.order());
    }

    /** Gives the buffer that was got last to the vCPU. */
    public void setVectors() {
        KvmCall.ioctl(fd, "KVM_SET_XSAVE", VcpuState.SET_XSAVE, arena.address());
    }

    @Override
    public void close() {
        arena.close();
    }
}
