package jukvm.bench;

/**
 * Measures what it costs a guest to leave its VM and be back: one {@code out}, the monitor's answer
 * and the next entry. The guest asks for the wall clock again and again; its time in the VM is
 * divided by its exits, in both cases.
 */
final class ExitTurns {
    private static final int UNCOUNTED = 2;

    private final BenchFiles files;
    private final Plan plan;
    private final Progress progress;

    ExitTurns(BenchFiles files, Plan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /** Measures jukvm and the floor in turns, a run each; a time is that of one exit in a run. */
    LevelTurns.Figures measure(Level level) throws InterruptedException {
        Failures failures = new Failures();
        Probe probe = new Probe(level, failures);
        Times ours = new Times();
        Times floors = new Times();
        try (Floor floor =
                Floor.start(
                        files,
                        level.floor(),
                        files.exits(),
                        Levels.exitsArgument(plan.exitCalls()))) {
            floor.run(UNCOUNTED);
            for (int i = 0; i < UNCOUNTED; i++) {
                probe.warmUp();
            }
            for (int i = 0; i < plan.exitRuns(); i++) {
                progress.say(level.name() + ": run " + i + " of " + plan.exitRuns());
                FloorAnswer answer = floor.run(1);
                floors.addMicros(answer.number("boot_us") / answer.number("exits"));
                ours.add(Math.round(probe.runForExits()));
            }
        }
        return new LevelTurns.Figures(level.name(), ours.summary(), floors.summary(), failures);
    }
}
