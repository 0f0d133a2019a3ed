package jukvm.bench.result;

import java.util.List;

/**
 * The bars of the paper, each met or not and by which figure.
 *
 * @param fetchAndStart p99 of fetch and start, nothing cached, by the library: below 100 ms
 * @param sustained actions a second that hold with p99 below 100 ms, by the library: 125.23
 * @param latencyRatio how many times longer runc takes: 6, with the lower end of the interval
 * @param throughputRatio how many times less runc does: 6, with the lower end of the interval
 */
public record Verdict(Bar fetchAndStart, Bar sustained, Bar latencyRatio, Bar throughputRatio) {
    /**
     * A bar.
     *
     * @param met whether it is; false if it was not measured
     * @param measured whether there is a figure
     * @param figure that is held against it: for ratios the lower end of the confidence interval
     * @param bar what it is held against
     * @param unit of both
     * @param text what was found, one sentence
     */
    public record Bar(
            boolean met, boolean measured, double figure, double bar, String unit, String text) {}

    /** Returns all bars, in the order of reports. */
    public List<Bar> all() {
        return List.of(fetchAndStart, sustained, latencyRatio, throughputRatio);
    }
}
