package jukvm.bench.report;

import java.util.List;
import jukvm.bench.result.Results;
import jukvm.bench.result.Verdict;
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
        Verdict verdict = results.verdict();
        String rate = "at least 125.23 actions/s, p99 below 100 ms";
        String factor = "at least 6 times better";
        return List.of(
                new Bars(
                        "Fetch and start",
                        "nothing cached, p99 below 100 ms",
                        true,
                        verdict.fetchAndStart()),
                new Bars("Sustained rate", rate, false, verdict.sustained()),
                new Bars("Latency against runc", factor, false, verdict.latencyRatio()),
                new Bars("Throughput against runc", factor, false, verdict.throughputRatio()));
    }

    /** Returns the verdict in two words. */
    String word() {
        return bar.measured() ? bar.met() ? "met" : "not met" : "not measured";
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
        String where = below ? over < 1 ? " below" : " over" : over < 1 ? " short of" : "";
        return Say.number(over < 1 ? 1 / over : over) + " times" + where + " the bar";
    }

    /** Returns whether all were met, or what keeps us from saying so, as a sentence. */
    static String verdict(Results results) {
        List<Bar> all = results.verdict().all();
        long met = all.stream().filter(Bar::met).count();
        long open = all.stream().filter(bar -> !bar.measured()).count();
        long missed = all.size() - met - open;
        if (met == all.size()) {
            return "All four bars of the paper are met.";
        }
        String text = met + " of " + all.size() + " bars of the paper " + are(met) + " met";
        text += missed == 0 ? "" : ", " + missed + " " + are(missed) + " not";
        return text + (open == 0 ? "." : ", " + open + " not measured.");
    }

    private static String are(long count) {
        return count == 1 ? "is" : "are";
    }
}
