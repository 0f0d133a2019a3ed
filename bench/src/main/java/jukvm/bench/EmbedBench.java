package jukvm.bench;

import java.util.ArrayList;
import java.util.List;
import jukvm.monitor.HostFacts;

/** Measures jukvm as a library in a warm JVM, beside the native floor. */
final class EmbedBench {
    private static final double NANOS = 1e9;
    private static final int BURST = 64;

    private final BenchFiles files;
    private final Plan plan;
    private final Progress progress;

    EmbedBench(BenchFiles files, Plan plan, Progress progress) {
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
            List<LevelTurns.Figures> compared = new ArrayList<>();
            for (Level level : levels.all()) {
                compared.add(new LevelTurns(files, plan, progress).measure(level));
            }
            LevelTurns.Figures exit = new ExitTurns(files, plan, progress).measure(exits);
            Level shell = levels.shell();
            Throughput.Figures throughput = new Throughput(files, plan, progress).measure(shell);
            Failures failures = new Failures();
            progress.say("open loop: " + plan.openSeconds() + " s");
            OpenLoop.Figures open = OpenLoop.run(shell, plan.openSeconds(), failures);
            return new EmbedFigures(
                    HostFacts.read(),
                    compared,
                    exit,
                    throughput,
                    open,
                    inFlight(shell, failures),
                    bursts(levels, failures),
                    deadlines(failures),
                    failures);
        } finally {
            progress.end();
        }
    }

    // Until the JIT compiler has seen everything that will be timed.
    private void warmUp(List<Level> levels) throws InterruptedException {
        for (Level level : levels) {
            progress.say("warming up: " + level.name());
            Probe probe = new Probe(level, new Failures());
            long start = System.nanoTime();
            do {
                probe.run();
            } while (System.nanoTime() - start < plan.warmUpSeconds() / levels.size() * NANOS);
        }
    }

    private List<Bursts.Figures> bursts(Levels levels, Failures failures) {
        Bursts bursts = new Bursts(levels, failures);
        progress.say("bursts of " + BURST);
        return List.of(
                bursts.atOnce(BURST, plan.inFlightSeconds()),
                bursts.toCompletion(BURST, plan.inFlightSeconds()));
    }

    private List<Deadlines.Figures> deadlines(Failures failures) throws InterruptedException {
        progress.say("deadlines of " + Deadlines.GUESTS + " guests");
        return List.of(
                Deadlines.run(files, plan.openSeconds(), false, failures),
                Deadlines.run(files, plan.openSeconds(), true, failures));
    }

    private List<ClosedLoop.Figures> inFlight(Level level, Failures failures)
            throws InterruptedException {
        List<ClosedLoop.Figures> all = new ArrayList<>();
        for (int guests : plan.inFlight()) {
            progress.say("in flight: " + guests);
            all.add(ClosedLoop.run(level, guests, plan.inFlightSeconds(), failures));
        }
        return all;
    }
}
