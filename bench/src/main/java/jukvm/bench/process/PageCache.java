package jukvm.bench.process;

import java.nio.file.Path;
import jukvm.error.HostException;

/** What the host keeps of files in memory. Thread-safe. Source: posix_fadvise(2). */
public final class PageCache {
    private static final int POSIX_FADV_DONTNEED = 4;

    private PageCache() {}

    /**
     * Writes a file back and lets the host forget what it has of it in memory, except what is
     * mapped or in use just now.
     *
     * @throws HostException if the file cannot be opened, or not be written back
     */
    public static void drop(Path file) {
        int flags = C.O_RDONLY | C.O_NONBLOCK | C.O_CLOEXEC;
        int fd = C.check(file + ": open", C.open(file.toString(), flags));
        try {
            C.check(file + ": fdatasync", C.fdatasync(fd));
            // A length of 0 reaches to the end of the file.
            C.checkNumber(file + ": posix_fadvise", C.posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
        } finally {
            C.close(fd);
        }
    }
}
