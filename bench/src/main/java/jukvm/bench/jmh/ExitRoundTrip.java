package jukvm.bench.jmh;

import java.util.concurrent.TimeUnit;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.device.Console;
import jukvm.guest.RunResult;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs a guest to leave its VM and be back, through each native binding. The start of the
 * guest is in it too, one in ten thousand exits.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ExitRoundTrip {
    private static final int CALLS = 10_000;

    private final Levels levels = new Levels(BenchFiles.ofThisBuild());
    private final Level exits = levels.exits(CALLS);

    /** Opens KVM, through the binding that the fork's system property names. */
    public ExitRoundTrip() {}

    /** An exit through JNA. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    @Fork(value = 2, jvmArgsAppend = "-Djukvm.native=jna")
    public RunResult jna() throws InterruptedException {
        return run();
    }

    /** An exit through jnr-ffi. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    @Fork(value = 2, jvmArgsAppend = "-Djukvm.native=jnr")
    public RunResult jnr() throws InterruptedException {
        return run();
    }

    private RunResult run() throws InterruptedException {
        RunResult result = exits.run().run(Console.discard());
        if (!result.outcome().isSuccess()) {
            throw new IllegalStateException("the guest ended with " + result.outcome());
        }
        return result;
    }

    /** Frees everything. */
    @TearDown
    public void close() {
        levels.close();
    }
}
