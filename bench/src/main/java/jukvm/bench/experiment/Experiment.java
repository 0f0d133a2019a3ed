package jukvm.bench.experiment;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jukvm.bench.BenchFiles;
import jukvm.bench.Progress;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Levels;
import jukvm.bench.cost.CostModel;
import jukvm.bench.engine.Engines;
import jukvm.bench.fetch.FetchRuns;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.DensityRuns;
import jukvm.bench.load.Findings;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.load.Processor;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Host.Setting;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Results;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.Results.Ratio;
import jukvm.bench.result.SystemResult;
import jukvm.error.JukvmException;

/** The experiment: runs its parts one after another; what was found when it ends is its result. */
final class Experiment {
    // Their rates say what there is to say: the others are variants, or too slow to offer any.
    private static final Set<String> OFFERED =
            Set.of("process", "runc", "crun", "solo5-hvt", "jukvm-cold", "jukvm-shell");

    // More at once than any system here can be good for.
    private static final int THREADS = 128;

    private static final int PARTS = 6;
    private static final int IDLE_MILLIS = 1000;

    private final Plan plan;
    private final BenchFiles files;
    private final Progress progress;
    private final RawFiles raw = new RawFiles();
    private final List<Findings> findings = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final List<Setting> settings = new ArrayList<>();
    private FetchRuns fetches = new FetchRuns("");
    private Optional<Offered> soak = Optional.empty();
    private String partial = "";

    Experiment(Plan plan, BenchFiles files, Progress progress) {
        this.plan = plan;
        this.files = files;
        this.progress = progress;
        progress.plan(plan.seconds(), PARTS);
    }

    /**
     * Measures. Ends early if the thread is interrupted or the host refuses something, with what
     * was found until then.
     *
     * @param work an empty directory, which the caller deletes
     * @param interruption of the calling thread; over when this returns
     */
    Results run(Path work, Interruption interruption) throws InterruptedException {
        String started = now();
        Processor before = Processor.read();
        try (Levels levels = new Levels(files)) {
            measure(levels, work);
        } catch (InterruptedException e) {
            partial = "interrupted at: " + progress.step();
        } catch (JukvmException e) {
            partial = "ended at: " + progress.step() + ": " + e.getMessage();
        }
        interruption.over();
        return results(started, Processor.read().since(before));
    }

    private void measure(Levels levels, Path work) throws InterruptedException {
        progress.next();
        progress.say("looking for systems");
        settings.add(new Setting("processor used by others before", used()));
        try (Catalog catalog = Catalog.search(work, files, levels)) {
            missing.addAll(catalog.missing());
            catalog.found().forEach(system -> findings.add(new Findings(system)));
            new LatencyRuns(plan.latency(), raw.latency(), progress).run(findings);
            progress.next();
            new ClosedLoops(plan.closed(), raw::add, progress).run(findings);
            progress.next();
            offer();
            progress.next();
            fetches = new FetchRuns(HostReader.network());
            LatencyRuns runs = new LatencyRuns(plan.fetch(), raw.fetch(), progress);
            fetches.run(catalog, files, levels, work, runs);
            fetches.missing().forEach(this::addFailure);
            progress.next();
            new DensityRuns(progress).run(findings, plan.density());
        }
        progress.next();
        askEngines(work);
    }

    private void askEngines(Path work) throws InterruptedException {
        progress.say("starting container engines");
        try (Engines engines = Engines.start(files, work.resolve("engines"))) {
            missing.addAll(engines.missing());
            List<Findings> asked = engines.found().stream().map(Findings::new).toList();
            findings.addAll(asked);
            new LatencyRuns(plan.engines(), raw.latency(), progress).run(asked);
        }
    }

    private void offer() throws InterruptedException {
        OpenLoops loops = new OpenLoops(THREADS, progress);
        Optional<Findings> headline = Findings.of(findings, Results.HEADLINE);
        if (headline.isPresent()) {
            progress.say("offering " + OpenLoops.RATE + "/s for " + plan.soakSeconds() + " s");
            soak = Optional.of(loops.offer(headline.get(), OpenLoops.RATE, plan.soakSeconds()));
        }
        loops.run(
                findings.stream().filter(one -> OFFERED.contains(one.id())).toList(),
                plan.rates(),
                plan.offeredSeconds());
    }

    // A system that never got an action fetched and done has no row among the fetches.
    private void addFailure(Missing fetch) {
        Findings.of(findings, fetch.id())
                .ifPresent(one -> one.addFailure("fetched: " + fetch.reason()));
    }

    private static String used() throws InterruptedException {
        Processor before = Processor.read();
        Thread.sleep(IDLE_MILLIS);
        Processor used = Processor.read().since(before);
        return String.format(Locale.ROOT, "%.0f %%", 100 - used.idlePercent());
    }

    private Results results(String started, Processor processor) throws InterruptedException {
        List<SystemResult> systems = findings.stream().map(Findings::result).toList();
        List<Fetch> fetched = fetches.results();
        missing.addAll(fetches.missing());
        List<Ratio> ratios = Conclusions.ratios(findings);
        double held =
                Findings.of(findings, Results.HEADLINE)
                        .map(one -> one.result().heldRate())
                        .orElse(0.0);
        return new Results(
                Results.SCHEMA,
                started,
                progress.passed(),
                plan.name(),
                partial,
                HostReader.read(files.root(), processor, settings),
                systems,
                List.copyOf(missing),
                fetched,
                soak,
                ratios,
                CostModel.paperAndToday(),
                Conclusions.verdict(ratios, fetched, soak, held));
    }

    /** Returns the raw figures as files by name. */
    Map<String, String> rawFiles() {
        return raw.files();
    }

    private static String now() {
        return OffsetDateTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }
}
