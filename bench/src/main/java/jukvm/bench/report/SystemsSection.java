package jukvm.bench.report;

import jukvm.bench.result.Missing;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/** The systems in one table, and those that are not in it. */
final class SystemsSection {
    private SystemsSection() {}

    static void write(Html html, Results results) {
        html.element("h2", "Systems");
        if (results.systems().isEmpty()) {
            html.element("p", "No system was measured.");
            return;
        }
        String headline = Systems.headline(results).map(SystemResult::id).orElse("jukvm-cold");
        Table table =
                Table.open(
                        html,
                        "Systems",
                        "system",
                        "#median, ms (95 % interval)",
                        "#p99, ms",
                        "#warm-up, ms",
                        "#times " + headline,
                        "#peak, 1/s",
                        "#held, 1/s",
                        "#core-ms each",
                        "#failed");
        for (SystemResult system : results.systems()) {
            table.row(
                    system.id(),
                    Systems.interval(system),
                    Systems.p99(system),
                    Systems.warmUp(system),
                    Systems.ratio(results, system),
                    Systems.peak(system),
                    Systems.held(system),
                    Systems.cost(system),
                    String.valueOf(system.failed()));
        }
        table.close();
        html.element(
                "p",
                "Times run from the request to the result, one action at a time. Warm-up is the"
                        + " median of the first actions, which are not counted. A dash stands for"
                        + " what was not measured.",
                "class",
                "note");
        html.open("dl");
        for (SystemResult system : results.systems()) {
            html.element("dt", system.id()).open("dd");
            html.text(system.title() + ": ").element("code", system.how());
            html.text(system.version().isEmpty() ? "" : ", version " + system.version());
            html.text(system.kept().isEmpty() ? "" : ". Kept between actions: " + system.kept());
            html.text(".").close();
        }
        html.close();
    }

    /** Writes the systems that were not measured. */
    static void missing(Html html, Results results) {
        html.element("h2", "Not measured");
        if (results.missing().isEmpty()) {
            html.element("p", "Nothing: every system was there.");
            return;
        }
        Table table = Table.open(html, "Not measured", "system", "what", "why", "remedy");
        for (Missing missing : results.missing()) {
            table.row(missing.id(), missing.title(), missing.reason(), missing.remedy());
        }
        table.close();
    }
}
