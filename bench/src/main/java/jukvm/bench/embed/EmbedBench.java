package jukvm.bench.embed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.bench.BenchFiles;
import jukvm.bench.Failures;
import jukvm.bench.Progress;
import jukvm.bench.action.EmbeddedSystem;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.bench.load.Bootstrap;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.Findings;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.load.UsedMemory;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.error.HostException;
import jukvm.monitor.HostFacts;

/** Measures jukvm as a library in a warm JVM, beside the native floor. */
final class EmbedBench {
    private static final int FLOORS = 2;

    // For requests that come while others are served: few, so that all are warm.
    private static final int THREADS = 8;

    private static final String WORKER = "jukvm.worker.WorkerMain";

    private final BenchFiles files;
    private final EmbedPlan plan;
    private final Progress progress;
    private final Failures failures = new Failures();
    private final Failures starts = new Failures();

    EmbedBench(BenchFiles files, EmbedPlan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /** A level and what it is compared with. */
    private record Pair(Level level, Findings ours, Findings floors) {}

    /**
     * Measures everything.
     *
     * @throws jukvm.error.HostException if the host cannot run guests, or the floor cannot
     */
    EmbedFigures measure() throws InterruptedException {
        try (Levels levels = new Levels(files)) {
            List<Pair> pairs = new ArrayList<>();
            levels.all().forEach(level -> pairs.add(pair(level, files.hello(), Levels.ARGUMENT)));
            pairs.add(pair(levels.process(), files.hello(), Levels.ARGUMENT));
            // All of them in turns: each is warm before the first is counted, as in a launcher that
            // has started guests before.
            inTurns(plan.turns(), pairs);
            String calls = Levels.exitsArgument(plan.exitCalls());
            Pair exits = pair(levels.exits(plan.exitCalls()), files.exits(), calls);
            Pair there = pair(levels.processExits(plan.exitCalls()), files.exits(), calls);
            inTurns(plan.exits(), List.of(exits, there));
            pairs.addAll(List.of(exits, there));
            Map<String, EmbedFigures.Compared> compared = new LinkedHashMap<>();
            pairs.forEach(pair -> compared.put(pair.level().name(), compared(pair)));
            return figures(levels, compared);
        } finally {
            progress.end();
        }
    }

    private Pair pair(Level level, Path guest, String argument) {
        return new Pair(
                level,
                new Findings(EmbeddedSystem.of(level)),
                new Findings(Floor.system(files, level, guest, argument)));
    }

    private void inTurns(LatencyRuns.Plan turns, List<Pair> pairs) throws InterruptedException {
        List<Findings> all = new ArrayList<>();
        pairs.forEach(pair -> all.addAll(List.of(pair.ours(), pair.floors())));
        measure(turns, all);
    }

    private void measure(LatencyRuns.Plan turns, List<Findings> all) throws InterruptedException {
        new LatencyRuns(turns, (system, round, action) -> {}, progress).run(all);
    }

    private EmbedFigures.Compared compared(Pair pair) {
        Findings ours = pair.ours();
        add(ours);
        return new EmbedFigures.Compared(
                ours.done().times(),
                pair.floors().done().times(),
                ours.failures().count() + ours.starts().count());
    }

    private void add(Findings findings) {
        failures.add(findings.failures());
        starts.add(findings.starts());
    }

    private EmbedFigures figures(Levels levels, Map<String, EmbedFigures.Compared> compared)
            throws InterruptedException {
        Level shell = levels.shell();
        Findings tried = new Findings(EmbeddedSystem.of(shell));
        ClosedLoops loops = loops(plan.closed());
        loops.sweep(tried);
        int threads = tried.bestWorkers();
        List<Double> ours = new ArrayList<>();
        List<Double> floors = new ArrayList<>();
        double seconds = plan.closed().repetitionSeconds();
        for (int turn = 1; turn <= plan.closed().repetitions(); turn++) {
            progress.say("throughput: " + threads + " threads, turn " + turn);
            ours.add(loops.window(tried, threads, seconds).perSecond());
            progress.say("throughput: floor, turn " + turn);
            floors.add(floorTurn(shell.floor(), seconds));
        }
        progress.say("open loop: " + plan.openSeconds() + " s");
        Findings offered = new Findings(EmbeddedSystem.of(shell));
        OpenLoops open = new OpenLoops(THREADS, progress);
        Offered openLoop = open.offer(offered, OpenLoops.RATE, plan.openSeconds());
        loops(plan.inFlight()).sweep(offered);
        add(tried);
        add(offered);
        List<Closed> inFlight = offered.result().closed();
        Findings apart = new Findings(EmbeddedSystem.of(levels.process()));
        loops(plan.apart()).sweep(apart);
        double workerMib = workerMib();
        add(apart);
        List<EmbedFigures.Burst> bursts = bursts(levels);
        List<Deadlines.Figures> deadlines = deadlines();
        Map<String, Long> reasons = new TreeMap<>(failures.byReason());
        reasons.putAll(starts.byReason());
        Map<String, Double> ratio = new LinkedHashMap<>();
        compared.forEach((name, level) -> ratio.put(name, level.ratio()));
        ratio.put("throughput", Bootstrap.median(ours) / Bootstrap.median(floors));
        return new EmbedFigures(
                ratio,
                Bootstrap.median(ours),
                Bootstrap.median(floors),
                threads,
                seconds,
                tried.result().closed(),
                compared,
                openLoop,
                inFlight,
                EmbedFigures.growth(inFlight),
                apart.result().closed(),
                workerMib,
                bursts,
                deadlines,
                failures.count(),
                reasons,
                HostFacts.read());
    }

    // Of the one that has had the guests until now: those that wait for theirs have less.
    private static double workerMib() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains(WORKER))
                .mapToDouble(worker -> UsedMemory.pss(String.valueOf(worker.pid())))
                .max()
                .orElseThrow(() -> new HostException("workers", "none is left", 0, ""));
    }

    private ClosedLoops loops(ClosedLoops.Plan closed) {
        return new ClosedLoops(closed, (system, repetition, window) -> {}, progress);
    }

    private double floorTurn(Level.Mode mode, double seconds) {
        List<Floor> floors = new ArrayList<>();
        try {
            for (int i = 0; i < FLOORS; i++) {
                floors.add(Floor.startHello(files, mode));
            }
            floors.forEach(floor -> floor.run(1));
            floors.forEach(floor -> floor.requestSeconds(seconds));
            return floors.stream()
                    .mapToDouble(floor -> Floor.number(floor.answer(), "per_second"))
                    .sum();
        } finally {
            floors.forEach(Floor::close);
        }
    }

    private List<EmbedFigures.Burst> bursts(Levels levels) throws InterruptedException {
        List<Findings> all = Bursts.both(levels).stream().map(Findings::new).toList();
        measure(plan.bursts(), all);
        all.forEach(this::add);
        return all.stream()
                .map(one -> new EmbedFigures.Burst(one.id(), EmbedPlan.BURST, one.done().times()))
                .toList();
    }

    private List<Deadlines.Figures> deadlines() throws InterruptedException {
        progress.say("deadlines of " + Deadlines.GUESTS + " guests");
        return List.of(
                Deadlines.run(files, plan.openSeconds(), false, failures),
                Deadlines.run(files, plan.openSeconds(), true, failures));
    }
}
