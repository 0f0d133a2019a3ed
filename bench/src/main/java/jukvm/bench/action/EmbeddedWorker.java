package jukvm.bench.action;

import java.util.Optional;
import jukvm.bench.Failures;
import jukvm.monitor.RunResult;
import jukvm.monitor.Timeline;

/** Runs a level's guest in this JVM again and again. Belongs to one thread. */
public final class EmbeddedWorker implements Worker {
    private final Level level;
    private final Failures starts;
    private final ExpectedConsole console;

    /**
     * Makes one.
     *
     * @param starts where runs are noted that were started on something else than the level's
     */
    public EmbeddedWorker(Level level, Failures starts) {
        this.level = level;
        this.starts = starts;
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
        if (failure.isEmpty() && result.start() != level.start()) {
            starts.addStart(result.start(), level.start());
        }
        return new Action(
                requested,
                timeline.firstConsoleByte(),
                done,
                Math.max(done, timeline.freed()),
                failure,
                Optional.of(timeline));
    }
}
