package jukvm.bench.action;

import java.nio.file.Path;
import java.time.Duration;

/** The host as it is, and without the namespace that actions were run in afterwards. */
record ContainerdNamespace(Path ctr, String name) implements Surroundings {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            Commands.run(LIMIT, ctr, "namespaces", "remove", "--cgroup", name);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
