package jukvm.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;
import jukvm.bench.process.Futures;
import jukvm.bench.result.Offered;

/**
 * Requests that come as a Poisson process, at rising rates until one does not hold. A time counts
 * from when the request was to come, so that a delay of one action is seen in those it holds up.
 */
public final class OpenLoops {
    /** Requests in a second: what the README's goals ask for at least. */
    public static final double RATE = 125.23;

    private static final long SEED = 20170507;
    private static final double LIMIT_SECONDS = 0.1;
    private static final double MICROS = 1e6;
    private static final double NANOS = 1e9;

    private final int threads;
    private final Progress progress;

    /**
     * Makes them.
     *
     * @param threads that serve requests; what comes beyond waits in line
     */
    public OpenLoops(int threads, Progress progress) {
        this.threads = threads;
        this.progress = progress;
    }

    /** Offers rising rates to each system, so long each, until one does not hold. */
    public void run(List<Findings> all, List<Double> rates, double seconds)
            throws InterruptedException {
        int done = 0;
        for (Findings one : all) {
            for (double rate : rates) {
                progress.say("offering " + rate + "/s to " + one.id(), done, all.size());
                Offered offered = offer(one, rate, seconds);
                one.add(offered);
                if (!offered.held()) {
                    break;
                }
            }
            done++;
        }
    }

    /** Offers one rate to a system. */
    public Offered offer(Findings one, double rate, double seconds) throws InterruptedException {
        List<Long> arrivals = arrivals(rate, seconds);
        one.system().enter();
        try (Crew crew = new Crew(one.system(), threads)) {
            crew.assemble();
            List<Future<Action>> actions = new ArrayList<>();
            long start = System.nanoTime();
            for (long arrival : arrivals) {
                Crew.awaitMoment(start + arrival);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                actions.add(crew.submit(worker -> worker.run()));
            }
            long backlog = actions.stream().filter(action -> !action.isDone()).count();
            Samples samples = new Samples();
            long failed = 0;
            long inTime = 0;
            for (int i = 0; i < actions.size(); i++) {
                Action action = Futures.result(actions.get(i));
                long took = action.done() - start - arrivals.get(i);
                samples.add(took);
                one.starts().check(action.start());
                if (!one.check(action)) {
                    failed++;
                } else if (took <= LIMIT_SECONDS * NANOS) {
                    inTime++;
                }
            }
            return offered(rate, seconds, samples, inTime, backlog, failed);
        } finally {
            one.system().leave();
        }
    }

    /**
     * Returns when requests are to come, in nanoseconds from the start; at least one, and the same
     * ones each time.
     *
     * @param rate requests in a second
     */
    static List<Long> arrivals(double rate, double seconds) {
        Random random = new Random(SEED);
        List<Long> arrivals = new ArrayList<>();
        double at = 0;
        do {
            at += -Math.log(1 - random.nextDouble()) / rate;
            arrivals.add((long) (at * NANOS));
        } while (at < seconds);
        return arrivals;
    }

    // By Little's law, what takes less than the limit has less than this in flight.
    private static Offered offered(
            double rate, double seconds, Samples samples, long inTime, long backlog, long failed) {
        double p99 = samples.percentile(99);
        double most = Math.max(1, rate * LIMIT_SECONDS);
        return new Offered(
                rate,
                seconds,
                samples.count(),
                samples.median(),
                p99,
                samples.percentile(100),
                100.0 * inTime / samples.count(),
                backlog,
                failed,
                failed == 0 && p99 < LIMIT_SECONDS * MICROS && backlog <= most);
    }
}
