package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jukvm.bench.result.Closed;
import jukvm.bench.result.Density;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Phase;

/** The figures behind the plots, in tables. */
final class MeasuredSection {
    private static final String NOTHING = "Not measured.";

    private MeasuredSection() {}

    static void write(Html html, Results results) {
        fetches(html, results.fetches());
        closed(html, results);
        offered(html, results);
        density(html, results);
        phases(html, results);
    }

    private static void fetches(Html html, List<Fetch> fetches) {
        html.element("h2", "Fetch and start");
        if (fetches.isEmpty()) {
            html.element("p", NOTHING);
            return;
        }
        Table table =
                Table.open(
                        html,
                        "Fetch and start",
                        "system",
                        "#median, ms",
                        "#p99, ms",
                        "#longest, ms",
                        "#of it fetch, ms",
                        "#bytes",
                        "#failed",
                        "what",
                        "network");
        for (Fetch fetch : fetches) {
            table.row(
                    fetch.id(),
                    Say.millis(fetch.done().median()),
                    Say.millis(fetch.done().p99()),
                    Say.millis(fetch.done().max()),
                    fetch.fetch() > 0 ? Say.millis(fetch.fetch()) : Say.NONE,
                    String.format(Locale.ROOT, "%,d", fetch.bytes()),
                    String.valueOf(fetch.failed()),
                    fetch.how(),
                    fetch.network());
        }
        table.close();
    }

    private static void closed(Html html, Results results) {
        html.element("h2", "Throughput");
        if (results.systems().stream().allMatch(system -> system.closed().isEmpty())) {
            html.element("p", NOTHING);
            return;
        }
        List<Integer> workers =
                results.systems().stream()
                        .flatMap(system -> system.closed().stream().map(Closed::workers))
                        .distinct()
                        .sorted()
                        .toList();
        String[] heads = new String[workers.size() + 2];
        heads[0] = "actions/s with workers";
        for (int i = 0; i < workers.size(); i++) {
            heads[i + 1] = "#" + workers.get(i);
        }
        heads[heads.length - 1] = "#idle at the peak";
        Table table = Table.open(html, "Throughput", heads);
        for (SystemResult system : results.systems()) {
            String[] row = new String[heads.length];
            row[0] = system.id();
            for (int i = 0; i < workers.size(); i++) {
                row[i + 1] = rate(system, workers.get(i));
            }
            row[row.length - 1] =
                    system.peak().map(peak -> Say.percent(peak.idlePercent())).orElse(Say.NONE);
            table.row(row);
        }
        table.close();
    }

    private static String rate(SystemResult system, int workers) {
        return system.closed().stream()
                .filter(closed -> closed.workers() == workers)
                .map(closed -> Say.number(closed.perSecond()))
                .findFirst()
                .orElse(Say.NONE);
    }

    private static void offered(Html html, Results results) {
        html.element("h2", "Requests that come when they come");
        List<Double> rates =
                results.systems().stream()
                        .flatMap(system -> system.offered().stream().map(Offered::rate))
                        .distinct()
                        .sorted()
                        .toList();
        if (rates.isEmpty()) {
            html.element("p", NOTHING);
        } else {
            List<String> heads = new ArrayList<>(List.of("p99, ms, at a rate of"));
            rates.forEach(rate -> heads.add("#" + Say.exact(rate) + "/s"));
            heads.add("#highest held");
            Table table = Table.open(html, "Open loop", heads.toArray(new String[0]));
            for (SystemResult system : results.systems()) {
                List<String> row = new ArrayList<>(List.of(system.id()));
                rates.forEach(rate -> row.add(p99(system, rate)));
                row.add(Systems.held(system));
                table.row(row.toArray(new String[0]));
            }
            table.close();
            html.element(
                    "p",
                    "A cross marks a rate that did not hold: p99 over 100 ms, a backlog that grew"
                            + " or a failure.",
                    "class",
                    "note");
        }
        results.soak().ifPresent(soak -> html.element("p", sentence(soak)));
    }

    private static String p99(SystemResult system, double rate) {
        return system.offered().stream()
                .filter(offered -> offered.rate() == rate)
                .map(offered -> Say.millis(offered.p99()) + (offered.held() ? "" : " \u00d7"))
                .findFirst()
                .orElse(Say.NONE);
    }

    private static String sentence(Offered soak) {
        return String.format(
                Locale.ROOT,
                "The library at %s/s for %s: %,d requests, median %s, p99 %s, longest %s, %s within"
                        + " 100 ms, backlog %,d, failed %,d; the rate %s.",
                Say.exact(soak.rate()),
                Say.seconds(soak.seconds()),
                soak.count(),
                Say.time(soak.median()),
                Say.time(soak.p99()),
                Say.time(soak.max()),
                Say.percent(soak.inTimePercent()),
                soak.backlog(),
                soak.failed(),
                soak.held() ? "held" : "did not hold");
    }

    private static void density(Html html, Results results) {
        html.element("h2", "Memory of idle instances");
        List<Integer> counts =
                results.systems().stream()
                        .flatMap(system -> system.density().stream().map(Density::instances))
                        .distinct()
                        .sorted()
                        .toList();
        if (counts.isEmpty()) {
            html.element("p", NOTHING);
            return;
        }
        List<String> heads = new ArrayList<>(List.of("MiB of each, PSS / host"));
        counts.forEach(count -> heads.add("#" + count + " at once"));
        heads.add("#next one after these, ms");
        Table table = Table.open(html, "Memory", heads.toArray(new String[0]));
        for (SystemResult system : results.systems()) {
            if (system.density().isEmpty()) {
                continue;
            }
            List<String> row = new ArrayList<>(List.of(system.id()));
            counts.forEach(count -> row.add(memory(system, count)));
            Density most = system.density().get(system.density().size() - 1);
            row.add(Say.number(most.nextMillis()));
            table.row(row.toArray(new String[0]));
        }
        table.close();
        html.element(
                "p",
                "PSS is the proportional set size; beside it what the host's available memory"
                        + " shrank by. The last column is how long one more takes to its greeting.",
                "class",
                "note");
    }

    private static String memory(SystemResult system, int instances) {
        return system.density().stream()
                .filter(d -> d.instances() == instances)
                .map(d -> Say.number(d.pssMib()) + " / " + Say.number(d.availableMib()))
                .findFirst()
                .orElse(Say.NONE);
    }

    private static void phases(Html html, Results results) {
        List<SystemResult> shown =
                results.systems().stream().filter(s -> !s.phases().isEmpty()).toList();
        if (shown.isEmpty()) {
            return;
        }
        html.element("h2", "Phases of a start");
        List<String> heads = new ArrayList<>(List.of("median, \u00b5s"));
        shown.forEach(system -> heads.add("#" + system.id()));
        Table table = Table.open(html, "Phases", heads.toArray(new String[0]));
        shown.stream()
                .flatMap(system -> system.phases().stream().map(Phase::name))
                .distinct()
                .forEach(
                        name -> {
                            List<String> row = new ArrayList<>(List.of(name));
                            shown.forEach(system -> row.add(phase(system, name)));
                            table.row(row.toArray(new String[0]));
                        });
        table.close();
    }

    private static String phase(SystemResult system, String name) {
        return system.phases().stream()
                .filter(phase -> phase.name().equals(name))
                .map(phase -> Say.number(phase.micros()))
                .findFirst()
                .orElse(Say.NONE);
    }
}
