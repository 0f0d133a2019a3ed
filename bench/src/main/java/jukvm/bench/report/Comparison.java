package jukvm.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jukvm.bench.load.Bootstrap;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.bench.result.Times;
import jukvm.error.ConfigException;

/** Several experiments side by side, as text; of two at most 100 columns wide. */
public final class Comparison {
    private static final int MOST = 26;

    private final Lines lines = new Lines();
    private final List<Results> all;

    private Comparison(List<Results> all) {
        this.all = all;
    }

    /**
     * Returns the comparison of result directories.
     *
     * @throws ConfigException if one holds no results that this version reads, is given twice, or
     *     there are too few or too many
     */
    public static String of(List<Path> directories) {
        int count = directories.size();
        if (count < 2 || count > MOST) {
            throw new ConfigException(
                    "compare: need from 2 to " + MOST + " result directories, got " + count);
        }
        Comparison comparison =
                new Comparison(directories.stream().map(ResultDirectory::read).toList());
        requireDistinct(directories);
        comparison.heads(directories);
        comparison.bars();
        comparison.times("", Comparison::systems);
        comparison.section("peak, actions/s", Comparison::peaks, results -> Map.of());
        comparison.times("fetch and start, ", Comparison::fetches);
        return comparison.lines.toString();
    }

    private static void requireDistinct(List<Path> directories) {
        for (int i = 0; i < directories.size(); i++) {
            for (Path before : directories.subList(0, i)) {
                if (isSame(before, directories.get(i))) {
                    throw new ConfigException(
                            String.format(
                                    "compare: %s and %s are the same directory",
                                    before, directories.get(i)));
                }
            }
        }
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false; // It was there just now.
        }
    }

    private void heads(List<Path> directories) {
        for (int i = 0; i < all.size(); i++) {
            Results results = all.get(i);
            lines.row("%s  %s", letter(i), directories.get(i));
            String partial = results.partial().isEmpty() ? "" : ", PARTIAL: " + results.partial();
            String rest =
                    results.started() + ", " + results.plan() + ", jukvm " + results.host().jukvm();
            lines.text(rest + partial, 3, 3);
        }
        differ("host", results -> results.host().cpu() + ", " + results.host().cores() + " cores");
        differ("kernel", results -> results.host().kernel());
        differ("KVM", results -> results.host().kvm());
        differ("JDK", results -> results.host().jdk());
        differ("plan", Results::plan);
    }

    private static String letter(int place) {
        return String.valueOf((char) ('A' + place));
    }

    private void differ(String what, Function<Results, String> of) {
        if (all.stream().map(of).distinct().count() > 1) {
            String each =
                    IntStream.range(0, all.size())
                            .mapToObj(i -> letter(i) + " " + of.apply(all.get(i)))
                            .collect(Collectors.joining("; "));
            lines.text("warning: " + what + " differs: " + each, 0, 4);
        }
    }

    private void bars() {
        List<List<String>> rows = rows("bars of the paper", "verdict");
        for (int i = 0; i < Bars.of(all.get(0)).size(); i++) {
            int place = i;
            List<Bars> bars = all.stream().map(results -> Bars.of(results).get(place)).toList();
            List<String> row = new ArrayList<>(List.of(bars.get(0).name()));
            for (Bars one : bars) {
                String figure = one.bar().measured() ? " " + Say.number(one.bar().figure()) : "";
                row.add(one.word() + figure);
            }
            boolean same = bars.stream().map(Bars::word).distinct().count() == 1;
            row.add(same ? "same" : "DIFFERS");
            rows.add(row);
        }
        lines.end().table(rows);
    }

    // The heads of a table, for rows to be added.
    private List<List<String>> rows(String name, String last) {
        List<String> heads = new ArrayList<>(List.of(name));
        IntStream.range(0, all.size()).forEach(i -> heads.add(letter(i)));
        heads.add(last);
        return new ArrayList<>(List.of(heads));
    }

    private void times(String what, Function<Results, Map<String, Times>> of) {
        section(what + "median, ms", results -> millis(of.apply(results), Times::median), of);
        section(
                what + "p99, ms",
                results -> millis(of.apply(results), Times::p99),
                results -> Map.of());
    }

    private static Map<String, Double> millis(
            Map<String, Times> times, Function<Times, Double> of) {
        Map<String, Double> millis = new LinkedHashMap<>();
        times.forEach((id, one) -> millis.put(id, of.apply(one) / 1000));
        return millis;
    }

    private static Map<String, Times> systems(Results results) {
        Map<String, Times> times = new LinkedHashMap<>();
        results.systems()
                .forEach(one -> SystemTable.done(one).ifPresent(done -> times.put(one.id(), done)));
        return times;
    }

    private static Map<String, Times> fetches(Results results) {
        Map<String, Times> times = new LinkedHashMap<>();
        results.fetches().forEach(one -> times.put(one.id(), one.done()));
        return times;
    }

    private static Map<String, Double> peaks(Results results) {
        Map<String, Double> peaks = new LinkedHashMap<>();
        results.systems()
                .forEach(one -> one.peak().ifPresent(p -> peaks.put(one.id(), p.perSecond())));
        return peaks;
    }

    // Figures by the id of a system, and of those that have intervals, the times they are of.
    private void section(
            String name,
            Function<Results, Map<String, Double>> figures,
            Function<Results, Map<String, Times>> times) {
        List<Map<String, Double>> columns = all.stream().map(figures).toList();
        List<String> ids = columns.stream().flatMap(c -> c.keySet().stream()).distinct().toList();
        if (ids.isEmpty()) {
            return;
        }
        boolean two = all.size() == 2;
        List<List<String>> rows = rows(name, two ? "change" : "min .. max, spread");
        for (String id : ids) {
            List<String> row = new ArrayList<>(List.of(id));
            List<Double> known = new ArrayList<>();
            for (Map<String, Double> column : columns) {
                Double figure = column.get(id);
                row.add(figure == null ? Say.NONE : Say.number(figure));
                if (figure != null) {
                    known.add(figure);
                }
            }
            List<Times> intervals =
                    all.stream().map(r -> times.apply(r).get(id)).filter(Objects::nonNull).toList();
            row.add(two ? change(known) + beyond(intervals) : spread(known));
            rows.add(row);
        }
        lines.end().table(rows);
    }

    private static String change(List<Double> values) {
        return values.size() == 2 && values.get(0) > 0
                ? String.format(Locale.ROOT, "%+.1f %%", (values.get(1) / values.get(0) - 1) * 100)
                : "";
    }

    // A change is one if neither median lies in the other's interval.
    private static String beyond(List<Times> times) {
        if (times.size() < 2) {
            return "";
        }
        Times a = times.get(0);
        Times b = times.get(1);
        boolean apart = !a.isWithin(b.median()) && !b.isWithin(a.median());
        return apart ? ", outside both intervals" : ", within an interval";
    }

    private static String spread(List<Double> values) {
        if (values.size() < 2) {
            return "";
        }
        List<Double> sorted = values.stream().sorted().toList();
        double min = sorted.get(0);
        double max = sorted.get(sorted.size() - 1);
        double median = Bootstrap.median(sorted);
        String range = Say.number(min) + " .. " + Say.number(max);
        return median > 0 ? range + ", " + Say.percent((max - min) / median * 100) : range;
    }
}
