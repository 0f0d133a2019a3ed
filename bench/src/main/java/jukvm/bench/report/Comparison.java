package jukvm.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.ResultFile;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.Times;
import jukvm.error.ConfigException;

/** Several experiments side by side, as text; of two at most 100 columns wide. */
public final class Comparison {
    private static final int MOST = 26;
    private static final int NAME = 28;
    private static final int CELL = 11;

    private final Lines lines = new Lines();
    private final List<Results> all;
    private final boolean two;

    private Comparison(List<Results> all) {
        this.all = all;
        this.two = all.size() == 2;
    }

    /**
     * Returns the comparison of result directories.
     *
     * @throws ConfigException if one holds no results that this version reads, is given twice, or
     *     there are too few or too many
     */
    public static String of(List<Path> directories) {
        if (directories.size() < 2 || directories.size() > MOST) {
            throw new ConfigException(
                    "compare: need from 2 to "
                            + MOST
                            + " result directories, got "
                            + directories.size());
        }
        Comparison comparison = new Comparison(read(directories));
        comparison.heads(directories);
        comparison.warnings();
        comparison.verdicts();
        comparison.systems("median, ms", Comparison::median);
        comparison.systems("p99, ms", Comparison::p99);
        comparison.systems("peak, actions/s", Comparison::peak);
        comparison.fetches("fetch and start, median, ms", fetch -> fetch.done().median());
        comparison.fetches("fetch and start, p99, ms", fetch -> fetch.done().p99());
        return comparison.lines.toString();
    }

    private static List<Results> read(List<Path> directories) {
        Map<Path, Path> seen = new HashMap<>();
        List<Results> all = new ArrayList<>();
        for (Path directory : directories) {
            all.add(ResultFile.read(directory));
            Path before = seen.put(real(directory), directory);
            if (before != null) {
                throw new ConfigException(
                        "compare: " + before + " and " + directory + " are the same directory");
            }
        }
        return all;
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            return directory.toAbsolutePath().normalize();
        }
    }

    private static String letter(int place) {
        return String.valueOf((char) ('A' + place));
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
    }

    private void warnings() {
        differ("host", results -> results.host().cpu() + ", " + results.host().cores() + " cores");
        differ("kernel", results -> results.host().kernel());
        differ("KVM", Systems::kvm);
        differ("JDK", results -> results.host().jdk());
        differ("plan", Results::plan);
    }

    private void differ(String what, Function<Results, String> of) {
        if (all.stream().map(of).distinct().count() > 1) {
            String each =
                    IntStream.range(0, all.size())
                            .mapToObj(i -> letter(i) + " " + of.apply(all.get(i)))
                            .reduce((a, b) -> a + "; " + b)
                            .orElse("");
            lines.text("warning: " + what + " differs: " + each, 4);
        }
    }

    private void verdicts() {
        head("bars of the paper", 20, "verdict");
        for (int i = 0; i < Bars.of(all.get(0)).size(); i++) {
            int place = i;
            List<Bars> bars = all.stream().map(results -> Bars.of(results).get(place)).toList();
            boolean same = bars.stream().map(Bars::word).distinct().count() == 1;
            StringBuilder row = new StringBuilder(padded(bars.get(0).name(), NAME));
            for (Bars bar : bars) {
                String cell =
                        bar.bar().measured()
                                ? bar.word() + " " + Say.number(bar.bar().figure())
                                : bar.word();
                row.append(right(cell, 20));
            }
            lines.row("%s   %s", row, same ? "same" : "DIFFERS");
        }
    }

    private void head(String name, int cell, String rest) {
        lines.end();
        StringBuilder row = new StringBuilder(padded(name, NAME));
        IntStream.range(0, all.size()).forEach(i -> row.append(right(letter(i), cell)));
        lines.row("%s   %s", row, rest);
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }

    private static Optional<Double> median(SystemResult system) {
        return Systems.done(system).map(times -> times.median() / 1000);
    }

    private static Optional<Double> p99(SystemResult system) {
        return Systems.done(system).map(times -> times.p99() / 1000);
    }

    private static Optional<Double> peak(SystemResult system) {
        return system.peak().map(peak -> peak.perSecond());
    }

    private void systems(String name, Function<SystemResult, Optional<Double>> of) {
        section(
                name,
                results -> results.systems().stream().map(SystemResult::id),
                (results, id) -> results.system(id).flatMap(of),
                (results, id) -> name.startsWith("median") ? times(results, id) : Optional.empty());
    }

    private static Optional<Times> times(Results results, String id) {
        return results.system(id).flatMap(Systems::done);
    }

    private void fetches(String name, Function<Fetch, Double> of) {
        section(
                name,
                results -> results.fetches().stream().map(Fetch::id),
                (results, id) -> results.fetch(id).map(of).map(micros -> micros / 1000),
                (results, id) ->
                        name.contains("median")
                                ? results.fetch(id).map(Fetch::done)
                                : Optional.empty());
    }

    // A value of results by the id of a system.
    private interface Of<T> {
        Optional<T> value(Results results, String id);
    }

    private void section(
            String name,
            Function<Results, Stream<String>> ids,
            Of<Double> of,
            Of<Times> intervals) {
        List<String> rows = all.stream().flatMap(ids).distinct().toList();
        if (rows.stream().allMatch(id -> all.stream().allMatch(r -> of.value(r, id).isEmpty()))) {
            return;
        }
        head(name, CELL, two ? "change" : "min .. max, spread");
        for (String id : rows) {
            List<Optional<Double>> values = all.stream().map(r -> of.value(r, id)).toList();
            StringBuilder row = new StringBuilder(padded(id, NAME));
            values.forEach(v -> row.append(right(v.map(Say::number).orElse(Say.NONE), CELL)));
            List<Double> known = values.stream().flatMap(Optional::stream).toList();
            if (two) {
                String change = known.size() == 2 ? change(known.get(0), known.get(1)) : "";
                List<Times> times =
                        all.stream()
                                .map(r -> intervals.value(r, id))
                                .flatMap(Optional::stream)
                                .toList();
                lines.row("%s   %s%s", row, change, times.size() == 2 ? beyond(times) : "");
            } else {
                lines.row("%s   %s", row, spread(known));
            }
        }
    }

    private static String change(double before, double after) {
        return before > 0 ? String.format(Locale.ROOT, "%+.1f %%", (after / before - 1) * 100) : "";
    }

    // A change is one if neither median lies in the other's interval.
    private static String beyond(List<Times> two) {
        Times a = two.get(0);
        Times b = two.get(1);
        boolean apart =
                (b.median() < a.low() || b.median() > a.high())
                        && (a.median() < b.low() || a.median() > b.high());
        return apart ? ", outside both intervals" : ", within an interval";
    }

    private static String spread(List<Double> values) {
        if (values.size() < 2) {
            return "";
        }
        List<Double> sorted = values.stream().sorted().toList();
        double min = sorted.get(0);
        double max = sorted.get(sorted.size() - 1);
        int half = sorted.size() / 2;
        double median =
                sorted.size() % 2 == 1
                        ? sorted.get(half)
                        : (sorted.get(half - 1) + sorted.get(half)) / 2;
        String range = Say.number(min) + " .. " + Say.number(max);
        return median > 0 ? range + ", " + Say.percent((max - min) / median * 100) : range;
    }
}
