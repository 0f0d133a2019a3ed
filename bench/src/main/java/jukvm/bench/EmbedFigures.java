package jukvm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import jukvm.monitor.HostFacts;

/**
 * All that was measured.
 *
 * @param levels each level against the floor
 * @param exit what leaving the VM costs
 * @param throughput guests in a second
 * @param openLoop at a given rate
 * @param inFlight with ever more guests at once
 * @param bursts with many requests at the same moment
 * @param deadlines of guests that compute for ever
 * @param loops failures of the loops, but those of throughput
 */
record EmbedFigures(
        HostFacts host,
        List<LevelTurns.Figures> levels,
        LevelTurns.Figures exit,
        Throughput.Figures throughput,
        OpenLoop.Figures openLoop,
        List<ClosedLoop.Figures> inFlight,
        List<Bursts.Figures> bursts,
        List<Deadlines.Figures> deadlines,
        Failures loops) {
    private static final int FEW = 2;
    private static final int MANY = 64;

    /** Returns all failures by what was wrong; empty if there were none. */
    TreeMap<String, Long> failures() {
        TreeMap<String, Long> sums = new TreeMap<>();
        for (Failures failures : allFailures()) {
            failures.byReason().forEach((reason, count) -> sums.merge(reason, count, Long::sum));
        }
        return sums;
    }

    /** Returns how many runs had a wrong result. */
    long wrong() {
        return allFailures().stream().mapToLong(Failures::wrong).sum();
    }

    private List<Failures> allFailures() {
        List<Failures> all = new ArrayList<>();
        levels.forEach(level -> all.add(level.failures()));
        all.add(exit.failures());
        all.add(throughput.failures());
        all.add(loops);
        return all;
    }

    /**
     * Returns how much longer a guest takes among 64 than among 2, if it is divided by how many
     * there are: 1 if time grows as the number does. Empty if one of these was not measured.
     */
    Optional<Double> growth() {
        Optional<Double> few = medianPerGuest(FEW);
        return medianPerGuest(MANY).flatMap(many -> few.map(less -> many / less));
    }

    private Optional<Double> medianPerGuest(int guests) {
        return inFlight.stream()
                .filter(figures -> figures.threads() == guests)
                .map(figures -> figures.times().median() / guests)
                .findFirst();
    }
}
