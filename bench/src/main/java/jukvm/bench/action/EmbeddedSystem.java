package jukvm.bench.action;

import java.util.Optional;
import jukvm.bench.ExpectedConsole;
import jukvm.bench.Level;
import jukvm.monitor.RunResult;
import jukvm.monitor.Timeline;

/** jukvm as a library in this JVM. */
final class EmbeddedSystem implements ActionSystem {
    private final Identity identity;
    private final Level level;
    private final Optional<IdleStarter> idle;

    EmbeddedSystem(Identity identity, Level level, Optional<IdleStarter> idle) {
        this.identity = identity;
        this.level = level;
        this.idle = idle;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        ExpectedConsole console = new ExpectedConsole(level.console());
        return () -> run(console);
    }

    private Action run(ExpectedConsole console) throws InterruptedException {
        console.restart();
        long requested = System.nanoTime();
        RunResult result = level.action().run(console);
        long done = System.nanoTime();
        Timeline timeline = result.timeline();
        return new Action(
                requested,
                timeline.firstConsoleByte(),
                done,
                Math.max(done, timeline.freed()),
                console.failure(result),
                Optional.of(timeline));
    }

    @Override
    public Optional<IdleStarter> idle() {
        return idle;
    }

    @Override
    public boolean isInThisJvm() {
        return true;
    }

    @Override
    public void close() {}
}
