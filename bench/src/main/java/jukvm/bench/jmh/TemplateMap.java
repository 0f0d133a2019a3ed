package jukvm.bench.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jukvm.bench.action.Levels;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes until an image lies in guest memory that was used before, in microseconds for each
 * guest: copied, or mapped copy-on-write from a template. The memory is cleared first, and a byte
 * of each page of the image is read at last, so that both pay for their page faults. What the
 * monitor adds, page tables and descriptors, is not in it; nor is a VM.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TemplateMap {
    private static final long MEMORY = (long) Levels.MEMORY_MIB << 20;

    /** Which image. */
    @Param({"HELLO", "HELLO_4_MIB"})
    public BenchImage image = BenchImage.HELLO;

    private final GuestMemory memory = GuestMemory.allocate(MEMORY);
    private @Nullable GuestImage guest;
    private @Nullable MemoryTemplate template;

    /** Allocates the memory of one guest. */
    public TemplateMap() {}

    /** Reads the image and makes the template. */
    @Setup
    public void layOut() {
        GuestImage read = GuestImage.read(image.bytes());
        try (GuestMemory first = GuestMemory.allocate(MEMORY)) {
            read.load(first);
            template = first.template(first.size());
        }
        guest = read;
    }

    /** Clears memory and copies the image to it. */
    @Benchmark
    public int copied() {
        memory.clear();
        Objects.requireNonNull(guest).load(memory);
        return touched();
    }

    /** Clears memory and maps the template over it. */
    @Benchmark
    public int mapped() {
        if (!memory.begin(Objects.requireNonNull(template))) {
            throw new IllegalStateException("the template is closed");
        }
        return touched();
    }

    private int touched() {
        int sum = 0;
        for (Segment segment : Objects.requireNonNull(guest).segments()) {
            for (long gpa = segment.pageStart(); gpa < segment.pageEnd(); gpa += GuestMemory.PAGE) {
                sum += memory.u8(gpa);
            }
        }
        return sum;
    }

    /** Frees everything. */
    @TearDown
    public void close() {
        memory.close();
        Objects.requireNonNull(template).close();
    }
}
