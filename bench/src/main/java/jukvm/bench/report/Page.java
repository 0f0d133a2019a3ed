package jukvm.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Host;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/**
 * The report as one page that needs nothing else: no script, no font, no file beside it. The
 * verdict, two plots, one table; then what was measured, how, and on what host.
 */
final class Page {
    private static final String STYLE = "report.css";
    private static final String META =
            """
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            """;

    private final Html html = new Html("<!DOCTYPE html>\n");
    private final Results results;

    private Page(Results results) {
        this.results = results;
    }

    /** Returns the page. */
    static String of(Results results, List<RowPlot> plots) {
        return new Page(results).page(plots);
    }

    private String page(List<RowPlot> plots) {
        html.open("html", "lang", "en").open("head");
        html.markup(META);
        html.element("title", "jukvm bench: " + Bars.verdict(results));
        html.open("style").markup(style()).close().close();
        html.open("body").open("main");
        head();
        verdict();
        plots.forEach(this::plot);
        systems();
        List<String> missing = SystemTable.missing(results);
        list("Not measured", missing.isEmpty() ? List.of("Nothing: all were there.") : missing);
        failures();
        list("How it was measured", Method.MEASURED);
        list("What may be wrong with it", Method.threats(results));
        host(results.host());
        again();
        html.close().close().close();
        return html.page();
    }

    private static String style() {
        try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
            if (in == null) {
                throw new IllegalStateException(STYLE + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() {
        html.element("h1", "One tiny action: process, container, unikernel");
        String begun = results.started() + ", took " + Say.seconds(results.seconds());
        String where = ", plan " + results.plan() + ", on " + results.host().kvm() + ".";
        html.element(
                "p",
                "The same action, a greeting and exit 0, run as a process, in a minimal"
                        + " container, by a native tender and by jukvm, after \u201cWill Serverless"
                        + " End the Dominance of Linux in the Cloud?\u201d (HotOS 2017). Begun "
                        + begun
                        + where,
                "class",
                "lead");
        if (!results.partial().isEmpty()) {
            html.open("div", "class", "box", "id", "partial", "role", "note");
            html.element("strong", "Partial: ").text(results.partial());
            html.text(". What was not reached is missing below and counts as not measured.");
            html.close();
        }
    }

    private void verdict() {
        html.element("h2", "Verdict");
        html.element("p", Bars.verdict(results), "class", "verdict");
        html.open("ul", "class", "bars");
        for (Bars bar : Bars.of(results)) {
            html.open("li", "class", bar.word().replace(' ', '-'));
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
        note("For the two ratios the lower end of the 95 % confidence interval is what counts.");
    }

    private void plot(RowPlot plot) {
        html.open("figure");
        html.open("div", "class", "scroll").markup(plot.svg()).close();
        html.element("figcaption", plot.caption()).close();
    }

    private void systems() {
        html.element("h2", "Systems");
        if (results.systems().isEmpty()) {
            html.element("p", "No system was measured.");
            return;
        }
        table(SystemTable.HEADS, SystemTable.rows(results));
        note(
                "Times run from the request to the result, one action at a time; fetched (median and"
                        + " p99): with its image, nothing cached. Ratios are to "
                        + Results.HEADLINE
                        + ": how many times its time and its peak. Held is the"
                        + " highest rate of requests, as they come, at which p99 stays below 100 ms,"
                        + " nothing fails and no backlog grows. Core-ms are what an action takes of"
                        + " the processors at the peak"
                        + budgets()
                        + ". MiB are those of each of many idle instances. A dash stands for what"
                        + " was not measured; results.json has the rest.");
        note(
                "The paper, of which only reviews tell figures: a container takes almost 6 times as"
                        + " long as a process and does 1/13.7 of its actions a second (24 against"
                        + " 329); ukvm takes 1.34 times as long as a process and is at least 6 times"
                        + " better than a container in both.");
        answers();
        engines();
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

    private void answers() {
        List<List<String>> rows = SystemTable.answerRows(results);
        if (rows.isEmpty()) {
            return;
        }
        html.element("h2", "Answer over HTTP");
        table(SystemTable.ANSWER_HEADS, rows);
        note(
                "A launcher has a request, starts an instance for it, passes it on by a TCP"
                        + " connection of its own, and verifies the answer, 25 bytes. No image is"
                        + " fetched. Processes and containers listen on the host's loopback"
                        + " interface and print their port, which the launcher waits for; guests"
                        + " are reached through passt, which takes the connection before they"
                        + " serve. All freed: the instance has ended, too. The last p99 is that of"
                        + " answers with as many workers as do most.");
    }

    private void engines() {
        List<List<String>> rows = SystemTable.engineRows(results);
        if (rows.isEmpty()) {
            return;
        }
        html.element("h2", "By a container engine");
        table(SystemTable.ENGINE_HEADS, rows);
        note(
                "What a user of an engine waits for, from the request to the first byte that is"
                        + " printed, one container at a time, in turns: of a static program that"
                        + " runc runs, of a guest by a JVM in the container, and by the JVM that"
                        + " the node has. Neither has a network. docker and ctr are their commands;"
                        + " cri is a pod and a container in it, asked for by curl as by a kubelet,"
                        + " and what is printed is seen in the container's log.");
    }

    private void table(List<String> heads, List<List<String>> rows) {
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region");
        html.open("table").open("thead").open("tr");
        heads.forEach(head -> html.element("th", head, "scope", "col"));
        html.close().close().open("tbody");
        for (List<String> cells : rows) {
            html.open("tr").element("th", cells.get(0), "scope", "row");
            cells.stream().skip(1).forEach(cell -> html.element("td", cell));
            html.close();
        }
        html.close().close().close();
    }

    private String budgets() {
        return results.cost().stream()
                .map(cost -> Say.number(cost.coreMillis()) + " (" + cost.name() + ")")
                .reduce((one, other) -> one + "; " + other)
                .map(budgets -> "; its price pays for the server up to " + budgets)
                .orElse("");
    }

    private void failures() {
        List<String> lines = new ArrayList<>(SystemTable.failures(results));
        if (results.failed() == 0) {
            lines.add("None. The output and the status of every action were checked.");
        } else {
            lines.add(0, Say.count(results.failed(), "action") + " failed.");
        }
        list("Failures", lines);
    }

    private void host(Host host) {
        html.element("h2", "Host and settings").open("dl");
        setting("processor", host.cpu() + ", " + Say.count(host.cores(), "core"));
        setting("memory", Say.number(host.memory() / (1024.0 * 1024)) + " MiB");
        setting("kernel", "Linux " + host.kernel() + ", " + results.host().kvm());
        host.settings().forEach(setting -> setting(setting.name(), setting.value()));
        setting("Java", host.jdk() + " " + String.join(" ", host.jvmFlags()));
        setting("jukvm", host.jukvm());
        html.close();
    }

    private void setting(String name, String value) {
        html.element("dt", name).element("dd", value);
    }

    private void again() {
        html.element("h2", "Again");
        html.open("p").text("On this host or another, with the same plan: ");
        String quick = results.plan().equals("full") ? "" : " --" + results.plan();
        html.element("code", "./jukvm bench" + quick + " --out DIRECTORY").text(". Two such");
        html.text(" directories side by side: ");
        html.element("code", "./jukvm bench compare A B").text(". All figures are in ");
        html.element("code", "results.json").text(" beside this page.").close();
    }

    private void list(String title, List<String> sentences) {
        html.element("h2", title).open("ul");
        sentences.forEach(sentence -> html.element("li", sentence));
        html.close();
    }

    private void note(String text) {
        html.element("p", text, "class", "note");
    }
}
