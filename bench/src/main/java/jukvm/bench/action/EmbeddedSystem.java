package jukvm.bench.action;

import java.util.Optional;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.guest.RunResult;

/** jukvm as a library in this JVM. */
public final class EmbeddedSystem implements ActionSystem {
    private final Identity identity;
    private final Level level;
    private final Optional<Idle.Starter> idle;

    EmbeddedSystem(Identity identity, Level level, Optional<Idle.Starter> idle) {
        this.identity = identity;
        this.level = level;
        this.idle = idle;
    }

    /** Returns the system of a level alone. */
    public static EmbeddedSystem of(Level level) {
        Identity identity = new Identity(level.name(), level.name(), Kind.JUKVM, "", "", "");
        return new EmbeddedSystem(identity, level, Optional.empty());
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
        RunResult result = level.run().run(console);
        long known = System.nanoTime();
        String failure = console.failure(result);
        boolean usual = result.start() == level.start() || !failure.isEmpty();
        return new Action(
                requested,
                result.timeline().firstConsoleByte(),
                level.span().end(requested, result, known),
                Math.max(known, result.timeline().freed()),
                failure,
                usual ? "" : "started " + result.start() + " instead of " + level.start());
    }

    @Override
    public Optional<Idle.Starter> idle() {
        return idle;
    }

    @Override
    public boolean isInThisJvm() {
        return true;
    }
}
