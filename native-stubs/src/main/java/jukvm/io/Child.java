package jukvm.io;

import java.nio.ByteBuffer;
import java.time.Duration;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Rusage;
import jukvm.libc.Spawn;
import org.jspecify.annotations.Nullable;

/**
 * A program that was started. What it does and writes is hostile.
 *
 * <p>Used by one thread, but for {@link #kill}, which any may call at any time. Source:
 * pidfd_open(2), wait4(2), kill(2).
 */
public final class Child implements AutoCloseable {
    /** How much of its standard output is kept, in bytes; the rest is read and only counted. */
    public static final int OUTPUT = 1 << 16;

    /** How much of its standard error is kept, in bytes. */
    public static final int ERRORS = 4096;

    private static final Libc LIBC = Libc.get();

    // The structs of its calls: two of pollfd, for its output and its end; then a timespec, the
    // status of wait4, the pid of posix_spawn, a rusage, and what is done in the new process.
    private static final int END = Poller.POLLFD;
    private static final int TIMEOUT = 2 * Poller.POLLFD;
    private static final int STATUS = 32;
    private static final int PID = 40;
    private static final int USAGE = 48;
    private static final int SPAWN = USAGE + Rusage.SIZE;

    private static final int SIGKILL = 9;
    private static final int NO_FD = -1;
    private static final int SIGNAL_MASK = 0x7f;

    // How long a thread waits before it looks whether it was interrupted.
    private static final long SLICE = Poller.NANOS / 10;

    // What is killed and not gone by then hangs in the kernel, or was not ours to kill.
    private static final long GRACE = 10 * Poller.NANOS;

    private final String name;
    private final ChildStreams streams;
    private final int pid;
    private final Fd pidfd;
    private final long started;

    // From when it is waited for, its number may be another's: nobody signals it any more.
    private final Object lifetime = new Object();
    private boolean reaped;
    private long ended;
    private @Nullable ChildEnd end;
    private boolean closed;

    private Child(String name, ChildStreams streams, long started, int pid) {
        this.name = name;
        this.streams = streams;
        this.started = started;
        this.pid = pid;
        int result = (int) LIBC.syscall(Libc.SYS_PIDFD_OPEN, pid, 0, 0, 0, 0);
        if (result < 0) {
            kill();
            reap();
            throw Errno.exception("pidfd_open of " + name, -result);
        }
        this.pidfd = Fd.of(result, name, "pidfd_open");
    }

    static Child start(Program program) {
        ChildStreams streams = ChildStreams.open();
        try {
            return start(program, streams);
        } catch (HostException e) {
            streams.close();
            throw e;
        }
    }

    private static Child start(Program program, ChildStreams streams) {
        long arena = streams.address();
        Fd in = program.input();
        try (Spawn spawn = new Spawn(arena + SPAWN, in, streams.writer(), streams.errors())) {
            long started = System.nanoTime();
            int result = program.start(spawn, arena + PID);
            if (result < 0) {
                throw Errno.exception("posix_spawn " + program, -result);
            }
            streams.writer().close();
            int pid = streams.at().getInt(PID);
            return new Child(program.toString(), streams, started, pid);
        }
    }

    /** Returns its process id, which is also that of its process group. */
    public int pid() {
        return pid;
    }

    /**
     * Waits for its end and reads its output meanwhile. Descendants that it leaves behind may go on
     * and are not waited for, even if they have its output open. Returns the same again once it has
     * ended.
     *
     * @param limit from now; past it, its process group is killed
     * @throws InterruptedException if the thread is or was interrupted: it has been killed, and the
     *     next call tells how it ended
     * @throws HostException if the host cannot wait or read, or it is still there 10 s after it was
     *     killed
     */
    public ChildEnd await(Duration limit) throws InterruptedException {
        ChildEnd known = end;
        if (known != null) {
            return known;
        }
        long start = System.nanoTime();
        boolean timedOut = false;
        while (!step(start, limit.toNanos())) {
            if (System.nanoTime() - start >= limit.toNanos()) {
                timedOut = true;
                kill();
                break;
            }
        }
        return end(timedOut);
    }

