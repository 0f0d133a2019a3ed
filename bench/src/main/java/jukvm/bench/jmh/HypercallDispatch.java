package jukvm.bench.jmh;

import java.util.concurrent.TimeUnit;
import jukvm.abi.Dialect;
import jukvm.bench.action.Levels;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.hypercall.Hypercalls;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the monitor takes to answer a hypercall, in nanoseconds each: from the port that the guest
 * wrote to, through the table of its dialect, to the answer in its memory. The way out of the VM
 * and back is not in it; {@link ExitRoundTrip} is that.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HypercallDispatch {
    // Ports of hvt; source: hvt_abi.h, enum hvt_hypercall.
    private static final int WALLTIME = 0x501;
    private static final int PUTS = 0x502;

    private static final long TIME = 0x200000;
    private static final long TEXT = 0x200040;
    private static final long BYTES = 0x201000;
    private static final long LENGTH = 64;

    private final GuestMemory memory = GuestMemory.allocate((long) Levels.MEMORY_MIB << 20);
    private final WallClock clock = WallClock.host();
    private final Poller poller = new Poller();
    private final Hypercalls calls =
            Dialect.HVT_2.hypercalls(Devices.basic(Console.discard(), clock, poller));

    /** Lays out the arguments of the calls. */
    public HypercallDispatch() {
        memory.putU64(TEXT, BYTES);
        memory.putU64(TEXT + Long.BYTES, LENGTH);
    }

    /** WALLTIME, told by the host's clock. */
    @Benchmark
    public boolean walltime() {
        return calls.call(WALLTIME, memory, TIME);
    }

    /** Reading the host's clock, which is part of WALLTIME. */
    @Benchmark
    public long walltimeClock() {
        return clock.nanosSinceEpoch();
    }

    /** PUTS of 64 bytes, to a console that drops them. */
    @Benchmark
    public boolean puts() {
        return calls.call(PUTS, memory, TEXT);
    }

    /** Frees everything. */
    @TearDown
    public void close() {
        poller.close();
        memory.close();
    }
}
