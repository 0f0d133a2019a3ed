package jukvm.bench.embed;

import java.util.List;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.LatencyRuns;

/**
 * How much is measured of the library.
 *
 * @param turns runs of each level, in turns with the floor
 * @param exits the same of the guest that leaves its VM
 * @param exitCalls how often that one does so in a run
 * @param bursts requests in blocks of {@link #BURST}, each at the same moment
 * @param closed guests as fast as they go; each repetition in turns with the floor
 * @param openSeconds how long requests come, and how long deadlines are watched
 * @param inFlight how many guests are kept in flight, and for how long
 * @param apart guests of a worker as fast as they go
 */
record EmbedPlan(
        LatencyRuns.Plan turns,
        LatencyRuns.Plan exits,
        int exitCalls,
        LatencyRuns.Plan bursts,
        ClosedLoops.Plan closed,
        double openSeconds,
        ClosedLoops.Plan inFlight,
        ClosedLoops.Plan apart) {
    /** Requests at the same moment. */
    static final int BURST = 64;

    private static final List<Integer> WORKERS = List.of(1, 2, 3, 4, 8);
    private static final List<Integer> APART = List.of(1, 2, 4);
    private static final List<Integer> IN_FLIGHT = List.of(1, 2, 4, 8, 16, 32, 64);

    /** Returns the plan for figures that are to be quoted; takes some six minutes. */
    static EmbedPlan full() {
        return new EmbedPlan(
                turns(2000, 50, 1.5),
                turns(30, 1, 0),
                5000,
                turns(500 * BURST, BURST, 0),
                new ClosedLoops.Plan(WORKERS, 10, 2, 60, 2),
                20,
                new ClosedLoops.Plan(IN_FLIGHT, 5, 0, 0, 1),
                new ClosedLoops.Plan(APART, 5, 0, 0, 1));
    }

    /** Returns the plan for a look; takes less than a minute. */
    static EmbedPlan quick() {
        return new EmbedPlan(
                turns(400, 50, 0.75),
                turns(8, 1, 0),
                2000,
                turns(50 * BURST, BURST, 0),
                new ClosedLoops.Plan(WORKERS, 1, 2, 5, 0.5),
                5,
                new ClosedLoops.Plan(IN_FLIGHT, 1, 0, 0, 0.2),
                new ClosedLoops.Plan(APART, 1, 0, 0, 0.2));
    }

    /** Returns turns of so many runs in blocks; those that are not counted need several runs. */
    static LatencyRuns.Plan turns(int runs, int block, double warmUpSeconds) {
        int rounds = (runs + block - 1) / block;
        int uncounted = block == BURST ? BURST : block > 1 ? 5 : 0;
        return new LatencyRuns.Plan(
                runs, runs, rounds, uncounted, Math.max(2, uncounted), warmUpSeconds);
    }

    /** Returns the same plan with another number of counted runs. */
    EmbedPlan withRuns(int count) {
        LatencyRuns.Plan other =
                turns(count, turns.actions() / turns.rounds(), turns.warmUpSeconds());
        return new EmbedPlan(other, exits, exitCalls, bursts, closed, openSeconds, inFlight, apart);
    }
}
