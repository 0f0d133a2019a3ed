package jukvm.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Which build of jukvm a program is of: the state of its jar. A client and a daemon of two builds
 * do not work together.
 *
 * @param device number of the file system, as stat(2) tells it
 * @param inode number of the file
 * @param bytes size of the file
 * @param modified when it was last changed, in nanoseconds since 1970
 */
public record Build(long device, long inode, long bytes, long modified) {
    /**
     * Looks at a jar.
     *
     * @throws IOException if it cannot be seen
     */
    public static Build of(Path jar) throws IOException {
        return new Build(
                number(jar, "unix:dev"),
                number(jar, "unix:ino"),
                Files.size(jar),
                Files.getLastModifiedTime(jar).to(TimeUnit.NANOSECONDS));
    }

    private static long number(Path jar, String attribute) throws IOException {
        return ((Number) Objects.requireNonNull(Files.getAttribute(jar, attribute))).longValue();
    }

    /** Returns the build whose {@link #parts} lie from an offset. */
    static Build read(ByteBuffer from, int offset) {
        return new Build(
                from.getLong(offset),
                from.getLong(offset + 8),
                from.getLong(offset + 16),
                from.getLong(offset + 24));
    }

    /** Returns what a message has of it, 64 bits each. */
    long[] parts() {
        return new long[] {device, inode, bytes, modified};
    }
}
