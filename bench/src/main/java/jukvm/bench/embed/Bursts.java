package jukvm.bench.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import jukvm.bench.Failures;
import jukvm.bench.action.ExpectedConsole;
import jukvm.bench.action.Levels;
import jukvm.bench.load.Samples;
import jukvm.bench.result.Times;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.RunQueue;

/**
 * Many requests at the same moment, again and again: all started at once, or run to completion in
 * order of arrival, as many at a time as there are processors.
 */
final class Bursts {
    private static final double NANOS = 1e9;

    private final Levels levels;
    private final Failures failures;

    Bursts(Levels levels, Failures failures) {
        this.levels = levels;
        this.failures = failures;
    }

    /**
     * What came of it.
     *
     * @param order in which they were run, for tables and reports
     * @param burst requests at the same moment
     * @param perSecond guests in a second, over all bursts
     * @param times from each request to its result
     */
    record Figures(String order, int burst, double perSecond, Times times) {}

    /** Measures all at once. */
    Figures atOnce(int burst, double seconds) {
        return run("all at once", burst, seconds, guest -> levels.keeping().start(guest));
    }

    /** Measures as many at a time as there are processors. */
    Figures toCompletion(int burst, double seconds) {
        RunQueue queue = levels.keeping().queue();
        return run("to completion", burst, seconds, queue::submit);
    }

    private Figures run(
            String order, int burst, double seconds, Function<GuestSpec, GuestRun> starter) {
        Samples times = new Samples();
        long start = System.nanoTime();
        long runs = 0;
        burst(burst, starter, new Samples()); // What is not kept yet is made in the first.
        long counted = System.nanoTime();
        while (System.nanoTime() - start < seconds * NANOS || runs == 0) {
            burst(burst, starter, times);
            runs += burst;
        }
        double took = (System.nanoTime() - counted) / NANOS;
        return new Figures(order, burst, runs / took, times.times());
    }

    private void burst(int burst, Function<GuestSpec, GuestRun> starter, Samples times) {
        List<CompletableFuture<Long>> ends = new ArrayList<>();
        for (int i = 0; i < burst; i++) {
            ExpectedConsole console = new ExpectedConsole(Levels.GREETING);
            GuestSpec guest = levels.hello(console);
            long requested = System.nanoTime();
            ends.add(
                    starter.apply(guest)
                            .result()
                            .thenApply(
                                    result -> {
                                        long took = System.nanoTime() - requested;
                                        failures.check(console.failure(result));
                                        return took;
                                    }));
        }
        ends.forEach(end -> times.add(end.join()));
    }
}
