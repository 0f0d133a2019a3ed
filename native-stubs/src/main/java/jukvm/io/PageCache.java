package jukvm.io;

import java.nio.file.Path;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/** What the host keeps of files in memory. Thread-safe. Source: posix_fadvise(2). */
public final class PageCache {
    private static final Libc LIBC = Libc.get();

    private static final int POSIX_FADV_DONTNEED = 4;

    private PageCache() {}

    /**
     * Writes a file back and lets the host forget what it has of it in memory, except what is
     * mapped or in use just now.
     *
     * @throws HostException if the file cannot be opened, or not be written back
     */
    public static void drop(Path file) {
        try (Fd fd = Fd.open(file.toString(), Libc.O_RDONLY | Libc.O_NONBLOCK)) {
            check(fd, "fdatasync", LIBC.fdatasync(fd.number()));
            // A length of 0 reaches to the end of the file.
            int advice = POSIX_FADV_DONTNEED;
            check(
                    fd,
                    "posix_fadvise",
                    LIBC.syscall(Libc.SYS_FADVISE64, fd.number(), 0, 0, advice, 0));
        }
    }

    private static void check(Fd fd, String operation, long result) {
        if (result < 0) {
            throw Errno.exception(fd.name() + ": " + operation, (int) -result);
        }
    }
}
