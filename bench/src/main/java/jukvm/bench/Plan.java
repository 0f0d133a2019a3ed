package jukvm.bench;

import java.util.List;

/**
 * How much is measured.
 *
 * @param runs counted runs of each level, of jukvm and of the floor
 * @param block runs in a turn
 * @param exitRuns counted runs of the guest that leaves the VM
 * @param exitCalls how often it does so in a run
 * @param warmUpSeconds how long jukvm runs before anything is counted
 * @param workers how many threads are tried in the closed loop
 * @param tryingSeconds how long each of these is tried
 * @param turnSeconds how long a turn of the closed loop takes, twice for jukvm and the floor each
 * @param openSeconds how long the open loop takes
 * @param inFlight how many guests are kept in flight, one after another
 * @param inFlightSeconds how long each of these takes
 */
record Plan(
        int runs,
        int block,
        int exitRuns,
        int exitCalls,
        double warmUpSeconds,
        List<Integer> workers,
        double tryingSeconds,
        double turnSeconds,
        double openSeconds,
        List<Integer> inFlight,
        double inFlightSeconds) {
    private static final List<Integer> WORKERS = List.of(1, 2, 3, 4, 8);
    private static final List<Integer> IN_FLIGHT = List.of(1, 2, 4, 8, 16, 32, 64);

    /** Returns the plan for figures that are to be quoted; takes some six minutes. */
    static Plan full() {
        return new Plan(2000, 50, 30, 5000, 6, WORKERS, 10, 60, 20, IN_FLIGHT, 5);
    }

    /** Returns the plan for a look; takes less than a minute. */
    static Plan quick() {
        return new Plan(400, 50, 8, 2000, 3, WORKERS, 1, 5, 5, IN_FLIGHT, 1);
    }

    /** Returns the same plan with another number of counted runs. */
    Plan withRuns(int count) {
        return new Plan(
                count,
                block,
                exitRuns,
                exitCalls,
                warmUpSeconds,
                workers,
                tryingSeconds,
                turnSeconds,
                openSeconds,
                inFlight,
                inFlightSeconds);
    }
}
