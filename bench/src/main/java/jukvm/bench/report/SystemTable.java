package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Results;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.Results.Ratio;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.SystemResult.Density;
import jukvm.bench.result.SystemResult.Failure;
import jukvm.bench.result.SystemResult.Peak;
import jukvm.bench.result.Times;

/** What terminal and page say of each system: the one table, what is missing and what failed. */
final class SystemTable {
    /** The heads of the columns; a terminal has no room for more than {@link #NARROW} of them. */
    static final List<String> HEADS =
            List.of(
                    "system; ms",
                    "median (95 %)",
                    "p99",
                    "fetched",
                    "ratio",
                    "peak/s",
                    "held/s",
                    "core-ms",
                    "bad",
                    "peak ratio",
                    "MiB");

    /** How many columns a terminal has room for. */
    static final int NARROW = 9;

    /** The heads of the columns of systems that answer over HTTP. */
    static final List<String> ANSWER_HEADS =
            List.of(
                    "over HTTP; ms",
                    "median (95 %)",
                    "p99",
                    "first byte",
                    "all freed",
                    "peak/s",
                    "p99 there",
                    "core-ms",
                    "bad");

    /** The heads of the columns of systems that a container engine is asked for. */
    static final List<String> ENGINE_HEADS =
            List.of("by an engine; ms", "first byte (95 %)", "p99", "ended", "all freed", "bad");

    private SystemTable() {}

    /** Returns a row of cells for each system that greets, in the order of the heads. */
    static List<List<String>> rows(Results results) {
        return greeting(results).stream().map(system -> row(results, system)).toList();
    }

    /** Returns a row of cells for each system that answers over HTTP, in the order of its heads. */
    static List<List<String>> answerRows(Results results) {
        return answering(results).stream().map(SystemTable::answerRow).toList();
    }

    /** Returns a row of cells for each system by an engine, in the order of its heads. */
    static List<List<String>> engineRows(Results results) {
        return results.systems().stream()
                .filter(SystemResult::isByEngine)
                .map(SystemTable::engineRow)
                .toList();
    }

    /** Returns the systems whose action is the paper's: to greet and to end. */
    static List<SystemResult> greeting(Results results) {
        return results.systems().stream()
                .filter(system -> !system.isHttp() && !system.isByEngine())
                .toList();
    }

    /** Returns the systems whose action is to answer a request over HTTP. */
    static List<SystemResult> answering(Results results) {
        return results.systems().stream().filter(SystemResult::isHttp).toList();
    }

    private static List<String> row(Results results, SystemResult system) {
        Optional<Times> done = done(system);
        Optional<Fetch> fetch = results.fetch(system.id());
        Optional<Density> most = system.density().stream().reduce((before, last) -> last);
        long bad = system.failed() + fetch.map(Fetch::failed).orElse(0L);
        return List.of(
                system.id(),
                text(done.map(SystemTable::interval)),
                text(done.map(times -> Say.millis(times.p99()))),
                text(fetch.map(Fetch::done).map(SystemTable::medianAndP99)),
                text(ratio(results, "latency", system).map(Ratio::value).map(Say::number)),
                peak(system),
                held(system),
                text(system.peak().map(Peak::coreMillis).map(Say::number)),
                String.valueOf(bad),
                text(ratio(results, "throughput", system).map(r -> Say.number(1 / r.value()))),
                text(most.map(Density::pssMib).map(Say::number)));
    }

    private static List<String> answerRow(SystemResult system) {
        Optional<Times> done = done(system);
        Optional<Peak> peak = system.peak();
        Optional<Closed> there =
                system.closed().stream()
                        .filter(one -> peak.isPresent() && one.workers() == peak.get().workers())
                        .findFirst();
        return List.of(
                system.id(),
                text(done.map(SystemTable::interval)),
                text(done.map(times -> Say.millis(times.p99()))),
                text(system.latency().map(times -> Say.millis(times.hello().median()))),
                text(system.latency().map(times -> Say.millis(times.free().median()))),
                peak(system),
                text(there.map(closed -> Say.millis(closed.p99()))),
                text(peak.map(Peak::coreMillis).map(Say::number)),
                String.valueOf(system.failed()));
    }

    private static List<String> engineRow(SystemResult system) {
        Optional<Times> hello = system.latency().map(SystemResult.Latency::hello);
        return List.of(
                system.id(),
                text(hello.map(SystemTable::interval)),
                text(hello.map(times -> Say.millis(times.p99()))),
                text(done(system).map(times -> Say.millis(times.median()))),
                text(system.latency().map(times -> Say.millis(times.free().median()))),
                String.valueOf(system.failed()));
    }

    private static String text(Optional<String> cell) {
        return cell.orElse(Say.NONE);
    }

    /** Returns the times to the result, if they were measured. */
    static Optional<Times> done(SystemResult system) {
        return system.latency().map(latency -> latency.done());
    }

    private static String interval(Times times) {
        String interval = Say.millis(times.low()) + " to " + Say.millis(times.high());
        return Say.millis(times.median()) + " (" + interval + ")";
    }

    private static String medianAndP99(Times times) {
        return Say.millis(times.median()) + " (" + Say.millis(times.p99()) + ")";
    }

    private static Optional<Ratio> ratio(Results results, String what, SystemResult against) {
        return results.ratios().stream()
                .filter(ratio -> ratio.what().equals(what) && ratio.of().equals(Results.HEADLINE))
                .filter(ratio -> ratio.against().equals(against.id()))
                .findFirst();
    }

    /** Returns the most actions a second. */
    static String peak(SystemResult system) {
        return text(system.peak().map(Peak::perSecond).map(Say::number));
    }

    private static String held(SystemResult system) {
        if (system.offered().isEmpty()) {
            return Say.NONE;
        }
        return system.heldRate() > 0 ? Say.exact(system.heldRate()) : "none";
    }

    /** Returns a sentence for each system that was not measured. */
    static List<String> missing(Results results) {
        List<String> lines = new ArrayList<>();
        for (Missing missing : results.missing()) {
            String remedy = missing.remedy().isEmpty() ? "" : "; " + missing.remedy();
            lines.add(missing.id() + " (" + missing.title() + "): " + missing.reason() + remedy);
        }
        return lines;
    }

    /** Returns a sentence for each kind of failure. */
    static List<String> failures(Results results) {
        List<String> lines = new ArrayList<>();
        for (SystemResult one : results.systems()) {
            one.failures().forEach(failure -> lines.add(failure(failure, one.id())));
        }
        for (Fetch one : results.fetches()) {
            one.failures().forEach(failure -> lines.add(failure(failure, one.id() + ", fetched")));
        }
        return lines;
    }

    private static String failure(Failure failure, String id) {
        return Say.count(failure.count(), "action") + " of " + id + ": " + failure.reason();
    }
}
