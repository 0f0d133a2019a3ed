package jukvm.kvm;

import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/** The vCPU of a VM, with its registers. Belongs to a thread as {@link Vcpu} says. */
public final class KvmVcpu implements Vcpu, VcpuRegisters, AutoCloseable {
    static final long RUN = Ioctl.io(0x80);
    static final long GET_REGS = Ioctl.ior(0x81, KvmRegs.SIZE);
    static final long SET_REGS = Ioctl.iow(0x82, KvmRegs.SIZE);
    static final long GET_SREGS = Ioctl.ior(0x83, KvmSregs.SIZE);
    static final long SET_SREGS = Ioctl.iow(0x84, KvmSregs.SIZE);
    static final long SET_SIGNAL_MASK = Ioctl.iow(0x8b, KickSignal.MASK_SIZE);
    static final long SET_CPUID2 = Ioctl.iow(0x90, KvmCpuid2.SIZE);
    static final long GET_TSC_KHZ = Ioctl.io(0xa3);
    private static final Libc LIBC = Libc.get();
    private static final int NO_THREAD = 0;
    private static final double NANOS = 1e9;
    private static final long FAR_SECONDS = 10;

    private final KvmVm vm;
    private final Fd fd;
    private final Mapping shared;
    private final KvmRun exit;
    private final KvmRegs regs;
    private final KvmSregs sregs;
    private final KvmMsrs msrs;
    private volatile int thread = NO_THREAD;
    private int masked = NO_THREAD; // The one that blocks the signal, for this vCPU to open.
    private boolean msrsChanged;
    private boolean counterMoved;
    private boolean hasLeft; // When it was to settle: the next run begins with that.
    private final Patience patience = new Patience();

