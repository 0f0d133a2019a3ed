package jukvm.bench.embed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.bench.BenchFiles;
import jukvm.bench.Failures;
import jukvm.bench.Progress;
import jukvm.bench.action.EmbeddedSystem;
import jukvm.bench.action.EmbeddedWorker;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.Findings;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.result.Closed;
import jukvm.bench.result.Offered;
import jukvm.bench.stats.Bootstrap;
import jukvm.monitor.HostFacts;

/** Measures jukvm as a library in a warm JVM, beside the native floor. */
final class EmbedBench {
    private static final double NANOS = 1e9;
    private static final int BURST = 64;
    private static final int FLOORS = 2;

    // For requests that come while others are served: few, so that all are warm.
    private static final int THREADS = 8;

    private final BenchFiles files;
    private final EmbedPlan plan;
    private final Progress progress;
    private final Failures failures = new Failures();

    EmbedBench(BenchFiles files, EmbedPlan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Measures everything.
     *
     * @throws jukvm.error.HostException if the host cannot run guests, or the floor cannot
     */
    EmbedFigures measure() throws InterruptedException {
        try (Levels levels = new Levels(files)) {
            Level exits = levels.exits(plan.exitCalls());
            warmUp(levels.all());
            FloorTurns turns = new FloorTurns(files, plan, progress);
            Map<String, FloorTurns.Figures> compared = new LinkedHashMap<>();
            for (Level level : levels.all()) {
                compared.put(level.name(), turns.level(level, failures));
            }
            compared.put(exits.name(), turns.exits(exits, failures));
            return figures(levels, compared);
        } finally {
            progress.end();
        }
    }

    // Until the JIT compiler has seen everything that will be timed.
    private void warmUp(List<Level> levels) throws InterruptedException {
        for (Level level : levels) {
            progress.say("warming up: " + level.name());
            EmbeddedWorker worker = new EmbeddedWorker(level);
            long start = System.nanoTime();
            do {
                worker.run();
            } while (System.nanoTime() - start
                    < plan.turns().warmUpSeconds() / levels.size() * NANOS);
        }
    }

    private EmbedFigures figures(Levels levels, Map<String, FloorTurns.Figures> compared)
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
        OpenLoops open = new OpenLoops(THREADS, progress::say);
        Offered openLoop = open.offer(offered, OpenLoops.RATE, plan.openSeconds());
        loops(plan.inFlight()).sweep(offered);
        for (Findings of : List.of(tried, offered)) {
            failures.add(of.failures());
            failures.add(of.starts());
        }
        List<Closed> inFlight = offered.result().closed();
        List<Bursts.Figures> bursts = bursts(levels);
        List<Deadlines.Figures> deadlines = deadlines();
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
                bursts,
                deadlines,
                failures.wrong(),
                new TreeMap<>(failures.byReason()),
                HostFacts.read());
    }

    private ClosedLoops loops(ClosedLoops.Plan closed) {
        return new ClosedLoops(closed, (system, repetition, window) -> {}, progress::say);
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

    private List<Bursts.Figures> bursts(Levels levels) {
        Bursts bursts = new Bursts(levels, failures);
        progress.say("bursts of " + BURST);
        double seconds = plan.inFlight().sweepSeconds();
        return List.of(bursts.atOnce(BURST, seconds), bursts.toCompletion(BURST, seconds));
    }

    private List<Deadlines.Figures> deadlines() throws InterruptedException {
        progress.say("deadlines of " + Deadlines.GUESTS + " guests");
        return List.of(
                Deadlines.run(files, plan.openSeconds(), false, failures),
                Deadlines.run(files, plan.openSeconds(), true, failures));
    }
}
