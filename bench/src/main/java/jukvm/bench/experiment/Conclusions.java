package jukvm.bench.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jukvm.bench.load.Bootstrap;
import jukvm.bench.load.Bootstrap.Interval;
import jukvm.bench.load.Findings;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Results;
import jukvm.bench.result.Results.Ratio;
import jukvm.bench.result.Verdict;
import jukvm.bench.result.Verdict.Bar;

/** What follows from findings: how systems compare, and whether the bars of the paper are met. */
final class Conclusions {
    private static final double FETCH_MILLIS = 100;
    private static final double FACTOR = 6;
    private static final double MICROS_A_MILLI = 1000;

    private static final List<String> OURS = List.of(Results.HEADLINE, "jukvm-shell", "jukvm-cli");
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
        double[] times = times(all, of);
        double[] otherTimes = times(all, against);
        if (times.length > 0 && otherTimes.length > 0) {
            ratios.add(ratio("latency", of, against, otherTimes, times));
        }
        double[] rates = rates(all, of);
        double[] otherRates = rates(all, against);
        if (rates.length > 0 && otherRates.length > 0) {
            ratios.add(ratio("throughput", of, against, rates, otherRates));
        }
    }

    private static double[] times(List<Findings> all, String id) {
        return Findings.of(all, id).map(one -> one.done().micros()).orElse(new double[0]);
    }

    // A system that gets nothing done in a window has no rate to compare.
    private static double[] rates(List<Findings> all, String id) {
        return Findings.of(all, id)
                .map(one -> one.repetitions().stream().mapToDouble(rate -> rate).toArray())
                .filter(rates -> Arrays.stream(rates).allMatch(rate -> rate > 0))
                .orElse(new double[0]);
    }

    private static Ratio ratio(
            String what, String of, String against, double[] over, double[] under) {
        Interval interval = Bootstrap.ratioInterval(over, under);
        double value = Bootstrap.ratio(over, under);
        return new Ratio(what, of, against, value, interval.low(), interval.high());
    }

    /** Returns the verdict. */
    static Verdict verdict(
            List<Ratio> ratios, List<Fetch> fetches, Optional<Offered> soak, double heldRate) {
        return new Verdict(
                fetchAndStart(fetches),
                soak.map(offered -> sustained(offered, heldRate))
                        .orElse(unmeasured(OpenLoops.RATE, "actions/s")),
                factor(ratios, "latency", "takes %.1f times as long"),
                factor(ratios, "throughput", "does 1/%.1f of the actions a second"));
    }

    private static Bar fetchAndStart(List<Fetch> fetches) {
        Optional<Fetch> fetch = fetch(fetches, Results.HEADLINE);
        if (fetch.isEmpty()) {
            return unmeasured(FETCH_MILLIS, "ms");
        }
        double p99 = fetch.get().done().p99() / MICROS_A_MILLI;
        String commandLine =
                fetch(fetches, "jukvm-cli")
                        .map(one -> one.done().p99() / MICROS_A_MILLI)
                        .map(millis -> text("; with a JVM for each action, %.0f ms", millis))
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

    private static Optional<Fetch> fetch(List<Fetch> fetches, String id) {
        return fetches.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    private static Bar sustained(Offered offered, double heldRate) {
        double figure = offered.held() ? Math.max(heldRate, offered.rate()) : 0;
        String text =
                text(
                        "%.2f actions/s for %.0f s: p99 %.1f ms, %d failed; the highest rate that"
                                + " held is %,.2f/s.",
                        offered.rate(),
                        offered.seconds(),
                        offered.p99() / MICROS_A_MILLI,
                        offered.failed(),
                        figure);
        return new Bar(offered.held(), true, figure, OpenLoops.RATE, "actions/s", text);
    }

    private static Bar factor(List<Ratio> ratios, String what, String words) {
        String sentence = "runc " + words + " (95 %% confidence: %.1f to %.1f).";
        return ratios.stream()
                .filter(ratio -> ratio.what().equals(what))
                .filter(ratio -> ratio.of().equals(Results.HEADLINE))
                .filter(ratio -> ratio.against().equals("runc"))
                .findFirst()
                .map(
                        ratio ->
                                new Bar(
                                        ratio.low() >= FACTOR,
                                        true,
                                        ratio.low(),
                                        FACTOR,
                                        "times",
                                        text(sentence, ratio.value(), ratio.low(), ratio.high())))
                .orElse(unmeasured(FACTOR, "times"));
    }

    private static Bar unmeasured(double bar, String unit) {
        return new Bar(false, false, 0, bar, unit, "Not measured.");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
