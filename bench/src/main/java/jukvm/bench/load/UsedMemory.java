package jukvm.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;

/** Memory in use, in MiB. Source: proc(5). */
public final class UsedMemory {
    private static final double MIB = 1 << 20;

    private UsedMemory() {}

    /**
     * Returns the proportional set size of a process.
     *
     * @param process its number, or self
     * @throws HostException if it has ended
     */
    public static double pss(String process) {
        return field(Path.of("/proc", process, "smaps_rollup"), "Pss:");
    }

    /**
     * Returns what the host has left for programs.
     *
     * @throws HostException if it does not tell
     */
    public static double available() {
        return field(Path.of("/proc/meminfo"), "MemAvailable:");
    }

    static double field(Path file, String name) {
        try {
            String value =
                    Files.readString(file)
                            .lines()
                            .filter(line -> line.startsWith(name))
                            .findFirst()
                            .orElseThrow(() -> new IOException("no line " + name));
            long kib = Long.parseLong(value.substring(name.length()).replace("kB", "").strip());
            return (kib << 10) / MIB;
        } catch (IOException e) {
            throw new HostException(file.toString(), "cannot be read: " + e, 0, "");
        }
    }
}
