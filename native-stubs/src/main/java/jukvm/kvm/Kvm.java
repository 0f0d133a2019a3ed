package jukvm.kvm;

import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.stream.Collectors;
import jukvm.error.HostException;
import jukvm.io.Requester;
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

    static final long GET_API_VERSION = Ioctl.io(0x00);
    static final long CREATE_VM = Ioctl.io(0x01);
    static final long CHECK_EXTENSION = Ioctl.io(0x03);
    static final long GET_VCPU_MMAP_SIZE = Ioctl.io(0x04);
    static final long GET_SUPPORTED_CPUID = Ioctl.iowr(0x05, KvmCpuid2.SIZE);

    // More than are closed at a time are not worth keeping.
    private static final int MAX_ARENAS = 64;

    private final Fd fd;
    private final Queue<VmArena> arenas = new ArrayBlockingQueue<>(MAX_ARENAS);
    private volatile boolean closed;
    private volatile long tscHz;
    private final int vcpuMmapSize;
    private final int syncable;
    private final boolean tellsTripleFaults;
    private @Nullable Mapping cpuid;

    // Of guests at ring 3, and at ring 0.
    private final @Nullable VcpuState[] vcpuStates = new VcpuState[2];
    private final int[][] msrs = new int[2][0];

    private Kvm(Fd fd, int vcpuMmapSize) {
        this.fd = fd;
        this.vcpuMmapSize = vcpuMmapSize;
        this.syncable = check(Capability.SYNC_REGS);
        this.tellsTripleFaults = check(Capability.X86_TRIPLE_FAULT_EVENT) != 0;
    }

    /**
     * Opens the device.
     *
     * @throws HostException if it is missing, not permitted, or of another version; with the remedy
     */
    public static Kvm open() {
        Fd fd = openDevice(Requester.self());
        try {
            int version = KvmCall.ioctl(fd, "KVM_GET_API_VERSION", GET_API_VERSION, 0);
            if (version != API_VERSION) {
                throw new HostException(
                        DEVICE,
                        "API version is " + version + ", jukvm requires version " + API_VERSION,
                        0,
                        "Run a kernel of 2.6.22 or newer.");
            }
            return new Kvm(fd, KvmCall.ioctl(fd, "KVM_GET_VCPU_MMAP_SIZE", GET_VCPU_MMAP_SIZE, 0));
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
    public static void requireAccess(Requester caller) {
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

    private static Fd openDevice(Requester caller) {
        int result = caller.open(DEVICE, Libc.O_RDWR, 0);
        if (result < 0) {
            throw Errno.exception(DEVICE + ": open", -result, remedy(-result));
        }
        return Fd.of(result, DEVICE, "open");
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENXIO, Errno.ENODEV -> Virtualisation.ofThisHost().remedy();
            case Errno.EACCES ->
                    "Add this user to the group of /dev/kvm: sudo usermod -aG kvm $USER, then log"
                            + " in again.";
            case Errno.EPERM ->
                    "Allow the device to this container (docker or podman run --device /dev/kvm)"
                            + " or unit (DeviceAllow=/dev/kvm rw).";
            case Errno.EBUSY ->
                    "Another hypervisor has the processor's virtualisation: stop it, or unload its"
                            + " module.";
            default -> "Run jukvm doctor.";
        };
    }

    // It is the same for all vCPUs of a host, and 0 until the first was asked.
    long tscHz(KvmVcpu vcpu) {
        if (tscHz == 0) {
            tscHz = vcpu.tscKhz() * 1000L;
        }
        return tscHz;
    }

    /** Returns the kernel's answer to KVM_CHECK_EXTENSION: 0 if absent, otherwise its extent. */
    public int check(Capability capability) {
        return KvmCall.ioctl(fd, "KVM_CHECK_EXTENSION", CHECK_EXTENSION, capability.number());
    }

    /**
     * Creates a VM without memory or vCPU.
     *
     * @throws HostException if the kernel refuses
     */
    public KvmVm createVm() {
        int vm = KvmCall.ioctl(fd, "KVM_CREATE_VM", CREATE_VM, 0);
        return new KvmVm(this, Fd.of(vm, "KVM VM", "KVM_CREATE_VM"));
    }

    /** Returns whether KVM_RUN takes registers and events over from the page it shares. */
    boolean syncsRegisters() {
        int wanted = KvmRun.SYNC_X86_REGS | KvmRun.SYNC_X86_SREGS | KvmRun.SYNC_X86_EVENTS;
        return (syncable & wanted) == wanted;
    }

    /** Returns whether a triple fault can be made one of a vCPU's pending events. */
    boolean tellsTripleFaults() {
        return tellsTripleFaults;
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
                KvmCall.ioctl(fd, "KVM_GET_SUPPORTED_CPUID", GET_SUPPORTED_CPUID, table.address());
            } catch (HostException e) {
                table.close();
                throw e;
            }
            CpuidMask.apply(KvmCpuid2.over(table));
            cpuid = table;
        }
        return Objects.requireNonNull(cpuid);
    }

    /** Returns what CPUID tells every guest. */
    public Cpuid shown() {
        return Cpuid.of(KvmCpuid2.over(cpuid()));
    }

    /**
     * Returns the numbers of the model-specific registers that can be read and set again at ring 0.
     *
     * @throws HostException if the host cannot tell, or refuses a VM
     */
    public Set<Integer> settableMsrs() {
        newVcpuState(true);
        synchronized (vcpuStates) {
            return Arrays.stream(msrs[1]).boxed().collect(Collectors.toUnmodifiableSet());
        }
    }

    /**
     * Returns the state every vCPU of the process begins in, which is that of one made for this at
     * the first call: it takes long, and nobody waits for a VM that is being cleaned.
     *
     * @param privileged whether all that a guest at ring 0 can change of it
     * @throws HostException if the host cannot tell all of it, or refuses a VM
     */
    VcpuState newVcpuState(boolean privileged) {
        int at = privileged ? 1 : 0;
        synchronized (vcpuStates) { // And not this: others begin meanwhile.
            VcpuState known = vcpuStates[at];
            if (known == null) {
                try (KvmVm vm = createVm();
                        KvmVcpu fresh = vm.createVcpu()) {
                    known = fresh.state(privileged);
                }
                vcpuStates[at] = known;
            }
            return known;
        }
    }

    /**
     * Returns the numbers of the model-specific registers that can be read and set again, for which
     * the vCPU given is tried if it is the first.
     *
     * @param privileged whether all of them, or those that a guest at ring 3 has set on its behalf
     */
    int[] msrs(Fd vcpu, boolean privileged) {
        int at = privileged ? 1 : 0;
        synchronized (vcpuStates) {
            int[] known = msrs[at];
            if (known.length == 0) {
                known = MsrTable.indexes(fd, vcpu, privileged);
                msrs[at] = known;
            }
            return known;
        }
    }

    /** Closes the device; VMs already made live on. */
    @Override
    public void close() {
        synchronized (vcpuStates) {
            for (int i = 0; i < vcpuStates.length; i++) {
                VcpuState open = vcpuStates[i];
                if (open != null) {
                    open.close();
                }
            }
        }
        closeDevice();
    }

    private synchronized void closeDevice() {
        closed = true;
        fd.close();
        for (VmArena arena = arenas.poll(); arena != null; arena = arenas.poll()) {
            arena.close();
        }
        if (cpuid != null) {
            cpuid.close();
            cpuid = null;
        }
    }
}
