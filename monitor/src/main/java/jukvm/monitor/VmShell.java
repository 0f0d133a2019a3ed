package jukvm.monitor;

import java.util.List;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.HostException;
import jukvm.image.Segment;
import jukvm.io.Doorbell;
import jukvm.io.ThreadClock;
import jukvm.kvm.Kvm;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.KvmVm;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.PageScan;
import org.jspecify.annotations.Nullable;

/** A VM with its vCPU, but no guest yet, or none any more. Belongs to one thread. */
final class VmShell implements AutoCloseable {
    private final ShellKind kind;
    private final KvmVm vm;
    private final KvmVcpu vcpu;
    private final GuestMemory memory;
    private final ThreadClock clock;
    private boolean resettable;
    private boolean isWarm;
    private @Nullable TemplateKey preparedFor;
    private @Nullable Tables expected;

    /**
     * What the page tables of a guest follow from, beside its ring and memory.
     *
     * @param segments of its image
     * @param ownsLowMemory as its dialect says
     */
    record Tables(List<Segment> segments, boolean ownsLowMemory) {}

    private VmShell(ShellKind kind, KvmVm vm, KvmVcpu vcpu, GuestMemory memory, ThreadClock clock) {
        this.kind = kind;
        this.clock = clock;
        this.vm = vm;
        this.vcpu = vcpu;
        this.memory = memory;
    }

    /**
     * Creates one, of the calling thread whose clock is given.
     *
     * @param memory of the guests, all zero; it stays the caller's
     * @throws HostException if the kernel refuses
     */
    static VmShell create(Kvm kvm, ShellKind kind, GuestMemory memory, ThreadClock clock) {
        KvmVm vm = kvm.createVm();
        try {
            showMemory(vm, memory, kind);
            return new VmShell(kind, vm, vm.createVcpu(), memory, clock);
        } catch (RuntimeException e) {
            vm.close();
            throw e;
        }
    }

    private static void showMemory(KvmVm vm, GuestMemory memory, ShellKind kind) {
        int slot = 0;
        long shown = 0;
        for (ShellKind.Range range : kind.readOnly()) {
            vm.setMemory(slot++, memory, shown, range.start() - shown, false);
            vm.setMemory(slot++, memory, range.start(), range.end() - range.start(), true);
            shown = range.end();
        }
        vm.setMemory(slot, memory, shown, memory.size() - shown, false);
    }

    /** Notes what it is like before its first guest, so that it can be so again. */
    void prepareReset() {
        resettable = vcpu.prepareReset();
    }

    /**
     * Makes it as if no guest had been there.
     *
     * @param scan finds what its guest has written
     * @return false if it cannot be; it is to be closed then
     */
    boolean reset(PageScan scan) {
        if (!resettable) {
            return false;
        }
        try {
            if (!vcpu.reset(kind.ring() == PrivilegeLevel.RING_0)) {
                return false;
            }
            isWarm = memory.begunWith() != null && memory.restore(scan);
            if (memory.begunWith() == null) {
                memory.clear();
            }
            if (kind.ring() == PrivilegeLevel.RING_0) {
                forgetTables(); // Its guest may have written other ones.
            }
            return true;
        } catch (HostException e) {
            return false;
        }
    }

    /** Returns whether its memory is as its last guest had it mapped, and need not be populated. */
    boolean isWarm() {
        return isWarm;
    }

    /**
     * Tells it whose page tables its memory will hold. A KVM that shadows page tables learns of
     * changes by the guest alone; those of another guest it must be made to forget.
     *
     * @throws HostException if the host refuses
     */
    void expect(Tables tables) {
        if (expected != null && !tables.equals(expected)) {
            forgetTables();
        }
        expected = tables;
    }

    // KVM drops all it knows of memory whose slots go.
    private void forgetTables() {
        for (int slot = 0; slot <= 2 * kind.readOnly().size(); slot++) {
            vm.setMemory(slot, memory, 0, 0, false);
        }
        showMemory(vm, memory, kind);
    }

    /**
     * Makes its memory, which is clean, begin with a template.
     *
     * @param template null for zeroes
     * @return whether it does; otherwise it is zero
     */
    boolean begin(@Nullable MemoryTemplate template) {
        if (memory.begunWith() == template) {
            return template != null;
        }
        if (template != null) {
            return memory.begin(template);
        }
        memory.clear();
        return false;
    }

    /** Notes that a guest of this kind finds its registers set. */
    void prepared(TemplateKey key) {
        preparedFor = key;
    }

    /**
     * Returns whether a guest of this kind finds its registers set; true once.
     *
     * @throws HostException if they are set for another, and cannot be reset
     */
    boolean isPreparedFor(TemplateKey key) {
        TemplateKey before = preparedFor;
        preparedFor = null;
        if (before != null && before.isSnapshot() && !key.equals(before)) {
            // It is no more than a new one to others.
            if (!vcpu.reset(kind.ring() == PrivilegeLevel.RING_0)) {
                throw new HostException("KVM vCPU", "cannot be reset", 0, "");
            }
        }
        return key.equals(before);
    }

    /**
     * Makes a write of the guest to a port ring a doorbell without ending KVM_RUN. A VM is good for
     * one guest after that.
     */
    void ringAt(int port, Doorbell bell) {
        resettable = false;
        vm.ringAt(port, bell);
    }

    KvmVcpu vcpu() {
        return vcpu;
    }

    /** Returns the clock of the thread it belongs to. */
    ThreadClock clock() {
        return clock;
    }

    GuestMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        vcpu.close();
        vm.close();
    }
}
