package jukvm.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import jukvm.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon of a user is found: a folder that nobody else can enter, {@code jukvm} in
 * XDG_RUNTIME_DIR, else {@code /tmp/jukvm-UID}. The client computes the same.
 *
 * @param folder that belongs to this user
 */
record DaemonPlace(Path folder) {
    private static final Set<PosixFilePermission> OURS =
            PosixFilePermissions.fromString("rwx------");

    /** Returns the place of this user's daemon, which may not be there yet. */
    static DaemonPlace ofUser() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return new DaemonPlace(
                runtime == null || runtime.isEmpty()
                        ? Path.of("/tmp/jukvm-" + user())
                        : Path.of(runtime, "jukvm"));
    }

    private static long user() {
        return number(Path.of("/proc/self"), "uid");
    }

    private static long number(Path file, String attribute) {
        try {
            Object value = Files.getAttribute(file, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
            return ((Number) value).longValue();
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be looked at: " + e.getMessage());
        }
    }

    Path socket() {
        return folder.resolve("daemon");
    }

    Path log() {
        return folder.resolve("daemon.log");
    }

    /**
     * Makes the folder, if it is not there.
     *
     * @throws ConfigException if it cannot be made, or others can enter it
     */
    void make() {
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OURS));
        } catch (FileAlreadyExistsException e) {
            requireOurs();
        } catch (IOException e) {
            throw new ConfigException(folder + ": cannot make this folder: " + e.getMessage());
        }
    }

    private void requireOurs() {
        long owner = number(folder, "uid");
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || owner != user()) {
            throw new ConfigException(
                    folder
                            + ": is not a folder of user "
                            + user()
                            + ", but of user "
                            + owner
                            + "; remove it, or set XDG_RUNTIME_DIR");
        }
        long mode = number(folder, "mode") & 0777;
        if ((mode & 077) != 0) {
            throw new ConfigException(
                    String.format(
                            "%s: can be entered by others (mode %o); chmod 700 it", folder, mode));
        }
    }

    /**
     * Takes the place for one daemon.
     *
     * @return the lock, which goes with the process at the latest; none if another daemon has it
     * @throws ConfigException if the folder cannot be used
     */
    Optional<FileLock> take() {
        try {
            FileChannel file = lockFile();
            @Nullable FileLock lock = file.tryLock();
            if (lock == null) {
                file.close();
                return Optional.empty();
            }
            // Whoever left one there has not the lock any more.
            Files.deleteIfExists(socket());
            return Optional.of(lock);
        } catch (IOException e) {
            throw new ConfigException(folder + ": cannot be used: " + e.getMessage());
        }
    }

    private FileChannel lockFile() throws IOException {
        return FileChannel.open(
                folder.resolve("daemon.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Returns whether a daemon has it now. */
    boolean isTaken() throws IOException {
        try (FileChannel file = lockFile()) {
            return file.tryLock() == null;
        }
    }

    /** Gives the place back. */
    void leave(FileLock lock) {
        try {
            Files.deleteIfExists(socket());
            lock.acquiredBy().close();
        } catch (IOException e) {
            throw new ConfigException(folder + ": cannot be cleaned: " + e.getMessage());
        }
    }
}
