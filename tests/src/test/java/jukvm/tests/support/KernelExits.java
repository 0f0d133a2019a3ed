package jukvm.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How often the host's processor has left a guest, whether the kernel or the monitor dealt with it.
 * The kernel counts, in an instance of its tracing named "exits" that has the event kvm_exit on.
 */
final class KernelExits {
    private static final Path PROCESSORS = Path.of("/sys/kernel/tracing/instances/exits/per_cpu");
    private static final List<String> COUNTED = List.of("entries", "overrun", "dropped events");

    private KernelExits() {}

    /** Returns how many there were so far, of all VMs; empty where nobody counts them. */
    static OptionalLong soFar() {
        if (!Files.isDirectory(PROCESSORS)) {
            return OptionalLong.empty();
        }
        try (Stream<Path> processors = Files.list(PROCESSORS)) {
            return OptionalLong.of(processors.mapToLong(KernelExits::of).sum());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Those that are kept, and those that made room for them.
    private static long of(Path processor) {
        try (Stream<String> lines = Files.lines(processor.resolve("stats"))) {
            return lines.map(line -> line.split(": ", 2))
                    .filter(line -> COUNTED.contains(line[0]))
                    .mapToLong(line -> Long.parseLong(line[1].strip()))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
