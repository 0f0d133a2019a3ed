package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.error.HostException;

/**
 * Containers that stay, detached: the program that made one is gone, so only what is inside counts,
 * and what the kernel keeps for it.
 */
final class ContainerIdle implements IdleStarter {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long EXPECTED_BYTES = 4L << 20;
    private static final String GREETING = "Hello\n";

    private final Path runtime;
    private final Path state;
    private final Function<String, Path> bundle;

    ContainerIdle(Path runtime, Path state, Function<String, Path> bundle) {
        this.runtime = runtime;
        this.state = state;
        this.bundle = bundle;
    }

    @Override
    public Idle start() throws InterruptedException {
        String name = Names.next("idle");
        Path pidFile = state.resolve(name + ".pid");
        List<String> words =
                List.of(
                        "--root=" + state,
                        "run",
                        "--detach",
                        "--pid-file=" + pidFile,
                        "--bundle=" + bundle.apply(name),
                        name);
        Container container = new Container(name, pidFile);
        boolean stays = false;
        try (Child child = Commands.program(runtime, words).start()) {
            child.waitOut(); // What a runtime has not written down yet it cannot delete either.
            boolean greeted = child.awaitOutput(GREETING, LIMIT);
            ChildEnd end = child.await(LIMIT);
            if (!greeted || !end.succeeded()) {
                throw new HostException(runtime + " run", end.errors().strip(), 0, "");
            }
            stays = true;
        } finally {
            if (!stays) {
                container.close();
            }
        }
        return container;
    }

    @Override
    public long expectedBytes() {
        return EXPECTED_BYTES;
    }

    private final class Container implements Idle {
        private final String name;
        private final Path pidFile;

        Container(String name, Path pidFile) {
            this.name = name;
            this.pidFile = pidFile;
        }

        @Override
        public long process() {
            try {
                return Long.parseLong(Files.readString(pidFile).strip());
            } catch (IOException e) {
                throw new HostException(pidFile.toString(), e.toString(), 0, "");
            }
        }

        @Override
        public void close() {
            // Interrupted or not, it must not stay.
            boolean interrupted = Thread.interrupted();
            try {
                Commands.run(LIMIT, runtime, "--root=" + state, "delete", "--force", name);
                Files.deleteIfExists(pidFile);
            } catch (IOException e) {
                throw new HostException(pidFile.toString(), e.toString(), 0, "");
            } catch (InterruptedException e) {
                interrupted = true;
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
