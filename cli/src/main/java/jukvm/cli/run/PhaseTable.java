package jukvm.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jukvm.guest.Timeline;
import jukvm.guest.Timeline.Phase;

/** A run's phases as a table that a person reads at a glance. */
final class PhaseTable {
    private static final int BAR = 32;

    private PhaseTable() {}

    /**
     * Returns the table of all phases.
     *
     * @param before the phases until our code began
     * @param begun when it did, by {@link System#nanoTime}
     */
    static String of(Timeline timeline, List<Phase> before, long begun) {
        List<Phase> rows = new ArrayList<>(before);
        rows.add(new Phase("arguments parsed", timeline.requested() - begun));
        rows.addAll(timeline.phases());
        long total = rows.stream().mapToLong(Phase::nanos).sum();
        long longest = rows.stream().mapToLong(Phase::nanos).max().orElse(1);
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-24s %10s%n", "until", "ms"));
        for (Phase row : rows) {
            int width = (int) (row.nanos() * BAR / Math.max(1, longest));
            text.append(line(row.name(), row.nanos(), "#".repeat(width)));
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
