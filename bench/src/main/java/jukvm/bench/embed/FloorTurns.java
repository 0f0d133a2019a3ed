package jukvm.bench.embed;

import com.fasterxml.jackson.databind.JsonNode;
import jukvm.bench.BenchFiles;
import jukvm.bench.Failures;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;
import jukvm.bench.action.EmbeddedWorker;
import jukvm.bench.action.ExpectedConsole;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.bench.load.Samples;
import jukvm.bench.result.Times;
import jukvm.guest.RunResult;

/**
 * Measures levels against the floor: a block of runs of the one, a block of the other, in turns.
 */
final class FloorTurns {
    private static final double NANOS_A_MICRO = 1000;

    private final BenchFiles files;
    private final EmbedPlan plan;
    private final Progress progress;

    FloorTurns(BenchFiles files, EmbedPlan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * How long runs of a level took.
     *
     * @param jukvm from the request to the end of the level's span
     * @param floor the same of the floor
     * @param failed runs of jukvm, which are counted among the times nevertheless
     */
    record Figures(Times jukvm, Times floor, long failed) {
        /** Returns how much longer jukvm takes, by the medians. */
        double ratio() {
            return jukvm.median() / floor.median();
        }
    }

    /** Measures a level; its failures are added to those of all. */
    Figures level(Level level, Failures all) throws InterruptedException {
        Failures failures = new Failures();
        EmbeddedWorker worker = new EmbeddedWorker(level);
        Samples ours = new Samples();
        Samples floors = new Samples();
        int runs = plan.turns().actions();
        int rounds = plan.turns().rounds();
        // Not counted at the begin of a turn: the other one had the processor and its caches.
        int uncounted = plan.turns().warmUpActions();
        try (Floor floor = Floor.startHello(files, level.floor())) {
            for (int round = 0; round < rounds; round++) {
                int block = runs * (round + 1) / rounds - runs * round / rounds;
                progress.say(level.name() + ": turn " + round + " of " + rounds);
                JsonNode answer = floor.run(uncounted + block);
                for (int i = uncounted; i < uncounted + block; i++) {
                    floors.add(Math.round(micros(answer, level, i) * NANOS_A_MICRO));
                }
                for (int i = 0; i < uncounted; i++) {
                    worker.run();
                }
                for (int i = 0; i < block; i++) {
                    Action action = worker.run();
                    failures.check(action.failure());
                    failures.addStart(action.start());
                    ours.add(level.span().end(action) - action.requested());
                }
            }
        }
        return figures(ours, floors, failures, all);
    }

    private static double micros(JsonNode answer, Level level, int run) {
        return level.span().parts().stream()
                .mapToDouble(part -> Floor.field(answer, part).path(run).asDouble())
                .sum();
    }

    private static Figures figures(Samples ours, Samples floors, Failures failures, Failures all) {
        all.add(failures);
        return new Figures(ours.times(), floors.times(), failures.count());
    }

    /**
     * Measures what it costs a guest to leave its VM and be back: one {@code out}, the monitor's
     * answer and the next entry. The guest asks for the wall clock again and again; a time is that
     * of a run in the VM, divided by its exits.
     */
    Figures exits(Level level, Failures all) throws InterruptedException {
        Failures failures = new Failures();
        ExpectedConsole console = new ExpectedConsole(level.console());
        Samples ours = new Samples();
        Samples floors = new Samples();
        String argument = Levels.exitsArgument(plan.exitCalls());
        int uncounted = 2;
        try (Floor floor = Floor.start(files, level.floor(), files.exits(), argument)) {
            for (int i = -uncounted; i < plan.turns().slowActions(); i++) {
                progress.say(level.name() + ": run " + i + " of " + plan.turns().slowActions());
                JsonNode answer = floor.run(1);
                console.restart();
                RunResult result = level.action().run(console);
                if (i >= 0) {
                    double micros = Floor.number(answer, "boot_us");
                    double exit = micros / Floor.number(answer, "exits") * NANOS_A_MICRO;
                    floors.add(Math.round(exit));
                    failures.check(console.failure(result));
                    long exits = Math.max(1, result.counters().exits());
                    ours.add(Math.round((double) result.timeline().bootToExit() / exits));
                }
            }
        }
        return figures(ours, floors, failures, all);
    }
}
