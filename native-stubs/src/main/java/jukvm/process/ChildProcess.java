package jukvm.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.host.Pollable;
import jukvm.io.Descriptor;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Spawn;
import jukvm.text.Printable;

/**
 * A program that this process has started: readable once it has ended, by whatever means. Used by
 * one thread at a time, but for {@link #kill}. Source: pidfd_open(2), waitid(2).
 *
 * <pre>
 * siginfo_t    si_code i32 @8   si_status i32 @24
 * </pre>
 */
public final class ChildProcess extends Pollable implements AutoCloseable {
    /** The number by which the program has what it is given. */
    public static final int GIVEN = 3;

    private static final Libc LIBC = Libc.get();

    private static final int SIGKILL = 9;
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int SIGINFO = 128;
    private static final int CODE = 8;
    private static final int STATUS = 24;
    private static final int CLD_EXITED = 1;
    private static final int MOST_WORDS = 4096;
    private static final int LONGEST_LINE = 200;

    private final int pid;
    private final Fd words;
    private boolean closed;

    private ChildProcess(int pid, Fd end, Fd words) {
        super(end);
        this.pid = pid;
        this.words = words;
    }

    /**
     * Starts a program, with nothing of this process's but what it is given. It has the calling
     * thread's restrictions, and is its child: see {@link DeathOfParent}.
     *
     * @param words its path and its arguments
     * @param environment its variables
     * @param given becomes its descriptor of number {@link #GIVEN}; it stays open here
     * @throws jukvm.error.HostException if it cannot be started
     */
    public static ChildProcess start(
            List<String> words, Map<String, String> environment, Descriptor given) {
        FdPair errors = FdPair.pipe(words.get(0));
        try (Fd theirs = errors.second()) {
            int pid = Spawn.start(words, environment, theirs.number(), given.number());
            if (pid < 0) {
                throw Errno.exception(words.get(0) + ": start", -pid);
            }
            int end = (int) LIBC.syscall(Libc.SYS_PIDFD_OPEN, pid, 0, 0, 0, 0);
            return new ChildProcess(
                    pid, Fd.of(end, "process " + pid, "pidfd_open"), errors.first());
        } catch (RuntimeException e) {
            errors.close();
            throw e;
        }
    }

    /** Returns its number. */
    public int pid() {
        return pid;
    }

    /** Ends it at once; nothing if it has ended. From any thread. */
    public synchronized void kill() {
        if (!closed) {
            LIBC.syscall(Libc.SYS_PIDFD_SEND_SIGNAL, fd().number(), SIGKILL, 0, 0, 0);
        }
    }

    /**
     * Returns how it ended, in a few words, after which nothing is left of it; empty if it runs.
     */
    public Optional<String> end() {
        try (Mapping info = Mapping.anonymous(SIGINFO)) {
            int flags = WEXITED | WNOHANG;
            long result;
            do {
                result =
                        LIBC.syscall(
                                Libc.SYS_WAITID, P_PIDFD, fd().number(), info.address(), flags, 0);
            } while (result == -Errno.EINTR);
            ByteBuffer at = info.window(0, SIGINFO);
            int code = at.getInt(CODE);
            if (result < 0) { // Somebody else in this process has waited for it.
                return Optional.of("ended");
            }
            return code == 0
                    ? Optional.empty()
                    : Optional.of(
                            (code == CLD_EXITED ? "exited with status " : "was killed by signal ")
                                    + at.getInt(STATUS));
        }
    }

    /**
     * Returns the last line that it printed and nobody has read, empty if there is none; of a Java
     * program that died of an exception, the one that names the cause.
     */
    public String lastWords() {
        try (Mapping text = Mapping.anonymous(MOST_WORDS)) {
            long length = LIBC.read(words.number(), text.address(), MOST_WORDS);
            byte[] bytes = new byte[(int) Math.max(length, 0)];
            text.window(0, bytes.length).get(bytes);
            return new String(bytes, UTF_8)
                    .lines()
                    .map(line -> Printable.of(line.strip(), LONGEST_LINE))
                    .filter(line -> !line.isEmpty() && !line.matches("at .*|\\.\\.\\. .*"))
                    .reduce("", (first, second) -> second);
        }
    }

    /** Ends it, if it has not, and forgets it. */
    @Override
    public synchronized void close() {
        kill();
        closed = true;
        fd().close();
        words.close();
    }
}
