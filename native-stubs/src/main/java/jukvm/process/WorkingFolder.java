package jukvm.process;

import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/** The working directory of the process, which relative names begin at. */
public final class WorkingFolder {
    private static final Libc LIBC = Libc.get();

    private WorkingFolder() {}

    /**
     * Makes it the folder that an inherited descriptor is of, which may be gone: no JVM starts in
     * such a one. The descriptor is closed.
     *
     * @throws jukvm.error.HostException if it is of no folder
     */
    public static void enter(int descriptor) {
        try (Fd folder = Fd.of(descriptor, "the working directory", "fchdir")) {
            long result = LIBC.syscall(Libc.SYS_FCHDIR, folder.number(), 0, 0, 0, 0);
            if (result < 0) {
                throw Errno.exception(folder.name() + ": fchdir", (int) -result);
            }
        }
    }
}
