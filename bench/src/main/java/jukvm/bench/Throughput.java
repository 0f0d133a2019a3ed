package jukvm.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jukvm.bench.stats.Bootstrap;

/**
 * Measures how many guests a second can be served for long, so that cleaning is paid for: first
 * with how many threads, then those against two processes of the floor side by side, in turns.
 */
public final class Throughput {
    private static final int TURNS = 2;
    private static final int FLOORS = 2;

    private final BenchFiles files;
    private final Plan plan;
    private final Progress progress;

    Throughput(BenchFiles files, Plan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param tried what each number of threads gave
     * @param threads the number that gave most
     * @param perSecond guests in a second with it, the median of its turns
     * @param floorPerSecond guests in a second of both processes together, the same
     * @param turnSeconds how long a turn was
     * @param failures of jukvm's runs
     */
    record Figures(
            List<ClosedLoop.Figures> tried,
            int threads,
            double perSecond,
            double floorPerSecond,
            double turnSeconds,
            Failures failures) {
        /** Returns how much jukvm gets done of what the floor does. */
        double ratio() {
            return perSecond / floorPerSecond;
        }
    }

    /** Measures a level. */
    Figures measure(Level level) throws InterruptedException {
        Failures failures = new Failures();
        List<ClosedLoop.Figures> tried = new ArrayList<>();
        for (int threads : plan.workers()) {
            progress.say("throughput: " + threads + " threads");
            tried.add(ClosedLoop.run(level, threads, plan.tryingSeconds(), failures));
        }
        int best =
                tried.stream()
                        .max(Comparator.comparingDouble(ClosedLoop.Figures::perSecond))
                        .orElseThrow()
                        .threads();
        List<Double> ours = new ArrayList<>();
        List<Double> floors = new ArrayList<>();
        for (int turn = 1; turn <= TURNS; turn++) {
            String of = ", turn " + turn + " of " + TURNS;
            progress.say("throughput: " + best + " threads" + of);
            ours.add(ClosedLoop.run(level, best, plan.turnSeconds(), failures).perSecond());
            progress.say("throughput: floor" + of);
            floors.add(floorTurn(level.floor()));
        }
        return new Figures(tried, best, median(ours), median(floors), plan.turnSeconds(), failures);
    }

    private double floorTurn(Floor.Mode mode) {
        List<Floor> floors = new ArrayList<>();
        try {
            for (int i = 0; i < FLOORS; i++) {
                floors.add(Floor.startHello(files, mode));
            }
            floors.forEach(floor -> floor.run(1));
            floors.forEach(floor -> floor.requestSeconds(plan.turnSeconds()));
            return floors.stream().mapToDouble(floor -> floor.answer().number("per_second")).sum();
        } finally {
            floors.forEach(Floor::close);
        }
    }

    /** Returns the median, of an even number of values the mean of the two in the middle. */
    public static double median(List<Double> values) {
        return Bootstrap.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
