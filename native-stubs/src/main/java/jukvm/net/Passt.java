package jukvm.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * The program passt, which passes a guest's frames on by ordinary sockets of its own, so that
 * nobody needs privilege. It ends by itself as soon as our end of the socket to it is closed,
 * however that comes: so there is never another copy of that. Used by one thread at a time. Source:
 * passt(1).
 */
public final class Passt implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final String NAME = "passt";
    private static final int SOCKET = 3; // its number there
    private static final int LONGEST_WORDS = 4096;
    private static final String REMEDY =
            "Install passt, or attach a TAP interface or a socket instead";

    // struct pollfd {int fd; short events; short revents} and struct timespec, or what was said.
    private static final int POLLIN = 1;
    private static final int TIMEOUT = 8;
    private static final int GRACE_SECONDS = 2;
    private static final int DEATH_SECONDS = 10;
    private static final long NANOS = 1_000_000_000L;
    private static final int SIGKILL = 9;
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;

    private final Fd end; // readable once it has ended
    private final Fd words;
    private final FrameChannel frames;
    private boolean closed;

    private Passt(Fd end, Fd words, FrameChannel frames) {
        this.end = end;
        this.words = words;
        this.frames = frames;
    }

    /**
     * Starts it in the caller's network namespace, with its rights. Whether it can do what the
     * options ask for is known only when it has answered a frame.
     *
     * @throws HostException if it is not installed or cannot be started, with what to do
     */
    public static Passt start(Requester caller, List<String> options) {
        List<String> command = new ArrayList<>(List.of(NAME, "-q", "-f", "--fd", "" + SOCKET));
        command.addAll(options);
        FdPair sockets = FdPair.sockets(NAME);
        FdPair errors = FdPair.pipe(NAME);
        FrameChannel frames = null;
        try (Fd itsSocket = sockets.second();
                Fd itsErrors = errors.second()) {
            FrameStream.enlarge(itsSocket); // Or it drops what a guest does not read at once.
            frames = new FrameStream(sockets.first());
            int result = caller.start(command, itsErrors.number(), itsSocket.number());
            if (result == -Errno.ENOENT) {
                throw new HostException(NAME, "is not on PATH", Errno.ENOENT, REMEDY);
            }
            return new Passt(Fd.of(result, NAME, "start"), errors.first(), frames);
        } catch (HostException e) {
            sockets.close();
            errors.close();
            if (frames != null) {
                frames.close();
            }
            throw e;
        }
    }

    /** Returns what connects the guest with it. */
    public FrameChannel frames() {
        return frames;
    }

    /**
     * Waits until frames have come or it has ended.
     *
     * @return false if the time has passed
     */
    public boolean await(Duration timeout) {
        return isReadable(frames.fd(), timeout.toNanos());
    }

    /** Returns the last line that it printed, empty if there is none. */
    public String lastWords() {
        try (Mapping text = Mapping.anonymous(LONGEST_WORDS)) {
            long length = LIBC.read(words.number(), text.address(), LONGEST_WORDS);
            byte[] bytes = new byte[(int) Math.max(length, 0)];
            text.window(0, bytes.length).get(bytes);
            return new String(bytes, UTF_8)
                    .lines()
                    .map(line -> line.replaceAll("\\p{Cntrl}", "?").strip())
                    .filter(line -> !line.isEmpty() && !line.endsWith("to syslog"))
                    .reduce("", (first, second) -> second);
        }
    }

    private static boolean isReadable(Fd fd, long nanos) {
        try (Mapping arena = Mapping.anonymous(TIMEOUT + 16)) {
            ByteBuffer at = arena.window(0, TIMEOUT + 16);
            at.putInt(0, fd.number()).putShort(Integer.BYTES, (short) POLLIN);
            long start = System.nanoTime();
            int ready;
            do {
                long left = Math.max(0, nanos - (System.nanoTime() - start));
                at.putLong(TIMEOUT, left / NANOS).putLong(TIMEOUT + 8, left % NANOS);
                ready = LIBC.ppoll(arena.address(), 1, arena.address() + TIMEOUT);
            } while (ready == -Errno.EINTR);
            return ready > 0;
        }
    }

    /** Ends it, and waits until it has: then its ports are free again. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        frames.close();
        if (!isReadable(end, TimeUnit.SECONDS.toNanos(GRACE_SECONDS))) {
            LIBC.syscall(Libc.SYS_PIDFD_SEND_SIGNAL, end.number(), SIGKILL, 0, 0, 0);
            isReadable(end, TimeUnit.SECONDS.toNanos(DEATH_SECONDS));
        }
        // Nothing is left of it then, unless it is another's child, who sees to that.
        LIBC.syscall(Libc.SYS_WAITID, P_PIDFD, end.number(), 0, WEXITED | WNOHANG, 0);
        end.close();
        words.close();
    }
}
