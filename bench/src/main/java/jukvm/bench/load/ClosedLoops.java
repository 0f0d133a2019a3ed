package jukvm.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;
import jukvm.bench.action.Worker;
import jukvm.bench.process.Futures;
import jukvm.bench.result.SystemResult.Closed;
import org.HdrHistogram.Histogram;

/**
 * Workers that each ask for an action as soon as they have the result of the last: first ever more
 * of them, then the number that did most, again and again in turns with the other systems.
 */
public final class ClosedLoops {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double NANOS_A_MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final double MICROS_A_SECOND = TimeUnit.SECONDS.toMicros(1);
    private static final int DIGITS = 3;
    private static final int WAVES = 3;
    private static final int LONGEST = 4;

    private final Plan plan;
    private final Windows windows;
    private final Progress progress;

    /**
     * How long.
     *
     * @param workers that are tried, rising
     * @param sweepSeconds for each number of workers
     * @param repetitions with the number that did most
     * @param repetitionSeconds for each of these
     * @param rampSeconds before each window, not counted
     */
    public record Plan(
            List<Integer> workers,
            double sweepSeconds,
            int repetitions,
            double repetitionSeconds,
            double rampSeconds) {}

    /** Notes each window, raw. */
    @FunctionalInterface
    public interface Windows {
        /**
         * Notes a window.
         *
         * @param system id
         * @param repetition from 1; 0 if it was one of the numbers tried
         */
        void add(String system, int repetition, Window window);
    }

    /**
     * Makes them.
     *
     * @param windows where each window is noted
     */
    public ClosedLoops(Plan plan, Windows windows, Progress progress) {
        this.plan = plan;
        this.windows = windows;
        this.progress = progress;
    }

    /** Runs them all. */
    public void run(List<Findings> all) throws InterruptedException {
        int done = 0;
        for (Findings one : all) {
            progress.say("throughput of " + one.id(), done, all.size());
            sweep(one);
            done++;
        }
        for (int repetition = 1; repetition <= plan.repetitions(); repetition++) {
            for (Findings one : all) {
                progress.say(
                        "peak of " + one.id() + ", " + repetition + " of " + plan.repetitions());
                Window window = window(one, one.bestWorkers(), plan.repetitionSeconds());
                windows.add(one.id(), repetition, window);
                one.add(window);
            }
        }
    }

    /** Tries rising numbers of workers of one system. */
    public void sweep(Findings one) throws InterruptedException {
        for (int workers : plan.workers()) {
            progress.say("throughput of " + one.id() + ", " + workers + " at once");
            Window window = window(one, workers, plan.sweepSeconds());
            windows.add(one.id(), 0, window);
            one.add(new Closed(workers, window.perSecond(), window.median(), window.p99()));
        }
    }

    /** What one worker got done. */
    private record Done(Histogram nanos, long failed) {}

    /** Has so many workers ask for actions of a system, for so long or longer if it is slow. */
    public Window window(Findings one, int workers, double planned) throws InterruptedException {
        double seconds = windowSeconds(one, workers, planned);
        one.system().enter();
        try (Crew crew = new Crew(one.system(), workers)) {
            long begin = System.nanoTime() + (long) (plan.rampSeconds() * NANOS);
            long end = begin + (long) (seconds * NANOS);
            List<Future<Done>> all = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                all.add(crew.submit(worker -> work(one, worker, begin, end)));
            }
            Crew.awaitMoment(begin);
            Processor before = Processor.read();
            Crew.awaitMoment(end);
            Processor used = Processor.read().since(before);
            Histogram sum = new Histogram(DIGITS);
            long failed = 0;
            for (Future<Done> done : all) {
                sum.add(Futures.result(done).nanos());
                failed += Futures.result(done).failed();
            }
            double median = sum.getValueAtPercentile(50) / NANOS_A_MICRO;
            double p99 = sum.getValueAtPercentile(99) / NANOS_A_MICRO;
            return new Window(workers, seconds, sum.getTotalCount(), failed, median, p99, used);
        } finally {
            one.system().leave();
        }
    }

    // What is slow gets the time of some actions, for a rate to be seen.
    private static double windowSeconds(Findings one, int workers, double planned) {
        double each = Math.max(1, (double) workers / Runtime.getRuntime().availableProcessors());
        double wave = one.warmUpMedian() / MICROS_A_SECOND * each;
        return Math.max(planned, Math.min(LONGEST * planned, WAVES * wave));
    }

    private static Done work(Findings one, Worker worker, long begin, long end)
            throws InterruptedException {
        Histogram nanos = new Histogram(DIGITS);
        long failed = 0;
        while (true) {
            Action action = worker.run();
            boolean right = one.check(action);
            // What has not given everything back yet has not ended.
            if (action.freed() - end >= 0) {
                return new Done(nanos, failed);
            }
            if (action.freed() - begin < 0) {
                continue;
            }
            one.starts().check(action.start());
            if (right) {
                nanos.recordValue(Math.max(1, action.took()));
            } else {
                failed++;
            }
        }
    }
}
