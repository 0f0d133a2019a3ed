package jukvm.bench.experiment;

import java.util.List;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.load.OpenLoops;

/**
 * How much is measured.
 *
 * @param name of the plan
 * @param latency one action at a time
 * @param closed as fast as they go
 * @param rates offered, rising, in actions per second
 * @param offeredSeconds for each rate
 * @param soakSeconds of the target rate
 * @param fetch from the origin, one at a time
 * @param density numbers of idle instances, rising
 * @param engines by container engines, one at a time
 * @param seconds that it all takes on a host of two cores with all systems, about
 */
public record Plan(
        String name,
        LatencyRuns.Plan latency,
        ClosedLoops.Plan closed,
        List<Double> rates,
        double offeredSeconds,
        double soakSeconds,
        LatencyRuns.Plan fetch,
        List<Integer> density,
        LatencyRuns.Plan engines,
        double seconds) {
    private static final double TARGET = OpenLoops.RATE;
    private static final int UNCOUNTED = 2;

    /** Returns the plan for figures that are to be quoted. */
    public static Plan full() {
        return new Plan(
                "full",
                new LatencyRuns.Plan(1000, 300, 20, UNCOUNTED, 50, 6),
                new ClosedLoops.Plan(List.of(1, 2, 4, 8, 16, 32, 64), 1.5, 5, 3, 0.3),
                List.of(
                        TARGET / 4,
                        TARGET / 2,
                        TARGET,
                        250.0,
                        500.0,
                        1000.0,
                        2000.0,
                        4000.0,
                        8000.0),
                5,
                60,
                new LatencyRuns.Plan(500, 100, 10, UNCOUNTED, 20, 3),
                List.of(1, 10, 100, 500),
                new LatencyRuns.Plan(30, 30, 10, UNCOUNTED, 2, 0),
                1400);
    }

    /** Returns the plan for a look. */
    public static Plan quick() {
        return new Plan(
                "quick",
                new LatencyRuns.Plan(200, 15, 5, UNCOUNTED, 5, 1.2),
                new ClosedLoops.Plan(List.of(1, 8), 0.3, 2, 0.5, 0.1),
                List.of(TARGET, 1000.0),
                1,
                4,
                new LatencyRuns.Plan(50, 10, 5, UNCOUNTED, 5, 1),
                List.of(1, 10, 30),
                new LatencyRuns.Plan(5, 5, 5, UNCOUNTED, 1, 0),
                190);
    }
}
