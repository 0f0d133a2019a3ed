package jukvm.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The mappings of this process. Source: proc(5), /proc/self/maps. */
public final class ProcMaps {
    /**
     * One line.
     *
     * @param start host address of the first byte
     * @param end host address after the last byte
     * @param protection as in {@code rw-p}
     * @param inode of the file mapped, 0 for none
     * @param path what is mapped, empty for anonymous memory
     */
    public record Area(long start, long end, String protection, long inode, String path) {}

    private ProcMaps() {}

    /** Returns the mappings in ascending order. */
    public static List<Area> read() {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.map(ProcMaps::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the mapping that has the byte at {@code address}. */
    public static Optional<Area> at(long address) {
        return read().stream().filter(a -> address >= a.start && address < a.end).findFirst();
    }

    private static Area parse(String line) {
        String[] fields = line.split(" +", 6);
        int dash = fields[0].indexOf('-');
        return new Area(
                Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
                fields[1],
                Long.parseLong(fields[4]),
                fields.length > 5 ? fields[5] : "");
    }
}
