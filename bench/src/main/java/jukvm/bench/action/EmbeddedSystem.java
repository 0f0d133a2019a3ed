package jukvm.bench.action;

import java.util.Optional;
import jukvm.bench.Failures;
import jukvm.bench.result.SystemResult.Kind;

/** jukvm as a library in this JVM. */
public final class EmbeddedSystem implements ActionSystem {
    private final Identity identity;
    private final Level level;
    private final Optional<IdleStarter> idle;
    private final Failures starts;

    EmbeddedSystem(Identity identity, Level level, Optional<IdleStarter> idle, Failures starts) {
        this.identity = identity;
        this.level = level;
        this.idle = idle;
        this.starts = starts;
    }

    /**
     * Returns the system of a level alone.
     *
     * @param starts where runs are noted that were started on something else than the level's
     */
    public static EmbeddedSystem of(Level level, Failures starts) {
        Identity identity = new Identity(level.name(), level.name(), Kind.JUKVM, "", "", "");
        return new EmbeddedSystem(identity, level, Optional.empty(), starts);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        return new EmbeddedWorker(level, starts);
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