    /**
     * Waits until a text has appeared in its output, and lets it go on. Once it has ended, that is
     * the output of descendants that have it open.
     *
     * @param text to be found in the first {@link #OUTPUT} bytes
     * @param limit from now
     * @return false if the time was up or its output had ended before
     * @throws InterruptedException if the thread is or was interrupted: it has been killed
     * @throws HostException if the host cannot wait or read
     */
    public boolean awaitOutput(String text, Duration limit) throws InterruptedException {
        checkOpen();
        long start = System.nanoTime();
        boolean more = !streams.ended();
        while (!streams.output().contains(text)) {
            if (!more) {
                return false;
            }
            if (step(start, limit.toNanos())) {
                end(false);
            }
            boolean inTime = System.nanoTime() - start < limit.toNanos();
            more = inTime && !streams.ended();
        }
        return true;
    }

    /** Reads some output, if some comes in a while; returns whether the child has ended. */
    private boolean step(long start, long limit) throws InterruptedException {
        checkOpen();
        if (Thread.interrupted()) {
            kill();
            end(false);
            throw new InterruptedException(name + " was killed");
        }
        long left = limit - (System.nanoTime() - start);
        boolean hasEnded = poll(!streams.ended(), Math.max(0, Math.min(left, SLICE)));
        if (streams.at().getShort(Poller.REVENTS) != 0) {
            streams.read();
        }
        return hasEnded;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(name + ": child is closed");
        }
    }

    /** Waits for its end, and for output if asked to; returns whether it has ended just now. */
    private boolean poll(boolean forOutput, long nanos) {
        ByteBuffer at = streams.at();
        at.putInt(0, forOutput ? streams.reader().number() : NO_FD);
        at.putShort(Poller.EVENTS, Poller.POLLIN).putShort(Poller.REVENTS, (short) 0);
        at.putInt(END, end == null ? pidfd.number() : NO_FD);
        at.putShort(END + Poller.EVENTS, Poller.POLLIN).putShort(END + Poller.REVENTS, (short) 0);
        at.putLong(TIMEOUT, nanos / Poller.NANOS).putLong(TIMEOUT + 8, nanos % Poller.NANOS);
        int result = LIBC.ppoll(streams.address(), 2, streams.address() + TIMEOUT);
        if (result < 0 && result != -Errno.EINTR) {
            throw Errno.exception(name + ": ppoll", -result);
        }
        return result > 0 && at.getShort(END + Poller.REVENTS) != 0;
    }

    /** Takes down how it ended, once it has ended or was killed. */
    private ChildEnd end(boolean timedOut) {
        awaitDeath();
        reap();
        streams.drain();
        int wait = streams.at().getInt(STATUS);
        int signal = wait & SIGNAL_MASK;
        ChildEnd known =
                new ChildEnd(
                        started,
                        streams.firstByte(),
                        ended,
                        signal == 0 ? wait >> 8 & 0xff : -1,
                        signal,
                        timedOut,
                        streams.output(),
                        streams.length(),
                        streams.errorText(),
                        Rusage.cpuNanos(streams.at(), USAGE));
        end = known;
        return known;
    }

    private void awaitDeath() {
        long start = System.nanoTime();
        while (!poll(false, GRACE)) {
            if (System.nanoTime() - start >= GRACE) {
                String reason = "still there " + GRACE / Poller.NANOS + " s after SIGKILL";
                throw new HostException(name + ": pid " + pid, reason, 0, "");
            }
        }
    }

    private void reap() {
        synchronized (lifetime) {
            if (reaped) {
                return; // Reading what it left has failed before.
            }
            long address = streams.address();
            long result;
            do {
                long status = address + STATUS;
                result = LIBC.syscall(Libc.SYS_WAIT4, pid, status, 0, address + USAGE, 0);
            } while (result == -Errno.EINTR);
            ended = System.nanoTime();
            reaped = true;
            if (result < 0) {
                throw Errno.exception(name + ": wait4", (int) -result);
            }
        }
    }

    /** Kills its process group; nothing if it has ended and was waited for. From any thread. */
    public void kill() {
        synchronized (lifetime) {
            if (!reaped) {
                LIBC.syscall(Libc.SYS_KILL, -pid, SIGKILL, 0, 0, 0);
                LIBC.syscall(Libc.SYS_KILL, pid, SIGKILL, 0, 0, 0); // It may have left the group.
            }
        }
    }

    /**
     * Kills its process group unless it has ended, and gives everything back.
     *
     * @throws HostException if it is still there 10 s after it was killed
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!reaped) {
                kill();
                awaitDeath();
                reap();
            }
        } finally {
            pidfd.close();
            streams.close();
        }
    }
}
