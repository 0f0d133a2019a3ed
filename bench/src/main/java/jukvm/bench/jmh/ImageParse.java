package jukvm.bench.jmh;

import java.util.concurrent.TimeUnit;
import jukvm.image.GuestImage;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to make a guest image of bytes in memory, in microseconds for each: a copy of them,
 * and every check of headers, segments, notes and manifest. Of a large image it is the copy.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ImageParse {
    /** Which image. */
    @Param public BenchImage image = BenchImage.HELLO;

    private byte[] bytes = {};

    /** Reads the file. */
    @Setup
    public void read() {
        bytes = image.bytes();
    }

    /** Copies and checks an image. */
    @Benchmark
    public GuestImage parse() {
        return GuestImage.read(bytes);
    }
}
