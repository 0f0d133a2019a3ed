package jukvm.bench.report;

import jukvm.bench.result.Cost;
import jukvm.bench.result.Ratio;
import jukvm.bench.result.Results;

/** Ratios beside the paper's, and what a server must serve. */
final class CompareSection {
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
        Table table =
                Table.open(
                        html,
                        "Pairs",
                        "what",
                        "better, if above 1",
                        "against",
                        "#times (95 % interval)",
                        "the paper");
        for (Ratio ratio : results.ratios()) {
            table.row(
                    ratio.what(),
                    ratio.of(),
                    ratio.against(),
                    Say.number(ratio.value())
                            + " ("
                            + Say.number(ratio.low())
                            + " to "
                            + Say.number(ratio.high())
                            + ")",
                    paper(ratio));
        }
        table.close();
        html.element(
                "p",
                "The paper's figures are from its abstract and from reviews of it; absolute times"
                        + " are not known. Container over process and tender over process, as"
                        + " reviewed, make 4.5 of container over tender, where the abstract says"
                        + " at least 6: one of them is rounded or measured otherwise.",
                "class",
                "note");
    }

    // The unikernel of the paper stands where jukvm stands here.
    private static String paper(Ratio ratio) {
        boolean latency = ratio.what().equals("latency");
        boolean ours = ratio.of().startsWith("jukvm") || ratio.of().startsWith("solo5");
        if (ratio.against().equals("runc") && ours) {
            return "at least 6 (ukvm)";
        }
        if (!ratio.of().equals("process")) {
            return Say.NONE;
        }
        if (ratio.against().equals("runc")) {
            return latency ? "almost 6" : "13.7 (329 to 24 actions/s)";
        }
        boolean unikernel =
                ratio.against().startsWith("jukvm") || ratio.against().startsWith("solo5");
        return latency && unikernel ? "1.34 (ukvm)" : Say.NONE;
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
