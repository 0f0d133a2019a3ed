package jukvm.bench.action;

import java.util.Optional;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;

/** Runs a level's guest in this JVM again and again. Belongs to one thread. */
public final class EmbeddedWorker implements Worker {
    private final Level level;
    private final ExpectedConsole console;

    /** Makes one. */
    public EmbeddedWorker(Level level) {
        this.level = level;
        this.console = new ExpectedConsole(level.console());
    }

    @Override
    public Action run() throws InterruptedException {
        console.restart();
        long requested = System.nanoTime();
        RunResult result = level.action().run(console);
        long done = System.nanoTime();
        Timeline timeline = result.timeline();
        String failure = console.failure(result);
        boolean usual = result.start() == level.start() || !failure.isEmpty();
        return new Action(
                requested,
                timeline.firstConsoleByte(),
                done,
                Math.max(done, timeline.freed()),
                failure,
                Optional.of(timeline),
                usual ? "" : "started " + result.start() + " instead of " + level.start());
    }
}
