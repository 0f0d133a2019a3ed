package jukvm.vm;

import jukvm.abi.PrivilegeLevel;
import jukvm.error.HostException;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.KvmVm;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.ChargedMemory;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.process.ThreadClock;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A VM of this host's KVM. Belongs to one thread, as {@link GuestVm} says. */
final class KvmGuestVm implements GuestVm {
    private static final Logger LOG = LoggerFactory.getLogger(KvmGuestVm.class);

    private final VmKind kind;
    private final KvmVm vm;
    private final KvmVcpu vcpu;
    private GuestMemory memory;
    private final ThreadClock clock;
    private final KvmVms origin;
    private boolean isWarm;
    private boolean resettable = true;
    private @Nullable TemplateKey preparedFor;
    private @Nullable PageTableKey tables;

    /**
     * Creates one, of the calling thread whose clock is given.
     *
     * @param memory of the guests, all zero; it stays the caller's
     * @throws HostException if the kernel refuses
     */
    KvmGuestVm(KvmVms origin, VmKind kind, GuestMemory memory, ThreadClock clock) {
        this.origin = origin;
        this.kind = kind;
        this.memory = memory;
        this.clock = clock;
        this.vm = origin.kvm().createVm();
        try {
            showMemory();
            this.vcpu = vm.createVcpu();
        } catch (RuntimeException e) {
            vm.close();
            throw e;
        }
    }

    @Override
    public void show(GuestMemory other) {
        hideMemory();
        memory = other;
        showMemory();
        tables = null;
    }

    private void showMemory() {
        int slot = 0;
        long shown = 0;
        for (VmKind.Range range : kind.readOnly()) {
            vm.setMemory(slot++, memory, shown, range.start() - shown, false);
            vm.setMemory(slot++, memory, range.start(), range.end() - range.start(), true);
            shown = range.end();
        }
        vm.setMemory(slot, memory, shown, memory.size() - shown, false);
    }

    // KVM drops all it knows of memory whose slots go.
    private void forgetTables() {
        hideMemory();
        showMemory();
    }

    private void hideMemory() {
        for (int slot = 0; slot <= 2 * kind.readOnly().size(); slot++) {
            vm.setMemory(slot, memory, 0, 0, false);
        }
    }

    private boolean isPrivileged() {
        return kind.privilege() == PrivilegeLevel.RING_0;
    }

    @Override
    public void begin(GuestStart start) {
        expect(start.tables());
        ChargedMemory charged = start.charged();
        if (charged != null) {
            resettable = false; // Who answers for it may have been at its tables.
            charged.becomeThatOf(memory);
        }
        if (charged != null || !beginWith(start.template())) {
            start.layOut(memory);
        }
        if (start.key().equals(preparedFor)) {
            preparedFor = null;
            return;
        }
        forgetPrepared();
        if (!start.setRegisters(vcpu)) {
            throw new IllegalStateException(SnapshotState.CLOSED);
        }
    }

    private void forgetPrepared() {
        TemplateKey before = preparedFor;
        preparedFor = null;
        if (before != null && before.isSnapshot() && !vcpu.reset(isPrivileged())) {
            // It would be no more than a new one to other guests.
            throw new HostException("KVM vCPU", "cannot be reset", 0, "");
        }
    }

    @Override
    public void goOn(VcpuSnapshot saved, long nanos, PageTableKey expected) {
        forgetPrepared();
        tables = expected;
        if (!vcpu.goOn(saved, nanos)) {
            throw new IllegalStateException(SnapshotState.CLOSED);
        }
    }

    // A KVM that shadows page tables learns of changes by the guest alone; those of another guest
    // it must be made to forget.
    private void expect(PageTableKey expected) {
        if (tables != null && !expected.equals(tables)) {
            forgetTables();
        }
        tables = expected;
    }

    // Memory is clean; whether it begins with the template then, or else is zero.
    private boolean beginWith(@Nullable MemoryTemplate template) {
        if (memory.begunWith() == template) {
            return template != null;
        }
        if (template != null) {
            return memory.begin(template);
        }
        memory.clear();
        return false;
    }

    @Override
    public boolean clean() {
        if (!resettable) {
            return false;
        }
        try {
            if (!vcpu.reset(isPrivileged())) {
                return false;
            }
            isWarm = memory.begunWith() != null && memory.restore(origin.scan());
            if (memory.begunWith() == null) {
                memory.clear();
            }
            if (isPrivileged()) {
                forgetTables(); // Its guest may have written other ones.
            }
            return true;
        } catch (HostException e) {
            LOG.debug("VM: cannot be pooled: {}", e.getMessage());
            return false;
        }
    }

    // Nobody waits for it here, and what is made here is for all VMs to begin with.
    @Override
    public void prepare(GuestStart start) {
        if (memory.begunWith() == null && !beginWith(template(start))) {
            return;
        }
        if (start.setRegisters(vcpu)) {
            if (!isWarm) {
                start.populate(memory);
            }
            preparedFor = start.key();
        } else {
            beginWith(null); // Nobody will come for what is closed.
        }
    }

    private @Nullable MemoryTemplate template(GuestStart start) {
        MemoryTemplate known = start.template();
        Templates templates = origin.templates();
        if (known != null || !templates.isWanted(start.key())) {
            return known;
        }
        start.layOut(memory);
        MemoryTemplate made = templates.add(start.key(), () -> memory.template(memory.size()));
        memory.clear();
        return made;
    }

    @Override
    public boolean beginsWith(MemoryTemplate template) {
        return memory.begunWith() == template;
    }

    @Override
    public VcpuSnapshot save() {
        return vcpu.save(isPrivileged());
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public KvmVcpu vcpu() {
        return vcpu;
    }

    @Override
    public @Nullable TrapEmulator emulator() {
        return isPrivileged() ? null : new TrapEmulator(vcpu, memory);
    }

    @Override
    public FaultReport faults() {
        return new FaultReport(vcpu::getRegs, vcpu.regs(), memory, kind.privilege());
    }

    @Override
    public long tscHz() {
        return vcpu.tscHz();
    }

    @Override
    public Cpuid cpuid() {
        return origin.kvm().shown();
    }

    @Override
    public long cpuNanos() {
        return clock.nanos();
    }

    @Override
    public long ownBytes() {
        return memory.touched(origin.scan());
    }

    @Override
    public void close() {
        vcpu.close();
        vm.close();
        origin.templates().forgetUnused();
    }
}
