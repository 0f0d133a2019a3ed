package jukvm.bench.report;

import java.util.List;
import jukvm.bench.result.Results;
import jukvm.bench.result.Verdict.Bar;

/**
 * A bar of the paper in words.
 *
 * @param name what is held against it
 * @param need what the paper asks for
 * @param below whether the figure must be below the bar; else at least as high
 */
record Bars(String name, String need, boolean below, Bar bar) {
    /** Returns all bars, in the order of reports. */
    static List<Bars> of(Results results) {
        return List.of(
                new Bars(
                        "Fetch and start",
                        "nothing cached, p99 below 100 ms",
                        true,
                        results.verdict().fetchAndStart()),
                new Bars(
                        "Sustained rate",
                        "at least 125.23 actions/s, p99 below 100 ms",
                        false,
                        results.verdict().sustained()),
                new Bars(
                        "Latency against runc",
                        "at least 6 times better",
                        false,
                        results.verdict().latencyRatio()),
                new Bars(
                        "Throughput against runc",
                        "at least 6 times better",
                        false,
                        results.verdict().throughputRatio()));
    }

    /** Returns the verdict in two words. */
    String word() {
        if (!bar.measured()) {
            return "not measured";
        }
        return bar.met() ? "met" : "not met";
    }

    /** Returns the figure and its unit. */
    String figure() {
        return bar.measured() ? Say.number(bar.figure()) + " " + bar.unit() : Say.NONE;
    }

    /** Returns by how much the figure passes or misses; empty if there is none. */
    String margin() {
        if (!bar.measured() || bar.figure() <= 0 || bar.bar() <= 0) {
            return "";
        }
        double over = bar.figure() / bar.bar();
        if (below) {
            return over < 1
                    ? Say.number(1 / over) + " times below the bar"
                    : Say.number(over) + " times over the bar";
        }
        return over < 1
                ? Say.number(1 / over) + " times short of the bar"
                : Say.number(over) + " times the bar";
    }

    /** Returns whether all were met, or what keeps us from saying so, as a sentence. */
    static String verdict(Results results) {
        List<Bars> all = of(results);
        long met = all.stream().filter(bar -> bar.bar.met()).count();
        long open = all.stream().filter(bar -> !bar.bar.measured()).count();
        if (met == all.size()) {
            return "All four bars of the paper are met.";
        }
        String text =
                met
                        + " of "
                        + all.size()
                        + (met == 1 ? " bars of the paper is met" : " bars of the paper are met");
        long missed = all.size() - met - open;
        text += missed == 0 ? "" : ", " + missed + (missed == 1 ? " is not" : " are not");
        return text + (open == 0 ? "." : ", " + open + " not measured.");
    }
}
