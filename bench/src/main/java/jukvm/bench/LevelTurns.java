package jukvm.bench;

/**
 * Measures levels against the floor: a block of runs of the one, a block of the other, in turns.
 */
final class LevelTurns {
    // Not counted at the begin of each turn: the other one had the processor and its caches.
    private static final int UNCOUNTED = 5;

    private final BenchFiles files;
    private final Plan plan;
    private final Progress progress;

    LevelTurns(BenchFiles files, Plan plan, Progress progress) {
        this.files = files;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * How long runs of a level took.
     *
     * @param level name
     * @param jukvm from the request to the result
     * @param floor the same of the floor
     * @param failures of jukvm's runs, which are counted among the times nevertheless
     */
    record Figures(String level, Times.Summary jukvm, Times.Summary floor, Failures failures) {
        /** Returns how much longer jukvm takes, by the medians. */
        double ratio() {
            return jukvm.median() / floor.median();
        }
    }

    /** Measures a level. */
    Figures measure(Level level) throws InterruptedException {
        Failures failures = new Failures();
        Probe probe = new Probe(level, failures);
        Times ours = new Times();
        Times floors = new Times();
        try (Floor floor = Floor.startHello(files, level.floor())) {
            for (int done = 0; done < plan.runs(); done += plan.block()) {
                int block = Math.min(plan.block(), plan.runs() - done);
                progress.say(level.name() + ": run " + done + " of " + plan.runs());
                floorTurn(floor, level.span(), block, floors);
                turn(probe, block, ours);
            }
        }
        return new Figures(level.name(), ours.summary(), floors.summary(), failures);
    }

    private static void floorTurn(Floor floor, Level.Span span, int block, Times times) {
        FloorAnswer answer = floor.run(UNCOUNTED + block);
        for (int run = UNCOUNTED; run < UNCOUNTED + block; run++) {
            double micros = 0;
            for (String part : span.parts()) {
                micros += answer.numbers(part).get(run);
            }
            times.addMicros(micros);
        }
    }

    private static void turn(Probe probe, int block, Times times) throws InterruptedException {
        for (int i = 0; i < UNCOUNTED; i++) {
            probe.warmUp();
        }
        for (int i = 0; i < block; i++) {
            times.add(probe.run());
        }
    }
}
