package jukvm.bench.stats;

/**
 * What a figure lies between, both ends included.
 *
 * @param low the lower end, in the unit of the figure
 * @param high the upper end
 */
public record Interval(double low, double high) {
    /** Checks that the ends are numbers and in order. */
    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("an interval from " + low + " to " + high);
        }
    }

    /** Returns whether a figure lies in it. */
    public boolean contains(double figure) {
        return low <= figure && figure <= high;
    }

    /** Returns what the reciprocals lie between; both ends must be above 0. */
    Interval reciprocal() {
        return new Interval(1 / high, 1 / low);
    }
}
