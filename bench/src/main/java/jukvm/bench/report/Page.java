package jukvm.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jukvm.bench.result.Results;

/** The report as one page that needs nothing else: no script, no font, no file beside it. */
final class Page {
    private static final String STYLE = "report.css";

    /**
     * A plot as the page shows it.
     *
     * @param wide SVG for screens and paper
     * @param phone SVG for telephones
     * @param caption what is to be seen in it
     */
    record Drawn(String wide, String phone, String caption) {}

    private Page() {}

    /**
     * Returns the page.
     *
     * @param plots in the order in which they are shown
     * @param notices what could not be done, such as drawing plots
     */
    static String of(Results results, List<Drawn> plots, List<String> notices) {
        Html html = new Html();
        html.open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.element("title", "jukvm bench: " + Bars.verdict(results));
        html.open("style").markup(style()).close().close();
        html.open("body").open("main");
        VerdictSection.write(html, results);
        SystemsSection.write(html, results);
        plots(html, plots, notices);
        SystemsSection.missing(html, results);
        MeasuredSection.write(html, results);
        CompareSection.write(html, results);
        HostSection.write(html, results);
        MethodSection.write(html, results);
        html.close().close().close();
        return html.page();
    }

    private static void plots(Html html, List<Drawn> plots, List<String> notices) {
        if (plots.isEmpty() && notices.isEmpty()) {
            return;
        }
        html.element("h2", "Plots");
        notices.forEach(notice -> html.element("p", notice, "class", "box"));
        for (Drawn plot : plots) {
            html.open("figure");
            html.open("div", "class", "wide").markup(plot.wide()).close();
            html.open("div", "class", "phone").markup(plot.phone()).close();
            html.element("figcaption", plot.caption()).close();
        }
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
}
