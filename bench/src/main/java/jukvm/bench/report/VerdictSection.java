package jukvm.bench.report;

import jukvm.bench.result.Results;

/** Title and verdict. */
final class VerdictSection {
    private VerdictSection() {}

    static void write(Html html, Results results) {
        html.element("h1", "One tiny action: process, container, unikernel");
        html.element(
                "p",
                "The same action, a greeting and exit 0, run as a process, in a minimal"
                        + " container, by a native tender and by jukvm, after \u201cWill Serverless"
                        + " End the Dominance of Linux in the Cloud?\u201d (HotOS 2017). "
                        + when(results),
                "class",
                "lead");
        if (!results.partial().isEmpty()) {
            html.open("div", "class", "box", "id", "partial", "role", "note");
            html.element("strong", "Partial: ").text(results.partial());
            html.text(". What was not reached is missing below and counts as not measured.");
            html.close();
        }
        html.element("h2", "Verdict");
        html.element("p", Bars.verdict(results), "class", "verdict");
        html.open("ul", "class", "bars");
        for (Bars bar : Bars.of(results)) {
            html.open("li", "class", kind(bar));
            html.open("p", "class", "head");
            html.element("strong", bar.name()).text(" ");
            html.element("span", bar.word(), "class", "word").close();
            html.element("p", bar.figure(), "class", "figure");
            html.element("p", "Need: " + bar.need() + ".");
            if (!bar.margin().isEmpty()) {
                html.element("p", "That is " + bar.margin() + ".");
            }
            html.element("p", bar.bar().text()).close();
        }
        html.close();
        html.element(
                "p",
                "For the two ratios the lower end of the 95 % confidence interval is what counts.",
                "class",
                "note");
    }

    private static String when(Results results) {
        return "Begun "
                + results.started()
                + ", took "
                + Say.seconds(results.seconds())
                + ", plan "
                + results.plan()
                + ", on "
                + Figure.kvm(results)
                + ".";
    }

    private static String kind(Bars bar) {
        if (!bar.bar().measured()) {
            return "open";
        }
        return bar.bar().met() ? "met" : "missed";
    }
}
