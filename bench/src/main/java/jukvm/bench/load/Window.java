package jukvm.bench.load;

import java.util.List;
import jukvm.bench.result.SystemResult.Peak;

/**
 * What workers got done in a window of time.
 *
 * @param workers how many
 * @param seconds how long the window was
 * @param actions that ended within it and were right
 * @param failed actions that ended within it and were not
 * @param median from request to result, µs
 * @param p99 the same, 99th percentile
 * @param processor time of the machine meanwhile
 */
public record Window(
        int workers,
        double seconds,
        long actions,
        long failed,
        double median,
        double p99,
        Processor processor) {
    private static final double MILLIS = 1e3;

    /** Returns actions in a second. */
    public double perSecond() {
        return actions / seconds;
    }

    /** Returns processor time for an action, in milliseconds of one core; 0 if none was done. */
    double coreMillis() {
        return actions == 0 ? 0 : processor.busySeconds() * MILLIS / actions;
    }

    /** Returns the peak of windows with the same number of workers. */
    static Peak peak(List<Window> windows) {
        List<Double> rates = windows.stream().map(Window::perSecond).toList();
        double rate = Bootstrap.median(rates);
        return new Peak(
                windows.get(0).workers(),
                rate,
                rates,
                rate / Runtime.getRuntime().availableProcessors(),
                Bootstrap.median(windows.stream().map(Window::coreMillis).toList()),
                Bootstrap.median(
                        windows.stream().map(window -> window.processor().idlePercent()).toList()));
    }
}
