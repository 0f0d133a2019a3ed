package jukvm.bench.cost;

import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import jukvm.bench.result.Cost;

/** What servers have to do to earn their rent, as a person reads it: at most 80 columns wide. */
final class CostTable {
    private static final double TOO_LARGE = 1e8;
    private static final double TOO_SMALL = 1e-3;

    private CostTable() {}

    static String of(List<Cost> rows) {
        Formatter text = new Formatter(Locale.ROOT);
        text.format("%-36s%14s%14s%15s%n", "what", "actions/s", "per core", "core-ms budget");
        for (Cost row : rows) {
            text.format(
                    "%-36s%14s%14s%15s%n",
                    row.name(),
                    number(row.perSecond()),
                    number(row.perCore()),
                    number(row.coreMillis()));
        }
        return text.toString();
    }

    private static String number(double value) {
        String form =
                value >= TOO_LARGE || value < TOO_SMALL
                        ? "%.3e"
                        : value >= 10_000 ? "%,.0f" : value >= 1 ? "%,.2f" : "%.3f";
        return String.format(Locale.ROOT, form, value);
    }
}
