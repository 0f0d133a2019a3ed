package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.error.HostException;

/**
 * A daemon of jukvm's of our own, so that nobody else's is asked.
 *
 * @param runtime the folder in which it has its own
 */
public record Resident(Path jukvm, Path runtime) implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * Starts one.
     *
     * @param runtime a folder that is made for it
     * @throws HostException if it does not start
     */
    public static Resident start(Path jukvm, Path runtime) {
        try {
            Files.createDirectories(runtime);
            Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new HostException(runtime.toString(), e.toString(), 0, "");
        }
        Resident daemon = new Resident(jukvm, runtime);
        daemon.command("start");
        daemon.command("status"); // Without one, each run starts a JVM, and nobody would notice.
        return daemon;
    }

    // Whatever interrupts the measurement, its daemon is not left running.
    private void command(String what) {
        boolean interrupted = Thread.interrupted();
        List<String> words = List.of("daemon", what);
        try (Child child = Commands.resident(jukvm, words, runtime).start()) {
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

    /** Ends it and its guests. */
    @Override
    public void close() {
        command("stop");
    }
}
