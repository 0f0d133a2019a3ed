package jukvm.vm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.FakeVcpu;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/** A VM whose guest is a script, in real memory. Everything the pool asks of it is counted. */
public class FakeVm implements GuestVm {
    public final FakeVcpu vcpu = new FakeVcpu();
    public final AtomicInteger cleaned = new AtomicInteger();
    final AtomicInteger prepared = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile boolean canBeCleaned = true;
    private GuestMemory memory;

    public FakeVm(GuestMemory memory) {
        this.memory = memory;
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public FakeVcpu vcpu() {
        return vcpu;
    }

    @Override
    public @Nullable TrapEmulator emulator() {
        return null;
    }

    @Override
    public FaultReport faults() {
        ByteBuffer zeroes = ByteBuffer.allocate(KvmRegs.SIZE).order(ByteOrder.nativeOrder());
        KvmRegs regs = new KvmRegs(zeroes);
        return new FaultReport(() -> regs, regs, memory, PrivilegeLevel.RING_0);
    }

    @Override
    public long tscHz() {
        return 1_000_000_000;
    }

    @Override
    public Cpuid cpuid() {
        throw new UnsupportedOperationException("there is no vCPU");
    }

    @Override
    public long cpuNanos() {
        return 0;
    }

    @Override
    public long ownBytes() {
        return 0;
    }

    @Override
    public void begin(GuestStart start) {}

    @Override
    public VcpuSnapshot save() {
        throw new UnsupportedOperationException("there is no vCPU");
    }

    @Override
    public void show(GuestMemory other) {
        memory = other;
    }

    @Override
    public void goOn(VcpuSnapshot saved, long nanos, PageTableKey tables) {
        throw new UnsupportedOperationException("there is no vCPU");
    }

    @Override
    public boolean clean() {
        cleaned.incrementAndGet();
        return canBeCleaned;
    }

    @Override
    public void prepare(GuestStart start) {
        prepared.incrementAndGet();
    }

    @Override
    public boolean beginsWith(MemoryTemplate template) {
        return memory.begunWith() == template;
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
