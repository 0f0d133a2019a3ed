package jukvm.io;

import java.util.List;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.NativeStrings;
import org.jspecify.annotations.Nullable;

/**
 * A folder in which files are made that were not there before, by its descriptor, so that it is the
 * one that was named, wherever its path leads later. Thread-safe, but for {@link #close}. Source:
 * openat(2), faccessat(2).
 */
public final class NewFiles implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int OWNER_ALONE = 0600;
    private static final int MAY_WRITE_AND_SEARCH = 3;

    private final Fd folder;

    private NewFiles(Fd folder) {
        this.folder = folder;
    }

    /**
     * Opens a folder with the caller's rights.
     *
     * @throws HostException if it cannot be opened, or written
     */
    public static NewFiles in(Requester caller, String path) {
        int opened = caller.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
        NewFiles files = new NewFiles(Fd.of(opened, path, "open"));
        long result = files.at(Libc.SYS_FACCESSAT, ".", MAY_WRITE_AND_SEARCH, 0);
        if (result < 0) {
            files.close();
            throw Errno.exception(path + ": write", (int) -result);
        }
        return files;
    }

    /**
     * Makes a file, for its owner alone.
     *
     * @param name in the folder
     * @return null if there is one of that name
     * @throws HostException if it cannot be made
     */
    public @Nullable NewFile create(String name) {
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int result = (int) at(Libc.SYS_OPENAT, name, flags, OWNER_ALONE);
        return result == -Errno.EEXIST
                ? null
                : new NewFile(Fd.of(result, folder.name() + "/" + name, "open"));
    }

    /**
     * Gives a file of the folder another name, under which there is none yet.
     *
     * @throws HostException if there is one, or the host refuses
     */
    public void name(String file, String name) {
        named(Libc.SYS_LINKAT, "link", file, name);
        remove(file);
    }

    /**
     * Gives a file of the folder the name of another, which is gone then.
     *
     * @throws HostException if the host refuses
     */
    public void replace(String file, String name) {
        named(Libc.SYS_RENAMEAT, "rename", file, name);
    }

    /** Removes a file of the folder, if it is there. */
    public void remove(String file) {
        at(Libc.SYS_UNLINKAT, file, 0, 0);
    }

    private void named(int call, String operation, String file, String name) {
        try (NativeStrings strings = NativeStrings.of(List.of(List.of(file), List.of(name)))) {
            int in = folder.number();
            long result = LIBC.syscall(call, in, strings.first(0), in, strings.first(1), 0);
            if (result < 0) {
                String subject = folder.name() + "/" + name + ": " + operation;
                throw Errno.exception(subject, (int) -result);
            }
        }
    }

    private long at(int call, String name, long third, long fourth) {
        try (NativeStrings strings = NativeStrings.of(List.of(List.of(name)))) {
            return LIBC.syscall(call, folder.number(), strings.first(0), third, fourth, 0);
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
