package jukvm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jukvm.monitor.Timeline;

/** A run's phases as a table that a person reads at a glance. */
final class PhaseTable {
    private static final int BAR = 32;

    private final List<Row> rows = new ArrayList<>();
    private long last;

    /**
     * A line of the table.
     *
     * @param phase what had been done at its end
     * @param nanos that it took
     */
    record Row(String phase, long nanos) {}

    private PhaseTable(List<Row> before, long from) {
        rows.addAll(before);
        last = from;
    }

    /**
     * Returns the table of all phases.
     *
     * @param before the phases until our code began
     * @param begun when it did, by {@link System#nanoTime}
     */
    static String of(Timeline timeline, List<Row> before, long begun) {
        PhaseTable table = new PhaseTable(before, begun);
        table.add("arguments parsed", timeline.requested());
        table.add("image read", timeline.imageRead());
        table.add("KVM opened, VM created", timeline.shellReady());
        table.add("guest laid out", timeline.laidOut());
        table.add("vCPU entered", timeline.entered());
        table.add("first hypercall", timeline.firstHypercall());
        table.add("first console byte", timeline.firstConsoleByte());
        table.add("guest ended", timeline.halted());
        table.add("resources freed", timeline.freed());
        return table.text(timeline);
    }

    // A phase that was not reached takes no row; its time belongs to the next that was.
    private void add(String phase, long at) {
        if (at != 0) {
            rows.add(new Row(phase, at - last));
            last = at;
        }
    }

    private String text(Timeline timeline) {
        long total = rows.stream().mapToLong(Row::nanos).sum();
        long longest = rows.stream().mapToLong(Row::nanos).max().orElse(1);
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-24s %10s%n", "until", "ms"));
        for (Row row : rows) {
            int width = (int) (row.nanos * BAR / Math.max(1, longest));
            text.append(line(row.phase, row.nanos, "#".repeat(width)));
        }
        text.append(line("total", total, ""));
        text.append(line("boot to exit", timeline.bootToExit(), ""));
        text.append(line("start to exit", timeline.startToExit(), ""));
        return text.toString();
    }

    private static String line(String phase, long nanos, String bar) {
        return String.format(Locale.ROOT, "%-24s %10.3f  %s", phase, nanos / 1e6, bar)
                        .stripTrailing()
                + System.lineSeparator();
    }
}
