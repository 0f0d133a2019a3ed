package jukvm.kvm;

import java.nio.ByteBuffer;
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
    private final Mapping arena = Mapping.anonymous(ARENA);
    private int control; // As KVM was told.

    VcpuDebug(KvmVcpu vcpu, Fd fd) {
        this.vcpu = vcpu;
        this.fd = fd;
    }

    /** Has KVM take over what was staged for it, and finish what the last exit was about. */
    public void settle() {
        boolean unused = vcpu.settle();
    }

    /**
     * Has breakpoints end KVM_RUN with {@link ExitReason#DEBUG} from now on.
     *
     * @param steps whether each instruction does, too
     * @throws jukvm.error.HostException if the kernel refuses
     */
    public void arm(boolean steps) {
        int control = KvmGuestDebug.ENABLE | KvmGuestDebug.USE_SW_BP;
        set(steps ? control | KvmGuestDebug.SINGLESTEP : control);
    }

    /** Has nothing end KVM_RUN for a debugger. */
    public void disarm() {
        set(0);
    }

    private void set(int wanted) {
        if (wanted == control && (wanted & KvmGuestDebug.SINGLESTEP) == 0) {
            return; // A step begins where the guest is, so that KVM is told of each.
        }
        control = wanted;
        arena.window(AT_DEBUG, KvmGuestDebug.SIZE).putInt(KvmGuestDebug.CONTROL, wanted);
        KvmCall.ioctl(fd, "KVM_SET_GUEST_DEBUG", SET_GUEST_DEBUG, arena.address() + AT_DEBUG);
    }

    /** Gets x87 and SSE state from the vCPU; the buffer is valid until the next call. */
    public ByteBuffer vectors() {
        KvmCall.ioctl(fd, "KVM_GET_XSAVE", VcpuState.GET_XSAVE, arena.address());
        ByteBuffer area = arena.window(0, VcpuState.XSAVE_SIZE);
        Xsave.spellOut(area);
        return area.slice(0, FXSAVE_SIZE).order(area.order());
    }

    /** Gives the buffer of {@link #vectors} to the vCPU. */
    public void setVectors() {
        KvmCall.ioctl(fd, "KVM_SET_XSAVE", VcpuState.SET_XSAVE, arena.address());
    }

    @Override
    public void close() {
        arena.close();
    }
}
