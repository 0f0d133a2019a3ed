package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.bench.process.Program;
import jukvm.error.HostException;

/**
 * The command {@code jukvm} with a daemon of its own, so that nobody else's is asked. It runs from
 * when this system is measured first, since it is the faster the longer it has run.
 */
final class ResidentCommand implements ActionSystem {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Identity identity;
    private final Path jukvm;
    private final Path runtime;
    private final Program action;
    private boolean isRunning;

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
        if (isRunning) {
            return;
        }
        try {
            Files.createDirectories(runtime);
            Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new HostException(runtime.toString(), e.toString(), 0, "");
        }
        daemon("start");
        isRunning = true;
        daemon("status"); // Without one, each action would start a JVM, and nobody would notice.
    }

    @Override
    public void close() {
        if (isRunning) {
            isRunning = false;
            daemon("stop");
        }
    }

    // Whatever interrupts the measurement, its daemon is not left running.
    private void daemon(String what) {
        boolean interrupted = Thread.interrupted();
        Program program = Commands.resident(jukvm, List.of("daemon", what), runtime);
        try (Child child = program.start()) {
            child.waitOut();
            ChildEnd end = child.await(LIMIT);
            if (!end.succeeded()) {
                throw new HostException("jukvm daemon " + what, end.errors().strip(), 0, "");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
