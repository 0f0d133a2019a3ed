package jukvm.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jukvm.bench.result.Cost;
import jukvm.bench.result.Ratio;
import jukvm.bench.result.Results;

/** Ratios beside the paper's, and what a server must serve. */
final class CompareSection {
    private static final String LATENCY = "latency";
    private static final String THROUGHPUT = "throughput";

    private CompareSection() {}

    static void write(Html html, Results results) {
        ratios(html, results);
        cost(html, results);
    }

    private static void ratios(Html html, Results results) {
        html.element("h2", "Pairs");
        if (results.ratios().isEmpty()) {
            html.element("p", "No two systems were measured that are to be compared.");
            return;
        }
        Table table = Table.open(html, "Pairs", "pair", "#latency", "#throughput", "the paper");
        Map<String, List<Ratio>> pairs =
                results.ratios().stream()
                        .collect(
                                Collectors.groupingBy(
                                        ratio -> ratio.of() + " against " + ratio.against(),
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        pairs.forEach(
                (pair, ratios) ->
                        table.row(
                                pair,
                                times(ratios, LATENCY),
                                times(ratios, THROUGHPUT),
                                paper(ratios.get(0))));
        table.close();
        html.element(
                "p",
                "How many times better the first is, less time or more actions a second, with the"
                        + " 95 % interval. The paper's figures are from its abstract and from"
                        + " reviews of it; absolute times are not known. Container over process"
                        + " and tender over process, as reviewed, make 4.5 of container over"
                        + " tender, where the abstract says at least 6: one of them is rounded or"
                        + " measured otherwise.",
                "class",
                "note");
    }

    private static String times(List<Ratio> ratios, String what) {
        return ratios.stream()
                .filter(ratio -> ratio.what().equals(what))
                .findFirst()
                .map(
                        ratio ->
                                Say.number(ratio.value())
                                        + " ("
                                        + Say.number(ratio.low())
                                        + " to "
                                        + Say.number(ratio.high())
                                        + ")")
                .orElse(Say.NONE);
    }

    // The unikernel of the paper stands where jukvm stands here.
    private static String paper(Ratio ratio) {
        boolean ours = ratio.of().startsWith("jukvm") || ratio.of().startsWith("solo5");
        if (ratio.against().equals("runc") && ours) {
            return "at least 6 and 6 (ukvm)";
        }
        if (!ratio.of().equals("process")) {
            return Say.NONE;
        }
        if (ratio.against().equals("runc")) {
            return "almost 6 and 13.7 (329 to 24 actions/s)";
        }
        boolean unikernel =
                ratio.against().startsWith("jukvm") || ratio.against().startsWith("solo5");
        return unikernel ? "1.34 in latency (ukvm)" : Say.NONE;
    }

    private static void cost(Html html, Results results) {
        html.element("h2", "What a server must serve to pay for itself");
        if (results.cost().isEmpty()) {
            html.element("p", "Not computed.");
            return;
        }
        Table table =
                Table.open(
                        html,
                        "Cost",
                        "prices",
                        "#actions/s",
                        "#for each core",
                        "#core-ms for an action");
        for (Cost cost : results.cost()) {
            table.row(
                    cost.name(),
                    Say.exact(cost.perSecond()),
                    Say.number(cost.perCore()),
                    Say.number(cost.coreMillis()));
        }
        table.close();
        html.element(
                "p",
                "The rate at which what customers pay for actions equals the rent of a server of"
                        + " four processors. The paper's rate is held against whatever this host"
                        + " has.",
                "class",
                "note");
    }
}
