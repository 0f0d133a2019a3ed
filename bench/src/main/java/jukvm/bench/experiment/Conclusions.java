package jukvm.bench.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import jukvm.bench.load.Findings;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Ratio;
import jukvm.bench.result.Verdict;
import jukvm.bench.result.Verdict.Bar;
import jukvm.bench.stats.Bootstrap;
import jukvm.bench.stats.Interval;

/** What follows from findings: how systems compare, and whether the bars of the paper are met. */
final class Conclusions {
    /** The system that the bars are held against: jukvm as a library, nothing kept. */
    static final String HEADLINE = "jukvm-cold";

    private static final double FETCH_MILLIS = 100;
    private static final double FACTOR = 6;
    private static final double MICROS_A_MILLI = 1000;
    private static final List<String> OURS = List.of(HEADLINE, "jukvm-shell", "jukvm-cli");
    private static final List<String> OTHERS =
            List.of("process", "runc", "runc-tuned", "crun", "ctr", "solo5-hvt");

    private Conclusions() {}

    /** Returns all ratios that there are findings for. */
    static List<Ratio> ratios(List<Findings> all) {
        List<Ratio> ratios = new ArrayList<>();
        for (String of : OURS) {
            OTHERS.forEach(against -> addBoth(ratios, all, of, against));
        }
        // Those that the paper gives: a container takes 6 times as long, a unikernel 1.34 times.
        addBoth(ratios, all, "process", "runc");
        addBoth(ratios, all, "process", "solo5-hvt");
        return ratios;
    }

    private static void addBoth(List<Ratio> ratios, List<Findings> all, String of, String against) {
        Optional<Findings> better = find(all, of);
        Optional<Findings> other = find(all, against);
        if (better.isEmpty() || other.isEmpty()) {
            return;
        }
        double[] times = better.get().done().micros();
        double[] otherTimes = other.get().done().micros();
        if (times.length > 0 && otherTimes.length > 0) {
            ratios.add(ratio("latency", of, against, otherTimes, times));
        }
        double[] rates = rates(better.get());
        double[] otherRates = rates(other.get());
        if (rates.length > 0 && otherRates.length > 0) {
            ratios.add(ratio("throughput", of, against, rates, otherRates));
        }
    }

    private static double[] rates(Findings one) {
        double[] rates = one.repetitions().stream().mapToDouble(Double::doubleValue).toArray();
        // A system that gets nothing done in a window has no rate to compare.
        return DoubleStream.of(rates).allMatch(rate -> rate > 0) ? rates : new double[0];
    }

    private static Ratio ratio(
            String what, String of, String against, double[] over, double[] under) {
        Interval interval = Bootstrap.ratioInterval(over, under);
        double value = Bootstrap.ratio(over, under);
        return new Ratio(what, of, against, value, interval.low(), interval.high());
    }

    private static Optional<Findings> find(List<Findings> all, String id) {
        return all.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** Returns the verdict. */
    static Verdict verdict(
            List<Ratio> ratios, List<Fetch> fetches, Optional<Offered> soak, double heldRate) {
        return new Verdict(
                fetchAndStart(fetches),
                sustained(soak, heldRate),
                factor(ratios, "latency", "takes %.1f times as long"),
                factor(ratios, "throughput", "does 1/%.1f of the actions a second"));
    }

    private static Bar fetchAndStart(List<Fetch> fetches) {
        Optional<Fetch> fetch =
                fetches.stream().filter(one -> one.id().equals(HEADLINE)).findFirst();
        if (fetch.isEmpty()) {
            return unmeasured(FETCH_MILLIS, "ms");
        }
        double p99 = fetch.get().done().p99() / MICROS_A_MILLI;
        String commandLine =
                fetches.stream()
                        .filter(one -> one.id().equals("jukvm-cli"))
                        .findFirst()
                        .map(one -> one.done().p99() / MICROS_A_MILLI)
                        .map(p99Cli -> text("; with a JVM for each action, %.0f ms", p99Cli))
                        .orElse("");
        return new Bar(
                fetch.get().failed() == 0 && p99 < FETCH_MILLIS,
                true,
                p99,
                FETCH_MILLIS,
                "ms",
                text(
                        "Fetched and started with nothing cached, p99 %.1f ms of %,d actions%s.",
                        p99, fetch.get().done().count(), commandLine));
    }

    private static Bar sustained(Optional<Offered> soak, double heldRate) {
        if (soak.isEmpty()) {
            return unmeasured(OpenLoops.RATE, "actions/s");
        }
        Offered offered = soak.get();
        double figure = offered.held() ? Math.max(heldRate, offered.rate()) : 0;
        return new Bar(
                offered.held(),
                true,
                figure,
                OpenLoops.RATE,
                "actions/s",
                text(
                        "%.2f actions/s for %.0f s: p99 %.1f ms, %d failed; the highest rate that"
                                + " held is %,.2f/s.",
                        offered.rate(),
                        offered.seconds(),
                        offered.p99() / MICROS_A_MILLI,
                        offered.failed(),
                        figure));
    }

    private static Bar factor(List<Ratio> ratios, String what, String words) {
        Optional<Ratio> found =
                ratios.stream()
                        .filter(ratio -> ratio.what().equals(what))
                        .filter(ratio -> ratio.of().equals(HEADLINE))
                        .filter(ratio -> ratio.against().equals("runc"))
                        .findFirst();
        if (found.isEmpty()) {
            return unmeasured(FACTOR, "times");
        }
        Ratio ratio = found.get();
        return new Bar(
                ratio.low() >= FACTOR,
                true,
                ratio.low(),
                FACTOR,
                "times",
                text(
                        "runc " + words + " (95 %% confidence: %.1f to %.1f).",
                        ratio.value(),
                        ratio.low(),
                        ratio.high()));
    }

    private static Bar unmeasured(double bar, String unit) {
        return new Bar(false, false, 0, bar, unit, "Not measured.");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
