package jukvm.bench.experiment;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import jukvm.bench.action.Action;
import jukvm.bench.load.Findings;
import jukvm.bench.load.Samplings;
import jukvm.bench.load.Window;
import jukvm.bench.result.Density;
import jukvm.bench.result.Offered;

/**
 * The raw figures as CSV, in memory until the end: a disk that writes would be measured, too. Used
 * by one thread.
 */
final class RawFiles {
    private static final String ACTIONS = "system,round,hello_us,done_us,free_us,failure\n";

    private final StringBuilder latency = new StringBuilder(ACTIONS);
    private final StringBuilder fetch = new StringBuilder(ACTIONS);
    private final StringBuilder throughput =
            new StringBuilder(
                    "system,workers,repetition,seconds,actions,failed,median_us,p99_us,"
                            + "busy_core_seconds,idle_percent,stolen_percent\n");

    /** Returns where actions one at a time are noted. */
    Samplings latency() {
        return (system, round, action) -> add(latency, system, round, action);
    }

    /** Returns where fetched actions are noted. */
    Samplings fetch() {
        return (system, round, action) -> add(fetch, system, round, action);
    }

    private static void add(StringBuilder file, String system, int round, Action action) {
        line(
                file,
                "%s,%d,%.1f,%.1f,%.1f,%s",
                system,
                round,
                action.firstByte() == 0 ? 0 : micros(action.firstByte() - action.requested()),
                micros(action.took()),
                micros(action.freed() - action.requested()),
                quoted(action.failure()));
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }

    private static String quoted(String text) {
        return text.isEmpty() ? "" : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** Notes a window of a closed loop. */
    void add(String system, int repetition, Window window) {
        line(
                throughput,
                "%s,%d,%d,%.3f,%d,%d,%.1f,%.1f,%.2f,%.1f,%.2f",
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
                window.processor().stolenPercent());
    }

    /** Returns all files by name. */
    Map<String, String> files(Iterable<Findings> all) {
        StringBuilder offered =
                new StringBuilder(
                        "system,rate,seconds,count,median_us,p99_us,max_us,in_time_percent,"
                                + "backlog,failed,held\n");
        StringBuilder density =
                new StringBuilder("system,instances,pss_mib,available_mib,next_ms\n");
        for (Findings one : all) {
            one.result().offered().forEach(row -> add(offered, one.id(), row));
            one.result().density().forEach(row -> add(density, one.id(), row));
        }
        Map<String, String> files = new LinkedHashMap<>();
        files.put("latency.csv", latency.toString());
        files.put("throughput.csv", throughput.toString());
        files.put("open-loop.csv", offered.toString());
        files.put("fetch.csv", fetch.toString());
        files.put("density.csv", density.toString());
        return files;
    }

    private static void add(StringBuilder file, String system, Offered row) {
        line(
                file,
                "%s,%.2f,%.1f,%d,%.1f,%.1f,%.1f,%.2f,%d,%d,%b",
                system,
                row.rate(),
                row.seconds(),
                row.count(),
                row.median(),
                row.p99(),
                row.max(),
                row.inTimePercent(),
                row.backlog(),
                row.failed(),
                row.held());
    }

    private static void add(StringBuilder file, String system, Density row) {
        line(
                file,
                "%s,%d,%.3f,%.3f,%.2f",
                system,
                row.instances(),
                row.pssMib(),
                row.availableMib(),
                row.nextMillis());
    }

    private static void line(StringBuilder file, String format, Object... values) {
        file.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
