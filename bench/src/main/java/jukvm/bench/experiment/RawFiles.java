package jukvm.bench.experiment;

import java.util.Locale;
import java.util.Map;
import jukvm.bench.action.Action;
import jukvm.bench.load.Samplings;
import jukvm.bench.load.Window;

/**
 * The raw figures of single actions and windows as CSV, in memory until the end: a disk that writes
 * would be measured, too. Used by one thread.
 */
final class RawFiles {
    private static final String ACTIONS = "system,round,hello_us,done_us,free_us,failure\n";
    private static final String WINDOWS =
            "system,workers,repetition,seconds,actions,failed,median_us,p99_us,"
                    + "busy_core_seconds,idle_percent,stolen_percent\n";

    private final StringBuilder latency = new StringBuilder(ACTIONS);
    private final StringBuilder fetch = new StringBuilder(ACTIONS);
    private final StringBuilder throughput = new StringBuilder(WINDOWS);

    /** Returns where actions one at a time are noted. */
    Samplings latency() {
        return (system, round, action) -> add(latency, system, round, action);
    }

    /** Returns where fetched actions are noted. */
    Samplings fetch() {
        return (system, round, action) -> add(fetch, system, round, action);
    }

    private static void add(StringBuilder file, String system, int round, Action action) {
        double hello = action.firstByte() == 0 ? 0 : action.firstByte() - action.requested();
        String failure = action.failure();
        file.append(
                String.format(
                        Locale.ROOT,
                        "%s,%d,%.1f,%.1f,%.1f,%s%n",
                        system,
                        round,
                        hello / 1e3,
                        action.took() / 1e3,
                        (action.freed() - action.requested()) / 1e3,
                        failure.isEmpty() ? "" : '"' + failure.replace("\"", "\"\"") + '"'));
    }

    /** Notes a window of a closed loop. */
    void add(String system, int repetition, Window window) {
        throughput.append(
                String.format(
                        Locale.ROOT,
                        "%s,%d,%d,%.3f,%d,%d,%.1f,%.1f,%.2f,%.1f,%.2f%n",
                        system,
                        window.workers(),
                        repetition,
                        window.seconds(),
                        window.actions(),
                        window.failed(),
                        window.median(),
                        window.p99(),
                        window.processor().busySeconds(),
                        window.processor().idlePercent(),
                        window.processor().stolenPercent()));
    }

    /** Returns all files by name. */
    Map<String, String> files() {
        return Map.of(
                "latency.csv", latency.toString(),
                "throughput.csv", throughput.toString(),
                "fetch.csv", fetch.toString());
    }
}
