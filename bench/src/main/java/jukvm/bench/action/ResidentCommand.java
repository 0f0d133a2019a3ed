package jukvm.bench.action;

import java.nio.file.Path;
import java.util.List;
import jukvm.bench.process.Program;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code jukvm} with a daemon, which runs from when this system is measured first: it
 * is the faster the longer it has run.
 */
final class ResidentCommand implements ActionSystem {
    private final Identity identity;
    private final Path jukvm;
    private final Path runtime;
    private final Program action;
    private @Nullable Resident daemon;

    /**
     * Makes one.
     *
     * @param runtime a folder that is made, for the daemon's own
     * @param words of the action, from {@code run} on
     */
    ResidentCommand(Identity identity, Path jukvm, Path runtime, List<String> words) {
        this.identity = identity;
        this.jukvm = jukvm;
        this.runtime = runtime;
        this.action = Commands.resident(jukvm, words, runtime);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        return () -> Commands.act(action, Levels.GREETING, false);
    }

    @Override
    public void enter() {
        if (daemon == null) {
            daemon = Resident.start(jukvm, runtime);
        }
    }

    @Override
    public void close() {
        if (daemon != null) {
            daemon.close();
        }
    }
}
