package jukvm.bench.embed;

import java.util.List;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.LatencyRuns;

/**
 * How much is measured of the library.
 *
 * @param turns runs of each level, in turns with the floor; of a slow one, the guest that leaves
 *     its VM
 * @param exitCalls how often that one does so in a run
 * @param closed guests as fast as they go; each repetition in turns with the floor
 * @param openSeconds how long requests come, and how long deadlines are watched
 * @param inFlight how many guests are kept in flight, and for how long
 */
record EmbedPlan(
        LatencyRuns.Plan turns,
        int exitCalls,
        ClosedLoops.Plan closed,
        double openSeconds,
        ClosedLoops.Plan inFlight) {
    private static final List<Integer> WORKERS = List.of(1, 2, 3, 4, 8);
    private static final List<Integer> IN_FLIGHT = List.of(1, 2, 4, 8, 16, 32, 64);

    /** Returns the plan for figures that are to be quoted; takes some six minutes. */
    static EmbedPlan full() {
        return new EmbedPlan(
                new LatencyRuns.Plan(2000, 30, 40, 5, 6),
                5000,
                new ClosedLoops.Plan(WORKERS, 10, 2, 60, 2),
                20,
                new ClosedLoops.Plan(IN_FLIGHT, 5, 0, 0, 1));
    }

    /** Returns the plan for a look; takes less than a minute. */
    static EmbedPlan quick() {
        return new EmbedPlan(
                new LatencyRuns.Plan(400, 8, 8, 5, 3),
                2000,
                new ClosedLoops.Plan(WORKERS, 1, 2, 5, 0.5),
                5,
                new ClosedLoops.Plan(IN_FLIGHT, 1, 0, 0, 0.2));
    }

    /** Returns the same plan with another number of counted runs, in blocks of as many. */
    EmbedPlan withRuns(int count) {
        int block = Math.max(1, turns.actions() / turns.rounds());
        int rounds = (count + block - 1) / block;
        LatencyRuns.Plan other =
                new LatencyRuns.Plan(
                        count,
                        turns.slowActions(),
                        rounds,
                        turns.warmUpActions(),
                        turns.warmUpSeconds());
        return new EmbedPlan(other, exitCalls, closed, openSeconds, inFlight);
    }
}
