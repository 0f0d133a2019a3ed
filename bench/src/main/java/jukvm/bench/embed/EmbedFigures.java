package jukvm.bench.embed;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.Times;
import jukvm.monitor.HostFacts;

/**
 * All that was measured; the document of {@code --json}. Times are in µs, rates in guests a second.
 *
 * @param ratio to the floor: of times by level, of guests a second as {@code throughput}
 * @param perSecond guests with the threads that did most, the median of the turns
 * @param floorPerSecond the same of two processes of the floor, side by side
 * @param threads that did most
 * @param turnSeconds how long a turn of the two was
 * @param tried what each number of threads gave
 * @param levels each level and one exit against the floor
 * @param openLoop requests that come when they come
 * @param inFlight ever more guests at once
 * @param inFlightGrowth how much longer a guest takes among 64 than among 2, if it is divided by
 *     how many there are: 1 if time grows as the number does; empty if one was not measured
 * @param apart what each number of threads gave whose guests are in a worker
 * @param workerMib memory of a worker that has run them, its proportional set size in MiB
 * @param bursts many requests at the same moment
 * @param deadlines how long guests outlive theirs
 * @param wrongResults how many runs had one
 * @param failures of all runs, by what was wrong
 */
record EmbedFigures(
        Map<String, Double> ratio,
        double perSecond,
        double floorPerSecond,
        int threads,
        double turnSeconds,
        List<Closed> tried,
        Map<String, Compared> levels,
        Offered openLoop,
        List<Closed> inFlight,
        Optional<Double> inFlightGrowth,
        List<Closed> apart,
        double workerMib,
        List<Burst> bursts,
        List<Deadlines.Figures> deadlines,
        long wrongResults,
        Map<String, Long> failures,
        HostFacts host) {
    /**
     * How long runs of a level took.
     *
     * @param jukvm from the request to the end of the level's span
     * @param floor the same of the floor
     * @param failed runs of jukvm; those with a wrong result are not counted among the times
     */
    record Compared(Times jukvm, Times floor, long failed) {
        /** Returns how much longer jukvm takes, by the medians. */
        double ratio() {
            return jukvm.median() / floor.median();
        }
    }

    /**
     * Many requests at the same moment, again and again.
     *
     * @param order in which they were run
     * @param requests at once
     * @param times from each to its result
     */
    record Burst(String order, int requests, Times times) {}

    private static final int FEW = 2;
    private static final int MANY = 64;

    /** Returns the growth of time over guests in flight. */
    static Optional<Double> growth(List<Closed> inFlight) {
        Optional<Double> few = medianPerGuest(inFlight, FEW);
        return medianPerGuest(inFlight, MANY).flatMap(many -> few.map(less -> many / less));
    }

    private static Optional<Double> medianPerGuest(List<Closed> inFlight, int guests) {
        return inFlight.stream()
                .filter(figures -> figures.workers() == guests)
                .map(figures -> figures.median() / guests)
                .findFirst();
    }
}
