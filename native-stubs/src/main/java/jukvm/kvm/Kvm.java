package jukvm.kvm;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import jukvm.error.HostException;
import jukvm.io.Caller;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * {@code /dev/kvm}: what is the same for every VM of the process is asked here, once.
 *
 * <p>May be used from any thread.
 */
public final class Kvm implements AutoCloseable {
    /** The device. */
    public static final String DEVICE = "/dev/kvm";

    /** The only version of the interface there has been since Linux 2.6.22. */
    public static final int API_VERSION = 12;

    private static final Libc LIBC = Libc.get();

    private static final long NUMBER = 10 << 8 | 232; // linux/miscdevice.h, KVM_MINOR

    private static final long GET_API_VERSION = Ioctl.io(0x00);
    private static final long CREATE_VM = Ioctl.io(0x01);
    private static final long CHECK_EXTENSION = Ioctl.io(0x03);
    private static final long GET_VCPU_MMAP_SIZE = Ioctl.io(0x04);
    private static final long GET_SUPPORTED_CPUID = Ioctl.iowr(0x05, KvmCpuid2.SIZE);

    // More than are closed at a time are not worth keeping.
    private static final int MAX_ARENAS = 64;

    private final Fd fd;
    private final Queue<VmArena> arenas = new ArrayBlockingQueue<>(MAX_ARENAS);
    private volatile boolean closed;
    private final int vcpuMmapSize;
    private final int syncable;
    private @Nullable Mapping cpuid;
    private @Nullable VcpuState vcpuState;

    private Kvm(Fd fd, int vcpuMmapSize) {
        this.fd = fd;
        this.vcpuMmapSize = vcpuMmapSize;
        this.syncable = check(Capability.SYNC_REGS);
    }

    /**
     * Opens the device.
     *
     * @throws HostException if it is missing, not permitted, or of another version; with the remedy
     */
    public static Kvm open() {
        Fd fd = openDevice(Caller.self());
        try {
            int version = fd.ioctl("KVM_GET_API_VERSION", GET_API_VERSION, 0);
            if (version != API_VERSION) {
                throw new HostException(
                        DEVICE,
                        "API version is " + version + ", jukvm requires version " + API_VERSION,
                        0,
                        "Run a kernel of 2.6.22 or newer.");
            }
            return new Kvm(fd, fd.ioctl("KVM_GET_VCPU_MMAP_SIZE", GET_VCPU_MMAP_SIZE, 0));
        } catch (HostException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Throws unless a caller may open the device.
     *
     * @throws HostException if it is missing or not permitted, as {@link #open} says it, or the
     *     caller gave something else for it, or what cannot be used
     */
    public static void requireAccess(Caller caller) {
        try (Fd fd = openDevice(caller)) {
            Stat given = Stat.of(fd);
            if (!given.is(Stat.CHARACTER_DEVICE) || given.special() != NUMBER || !isUsable(fd)) {
                throw new HostException(
                        DEVICE + ": open", "it is not the device of KVM", Errno.ENXIO, "");
            }
        }
    }

    // Whoever may not open it can still name it, by O_PATH.
    private static boolean isUsable(Fd fd) {
        int flags = LIBC.fcntl(fd.number(), Libc.F_GETFL, 0);
        return (flags & Libc.O_PATH) == 0 && (flags & Libc.O_ACCMODE) == Libc.O_RDWR;
    }

    private static Fd openDevice(Caller caller) {
        int result = caller.open(DEVICE, Libc.O_RDWR, 0);
        if (result < 0) {
            throw Errno.exception(DEVICE + ": open", -result, remedy(-result));
        }
        return Fd.of(result, DEVICE, "open");
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENXIO, Errno.ENODEV ->
                    "Enable virtualisation in the firmware (or nested virtualisation in the"
                            + " hypervisor), then load a module: modprobe kvm_intel or kvm_amd.";
            case Errno.EACCES, Errno.EPERM ->
                    "Add this user to the group of /dev/kvm: sudo usermod -aG kvm $USER, then log"
                            + " in again.";
            case Errno.EBUSY ->
                    "Another hypervisor has the processor's virtualisation: stop it, or unload its"
                            + " module.";
            default -> "Run jukvm doctor.";
        };
    }

    /** Returns the kernel's answer to KVM_CHECK_EXTENSION: 0 if absent, otherwise its extent. */
    public int check(Capability capability) {
        return fd.ioctl("KVM_CHECK_EXTENSION", CHECK_EXTENSION, capability.number());
    }

    /**
     * Creates a VM without memory or vCPU.
     *
     * @throws HostException if the kernel refuses
     */
    public KvmVm createVm() {
        int vm = fd.ioctl("KVM_CREATE_VM", CREATE_VM, 0);
        return new KvmVm(this, Fd.of(vm, "KVM VM", "KVM_CREATE_VM"));
    }

    /** Returns whether KVM_RUN takes registers and events over from the page it shares. */
    boolean syncsRegisters() {
        int wanted = KvmRun.SYNC_X86_REGS | KvmRun.SYNC_X86_SREGS | KvmRun.SYNC_X86_EVENTS;
        return (syncable & wanted) == wanted;
    }

    /** Returns an arena for a new VM, all zero. */
    VmArena takeArena() {
        VmArena kept = arenas.poll();
        return kept == null ? new VmArena() : kept;
    }

    /** Takes an arena back from a VM that is closed. */
    void giveArena(VmArena arena) {
        arena.clear();
        boolean kept = !closed && arenas.offer(arena);
        if (!kept) {
            arena.close();
        }
    }

    Fd fd() {
        return fd;
    }

    int vcpuMmapSize() {
        return vcpuMmapSize;
    }

    /** Returns the masked table every vCPU of the process is given; the kernel is asked once. */
    synchronized Mapping cpuid() {
        if (cpuid == null) {
            Mapping table = KvmCpuid2.allocate();
            try {
                fd.ioctl("KVM_GET_SUPPORTED_CPUID", GET_SUPPORTED_CPUID, table.address());
            } catch (HostException e) {
                table.close();
                throw e;
            }
            CpuidMask.apply(KvmCpuid2.over(table));
            cpuid = table;
        }
        return Objects.requireNonNull(cpuid);
    }

    /**
     * Returns the state every vCPU of the process begins in, taken from the one given if it is the
     * first.
     */
    synchronized VcpuState newVcpuState(Fd vcpu) {
        if (vcpuState == null) {
            vcpuState = VcpuState.of(fd, vcpu);
        }
        return Objects.requireNonNull(vcpuState);
    }

    /** Closes the device; VMs already made live on. */
    @Override
    public synchronized void close() {
        closed = true;
        fd.close();
        for (VmArena arena = arenas.poll(); arena != null; arena = arenas.poll()) {
            arena.close();
        }
        if (cpuid != null) {
            cpuid.close();
            cpuid = null;
        }
        if (vcpuState != null) {
            vcpuState.close();
            vcpuState = null;
        }
    }
}
