package jukvm.bench.jmh;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jukvm.bench.action.Levels;
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
 * What an access to guest memory takes a hypercall, in nanoseconds each, all of it in the cache:
 * with its checks of bounds and rights, and beside it the same on a plain direct buffer. The
 * difference of two is the price of the checks.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MemoryAccess {
    private static final int SIZE = Levels.MEMORY_MIB << 20;
    private static final int LENGTH = 64;

    // As in the guest hello: the guest may not write its text and its constants.
    private static final long IMAGE = 0x100000;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final ByteBuffer plain = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer view = plain.duplicate().order(ByteOrder.LITTLE_ENDIAN);

    // Not final, or the compiler would know beforehand what the checks find.
    private long gpa = 0x200040;
    private long length = LENGTH;

    /** Allocates the memory of one guest, two pages of which it may not write. */
    public MemoryAccess() {
        memory.protect(IMAGE, GuestMemory.PAGE);
        memory.protect(IMAGE + GuestMemory.PAGE, GuestMemory.PAGE);
    }

    /** Reads eight bytes. */
    @Benchmark
    public long u64() {
        return memory.u64(gpa);
    }

    /** Reads eight bytes of a plain buffer. */
    @Benchmark
    public long u64Plain() {
        return plain.getLong((int) gpa);
    }

    /** Writes eight bytes. */
    @Benchmark
    public void putU64() {
        memory.putU64(gpa, length);
    }

    /** Writes eight bytes to a plain buffer. */
    @Benchmark
    public void putU64Plain() {
        plain.putLong((int) gpa, length);
    }

    /** Asks for 64 bytes to read. */
    @Benchmark
    public ByteBuffer readable() {
        return memory.readable(gpa, length);
    }

    /** Asks for 64 bytes to write. */
    @Benchmark
    public ByteBuffer writable() {
        return memory.writable(gpa, length);
    }

    /** Moves a plain buffer to 64 bytes. */
    @Benchmark
    public ByteBuffer viewPlain() {
        return view.clear().limit((int) (gpa + length)).position((int) gpa);
    }

    /** Frees the memory. */
    @TearDown
    public void close() {
        memory.close();
    }
}