    KvmVcpu(KvmVm vm, Fd fd, Kvm kvm) {
        this.vm = vm;
        this.fd = fd;
        try {
            this.shared = fd.map(kvm.vcpuMmapSize());
        } catch (HostException e) {
            fd.close();
            throw e;
        }
        this.exit = new KvmRun(shared.window(0, shared.length()));
        this.regs = new KvmRegs(vm.slice(KvmVm.AT_REGS, KvmRegs.SIZE));
        this.sregs = new KvmSregs(vm.slice(KvmVm.AT_SREGS, KvmSregs.SIZE));
        this.msrs = new KvmMsrs(vm.slice(KvmVm.AT_MSRS, KvmMsrs.SIZE + KvmMsrs.ENTRY_SIZE));
        try {
            KvmCall.ioctl(fd, "KVM_SET_CPUID2", SET_CPUID2, kvm.cpuid().address());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public synchronized void attach() {
        int current = KickSignal.currentThread();
        if (current != masked) {
            KickSignal.block(
                    vm.slice(KvmVm.AT_SIGNALS, KickSignal.ARENA), vm.address(KvmVm.AT_SIGNALS));
            KvmCall.ioctl(fd, "KVM_SET_SIGNAL_MASK", SET_SIGNAL_MASK, vm.address(KvmVm.AT_SIGNALS));
            masked = current;
        }
        thread = current;
    }

    @Override
    public synchronized void detach() {
        if (thread != NO_THREAD) {
            thread = NO_THREAD;
            KickSignal.consume(vm.address(KvmVm.AT_SIGNALS));
        }
    }

    @Override
    public synchronized void kick() {
        if (thread != NO_THREAD) {
            KickSignal.send(thread);
        }
    }

    /**
     * Runs the guest until it leaves.
     *
     * @throws HostException if the kernel cannot run it, for want of memory for instance, or of a
     *     thread for as long as there is {@link Patience}
     */
    @Override
    public Return run() {
        if (hasLeft) {
            hasLeft = false;
            return Return.EXIT;
        }
        int result = LIBC.ioctl(fd.number(), RUN, 0);
        if (result >= 0) {
            patience.restore();
            return Return.EXIT;
        }
        return failed(-result);
    }

    private Return failed(int errno) {
        if (errno == Errno.EAGAIN && patience.allows(errno)) {
            return Return.INTERRUPTED; // Whoever runs it looks whether it is to be stopped.
        }
        patience.restore();
        return switch (errno) {
            case Errno.EINTR -> {
                if (thread != NO_THREAD) {
                    KickSignal.consume(vm.address(KvmVm.AT_SIGNALS));
                }
                yield Return.INTERRUPTED;
            }
            case Errno.EFAULT -> Return.FAULT;
            default -> throw KvmCall.failure("KVM: ioctl (RUN)", errno);
        };
    }

    @Override
    public KvmRun exit() {
        return exit;
    }

    @Override
    public KvmRegs regs() {
        return regs;
    }

    @Override
    public KvmSregs sregs() {
        return sregs;
    }

    @Override
    public KvmRegs getRegs() {
        KvmCall.ioctl(fd, "KVM_GET_REGS", GET_REGS, vm.address(KvmVm.AT_REGS));
        return regs;
    }

    @Override
    public void setRegs() {
        KvmCall.ioctl(fd, "KVM_SET_REGS", SET_REGS, vm.address(KvmVm.AT_REGS));
    }

    @Override
    public KvmSregs getSregs() {
        KvmCall.ioctl(fd, "KVM_GET_SREGS", GET_SREGS, vm.address(KvmVm.AT_SREGS));
        return sregs;
    }

    @Override
    public void setSregs() {
        KvmCall.ioctl(fd, "KVM_SET_SREGS", SET_SREGS, vm.address(KvmVm.AT_SREGS));
    }

    @Override
    public void setAllRegs() {
        exit.putCr8(sregs.cr8());
        KvmRun staged = staged();
        if (staged != null) {
            staged.stageRegisters(
                    vm.slice(KvmVm.AT_REGS, KvmRegs.SIZE), vm.slice(KvmVm.AT_SREGS, KvmSregs.SIZE));
        } else {
            setSregs();
            setRegs();
        }
    }

    private @Nullable KvmRun staged() {
        return vm.kvm().syncsRegisters() ? exit : null;
    }

    @Override
    public boolean setMsr(int index, long value) {
        msrsChanged = true;
        msrs.count(1).put(0, index, value);
        return KvmCall.ioctl(fd, "KVM_SET_MSRS", MsrTable.SET_MSRS, vm.address(KvmVm.AT_MSRS)) == 1;
    }

    /**
     * Makes the vCPU as it was before its guest, but for general and special registers, which
     * whoever starts the next guest sets whole.
     *
     * @param privileged whether its guest was one of ring 0; one of ring 3 cannot reach control,
     *     debug and model-specific registers, and those that were set on its behalf are known
     * @return false if its guest left an instruction half done; the vCPU is good for nothing then
     * @throws HostException if the host does not take all of it; the same
     */
    public boolean reset(boolean privileged) {
        if (!settle()) {
            return false;
        }
        VcpuState asNew = vm.kvm().newVcpuState(privileged);
        if (!asNew.giveTo(fd, staged(), privileged || msrsChanged)) {
            throw new IllegalStateException("KVM is closed");
        }
        if (counterMoved) {
            counterMoved = false;
            setCounter(1); // Not 0, by which it would go on as its VM's does by now.
        }
        // To KVM, 0 from the host means a vCPU that begins, and has its counter go with its VM's.
        boolean counts = !privileged || setMsr(MsrTable.MSR_IA32_TSC, 0);
        msrsChanged = false;
        return counts;
    }

    /**
     * Returns all of what the vCPU is, its last exit finished; on its thread.
     *
     * @param privileged whether its guest is one of ring 0
     * @throws HostException if the host cannot tell all of it
     */
    public VcpuSnapshot save(boolean privileged) {
        if (!settle()) {
            throw new HostException("KVM vCPU", "an instruction is half done", 0, "");
        }
        getRegs();
        getSregs();
        VcpuState asNew = vm.kvm().newVcpuState(privileged);
        return new VcpuSnapshot(
                bytes(KvmVm.AT_REGS, KvmRegs.SIZE),
                bytes(KvmVm.AT_SREGS, KvmSregs.SIZE),
                state(privileged).since(asNew),
                counter());
    }

    /** Returns what the vCPU, which is at rest, keeps beside general and special registers. */
    VcpuState state(boolean privileged) {
        return VcpuState.of(fd, privileged, vm.kvm().msrs(fd, privileged));
    }

    /**
     * Makes the vCPU, which is as new, what another was.
     *
     * @return false if the snapshot is closed
     * @throws HostException if the host does not take all of it; the vCPU is good for nothing then
     */
    public boolean restore(VcpuSnapshot saved) {
        vm.slice(KvmVm.AT_SREGS, KvmSregs.SIZE).put(0, saved.sregs());
        vm.slice(KvmVm.AT_REGS, KvmRegs.SIZE).put(0, saved.regs());
        setAllRegs();
        msrsChanged |= saved.hasMsrs();
        if (!saved.giveState(fd, staged())) {
            return false;
        }
        if (Long.compareUnsigned(counter(), saved.counter()) < 0) {
            // KVM takes a write to within a second of what it expects for one that is to keep vCPUs
            // together, and changes nothing.
            setCounter(saved.counter() + 2 * tscHz());
            counterMoved = true;
        }
        return true;
    }

    /**
     * Makes the vCPU, which is as new, what the same guest's was, whose time has gone on.
     *
     * @param nanos for how long it was no vCPU's
     * @return as {@link #restore}
     * @throws HostException as there
     */
    public boolean goOn(VcpuSnapshot saved, long nanos) {
        if (!restore(saved)) {
            return false;
        }
        long due = saved.counter() + (long) (nanos / NANOS * tscHz());
        setCounter(due + FAR_SECONDS * tscHz()); // As in restore: what is near KVM may not take.
        setCounter(due);
        counterMoved = true;
        return true;
    }

    // Guests take differences of it for unsigned: it must never go back.
    private long counter() {
        msrs.count(1).put(0, MsrTable.MSR_IA32_TSC, 0);
        KvmCall.ioctl(fd, "KVM_GET_MSRS", MsrTable.GET_MSRS, vm.address(KvmVm.AT_MSRS));
        return msrs.data(0);
    }

    private void setCounter(long value) {
        msrs.count(1).put(0, MsrTable.MSR_IA32_TSC, value);
        if (KvmCall.ioctl(fd, "KVM_SET_MSRS", MsrTable.SET_MSRS, vm.address(KvmVm.AT_MSRS)) != 1) {
            throw new HostException("KVM vCPU", "its time-stamp counter cannot be set", 0, "");
        }
    }

    private byte[] bytes(int offset, int size) {
        byte[] bytes = new byte[size];
        vm.slice(offset, size).get(0, bytes);
        return bytes;
    }

    // The kernel finishes an exit when it is entered again: it must not be by the next guest. An
    // instruction that needs several, as one that repeats, leaves anew instead of being
    // interrupted. It is not finished by asking until it is: the guest chose how often that is.
    boolean settle() {
        if (hasLeft) {
            return false;
        }
        exit.setImmediateExit(true);
        int result = LIBC.ioctl(fd.number(), RUN, 0);
        exit.setImmediateExit(false);
        hasLeft = result >= 0;
        return result == -Errno.EINTR;
    }

    /** Returns where the guest goes on, once its last exit is finished. */
    public long settledRip() {
        boolean unused = settle();
        return getRegs().get(KvmRegs.Reg.RIP);
    }

    /**
     * Returns what guests are told of the processor: entries of function, index, flags, eax, ebx,
     * ecx and edx, a u32 each.
     */
    public byte[] cpuid() {
        return KvmCpuid2.over(vm.kvm().cpuid()).bytes();
    }

    /**
     * Returns the frequency of guests' time-stamp counters in Hz; the kernel is asked once.
     *
     * @throws HostException if the host's counter is unstable
     */
    public long tscHz() {
        return vm.kvm().tscHz(this);
    }

    int tscKhz() {
        return KvmCall.ioctl(fd, "KVM_GET_TSC_KHZ", GET_TSC_KHZ, 0);
    }

    /** Returns what a debugger does with the vCPU; closed by whoever asks for it. */
    public VcpuDebug debug() {
        return new VcpuDebug(this, fd, vm.kvm().shown().avxPlace());
    }

    /** Closes the vCPU. The kernel frees the VM only when this mapping is gone too. */
    @Override
    public void close() {
        shared.close();
        fd.close();
    }
}
