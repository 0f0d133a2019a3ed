package jukvm.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.io.SparseOutput;
import jukvm.io.SparseReceiver;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Asks another process for a core, and takes what it offers: see {@link CoreOffer}. It is asked by
 * the pipe at which it hears of signals, so nothing comes of asking one that is none of ours.
 *
 * <p>Threads are called by the numbers of both pipes, which have no name in a file system, and are
 * opened by {@code /proc/PID/fd}. That process is hostile, since root may ask any. Source: proc(5);
 * flock(2), which keeps out others who ask.
 */
public final class CoreRequest {
    private static final Libc LIBC = Libc.get();
    private static final String HEARS = "jukvm-hear-";
    private static final int LOCK_EX_NB = 2 | 4;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Path process;
    private final String name;

    private CoreRequest(long pid) {
        this.process = Path.of("/proc", Long.toString(pid));
        this.name = "process " + pid;
    }

    /**
     * Returns what a thread is called for others to find where this process hears.
     *
     * @param door as {@link EndSignals#door} has it
     */
    public static String threadName(int door) {
        return HEARS + door;
    }

    /**
     * Has a process send a core of its guest, which is written as it comes.
     *
     * @param longest how long it may be, in bytes
     * @throws ConfigException if it has no guest now, or refuses
     * @throws HostException if it may not be asked, ends, or does not answer
     */
    public static void copy(long pid, SparseOutput to, long longest) {
        new CoreRequest(pid).copy(to, longest);
    }

    private void copy(SparseOutput to, long longest) {
        try (Fd pipe = await();
                SparseReceiver from = new SparseReceiver(pipe.number(), name)) {
            from.copyTo(to, longest);
        }
    }

    private Fd await() {
        try (Poller poller = new Poller()) {
            long start = System.nanoTime();
            long asked = start - AGAIN_NANOS;
            while (System.nanoTime() - start < PATIENCE_NANOS) {
                if (System.nanoTime() - asked >= AGAIN_NANOS) {
                    asked = System.nanoTime();
                    ask();
                }
                Fd pipe = find(CoreOffer.NAME, Libc.O_RDONLY);
                if (pipe != null) {
                    if (isOffer(pipe)) {
                        return pipe;
                    }
                    pipe.close();
                }
                poller.pause(LOOK_NANOS);
            }
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS);
        throw new HostException(name, "offers no core for " + seconds + " s", 0, "");
    }

    private void ask() {
        try (Fd door = find(HEARS, Libc.O_WRONLY);
                Mapping arena = Mapping.anonymous(1)) {
            if (door == null) {
                throw new ConfigException(name + ": has no guest now that runs");
            }
            arena.window(0, 1).put(0, EndSignals.ASK);
            long result = LIBC.write(door.number(), arena.address(), 1);
            if (result < 0 && result != -Errno.EAGAIN) { // So full is it of others who ask.
                throw Errno.exception(name + ": write", (int) -result);
            }
        }
    }

    // Opens the pipe by whose number a thread is called; null if there is none.
    private @Nullable Fd find(String prefix, int access) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                String called = nameOf(thread);
                if (called.matches(prefix + "\\d{1,4}")) {
                    return open(called.substring(prefix.length()), access);
                }
            }
            return null;
        } catch (IOException e) {
            throw new ConfigException(name + ": has ended, or cannot be seen from here");
        }
    }

    private static String nameOf(Path thread) {
        try {
            byte[] name = Files.readAllBytes(thread.resolve("comm"));
            return new String(name, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return ""; // It has just ended.
        }
    }

    // What is no pipe is not opened, as that might do something.
    private @Nullable Fd open(String number, int access) {
        String path = process.resolve("fd").resolve(number).toString();
        int found = LIBC.open(path, Libc.O_PATH | Libc.O_CLOEXEC);
        if (found == -Errno.ENOENT) {
            return null;
        }
        requireAllowed(found);
        try (Fd place = Fd.of(found, name, "open")) {
            if (!Stat.of(place).is(Stat.FIFO)) {
                return null;
            }
            int flags = access | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
            int opened = LIBC.open("/proc/self/fd/" + place.number(), flags);
            requireAllowed(opened);
            return Fd.of(opened, name, "open");
        }
    }

    private void requireAllowed(int opened) {
        if (opened == -Errno.EACCES || opened == -Errno.EPERM) {
            throw Errno.exception(
                    name + ": open", -opened, "It is another user's: be that user, or root");
        }
    }

    private static boolean isOffer(Fd pipe) {
        try (Mapping arena = Mapping.anonymous(Long.BYTES)) {
            return LIBC.syscall(Libc.SYS_FLOCK, pipe.number(), LOCK_EX_NB, 0, 0, 0) == 0
                    && LIBC.read(pipe.number(), arena.address(), Long.BYTES) == Long.BYTES
                    && arena.window(0, Long.BYTES).getLong(0) == CoreOffer.GREETING;
        }
    }
}
