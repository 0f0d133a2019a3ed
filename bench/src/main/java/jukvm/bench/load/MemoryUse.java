package jukvm.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;

/**
 * How much memory processes and the host use, in bytes; what cannot be read is a {@link
 * HostException}. Source: proc(5).
 */
final class MemoryUse {
    private static final Path SELF = Path.of("/proc/self/smaps_rollup");
    private static final Path HOST = Path.of("/proc/meminfo");

    private MemoryUse() {}

    /** Returns the proportional set size of this process. */
    static long ofThis() {
        return field(SELF, "Pss:");
    }

    /** Returns the proportional set size of a process. */
    static long of(long process) {
        return field(Path.of("/proc/" + process + "/smaps_rollup"), "Pss:");
    }

    /** Returns what the host could still give without swapping. */
    static long available() {
        return field(HOST, "MemAvailable:");
    }

    private static long field(Path file, String name) {
        try {
            String value =
                    Files.readString(file)
                            .lines()
                            .filter(line -> line.startsWith(name))
                            .findFirst()
                            .orElseThrow(() -> new IOException("no line " + name));
            return Long.parseLong(value.substring(name.length()).replace("kB", "").strip()) << 10;
        } catch (IOException e) {
            // Such as that of an idle instance that has ended.
            throw new HostException(file.toString(), "cannot be read: " + e, 0, "");
        }
    }
}
