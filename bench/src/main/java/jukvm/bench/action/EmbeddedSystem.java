package jukvm.bench.action;

import java.util.Optional;
import jukvm.bench.result.SystemResult.Kind;

/** jukvm as a library in this JVM. */
public final class EmbeddedSystem implements ActionSystem {
    private final Identity identity;
    private final Level level;
    private final Optional<IdleStarter> idle;

    EmbeddedSystem(Identity identity, Level level, Optional<IdleStarter> idle) {
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
        return new EmbeddedWorker(level);
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
