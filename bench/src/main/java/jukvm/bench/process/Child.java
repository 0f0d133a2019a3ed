package jukvm.bench.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import org.jspecify.annotations.Nullable;

/**
 * A program that was started: its output is a pipe, its errors go to a file in memory, which it can
 * fill without anybody reading. What it does and writes is hostile. Used by one thread.
 *
 * <p>Source: pidfd_open(2), poll(2), waitpid(2), kill(2).
 */
public final class Child implements AutoCloseable {
    /** How much of its standard output is kept, in bytes; the rest is read and forgotten. */
    public static final int OUTPUT = 1 << 16;

    /** How much of its standard error is kept, in bytes. */
    public static final int ERRORS = 4096;

    // Two of struct pollfd, for its output and its end; then the output, and room for the rest.
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;
    private static final int KEPT = 2 * POLLFD;
    private static final int REST = KEPT + OUTPUT;
    private static final int REST_SIZE = 1 << 12;

    private static final int SYS_PIDFD_OPEN = 434;
    private static final int FIONREAD = 0x541b;
    private static final int SIGKILL = 9;
    private static final int NO_FD = -1;
    private static final int SIGNAL_MASK = 0x7f;

    // How long a thread waits before it looks whether it was interrupted.
    private static final long SLICE_MILLIS = 100;

    // What is killed and not gone by then hangs in the kernel, or was not ours to kill.
    private static final int GRACE_MILLIS = 10_000;

    private final String name;
    private final Memory memory = new Memory(REST + REST_SIZE);
    private final int reader;
    private final int errors;
    private final int pid;
    private final int pidfd;
    private final long started;
    private int kept;
    private long length;
    private long firstByte;
    private boolean outputEnded;
    private boolean isPatient;
    private boolean wasInterrupted;

    // From when it is waited for, its number may be another's: it is not signalled any more.
    private final int[] status = new int[1];
    private boolean reaped;
    private long ended;
    private @Nullable ChildEnd end;
    private boolean closed;

    Child(String name, int reader, int errors, long started, int pid) {
        this.name = name;
        this.reader = reader;
        this.errors = errors;
        this.started = started;
        this.pid = pid;
        this.pidfd = C.syscall(SYS_PIDFD_OPEN, pid, 0);
        if (pidfd < 0) {
            kill();
            reap();
            C.check("pidfd_open of " + name, pidfd);
        }
    }

    /**
     * Has interrupts wait until it has ended, or its time is up, instead of killing it: one that is
     * killed halfway may leave what nobody finds. Then {@link #await} throws; {@link #close} gives
     * the thread back its interrupt if nobody has called that.
     */
    public void waitOut() {
        isPatient = true;
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
        ChildEnd last = known == null ? awaitEnd(limit) : known;
        if (wasInterrupted) { // Perhaps while its output was waited for.
            wasInterrupted = false;
            throw new InterruptedException(name + " has ended since");
        }
        return last;
    }

    private ChildEnd awaitEnd(Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        boolean timedOut = false;
        while (!step(start, limit)) {
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
        boolean more = !outputEnded;
        while (!output().contains(text)) {
            if (!more) {
                return false;
            }
            if (step(start, limit)) {
                end(false);
            }
            more = System.nanoTime() - start < limit.toNanos() && !outputEnded;
        }
        return true;
    }

    /** Reads some output, if some comes in a while; returns whether the child has ended. */
    private boolean step(long start, Duration limit) throws InterruptedException {
        checkOpen();
        boolean interrupted = Thread.interrupted();
        wasInterrupted |= interrupted && isPatient;
        if (interrupted && !isPatient) {
            kill();
            end(false);
            throw new InterruptedException(name + " was killed");
        }
        long left = limit.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        boolean hasEnded = poll(!outputEnded, (int) Math.max(0, Math.min(left, SLICE_MILLIS)));
        if (memory.getShort(REVENTS) != 0) {
            read();
        }
        return hasEnded;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(name + ": child is closed");
        }
    }

    /** Waits for its end, and for output if asked to; returns whether it has ended just now. */
    private boolean poll(boolean forOutput, int millis) {
        entry(0, forOutput ? reader : NO_FD);
        entry(POLLFD, end == null ? pidfd : NO_FD);
        int result = C.poll(memory, 2, millis);
        if (result < 0 && Native.getLastError() != C.EINTR) {
            C.check(name + ": poll", result);
        }
        return result > 0 && memory.getShort(POLLFD + REVENTS) != 0;
    }

    private void entry(int offset, int fd) {
        memory.setInt(offset, fd);
        memory.setShort(offset + EVENTS, POLLIN);
        memory.setShort(offset + REVENTS, (short) 0);
    }

    // When there is some output or it has ended.
    private void read() {
        int room = OUTPUT - kept;
        long to = Pointer.nativeValue(memory) + (room > 0 ? KEPT + kept : REST);
        int result = C.read(reader, to, room > 0 ? room : REST_SIZE);
        if (result < 0 && Native.getLastError() == C.EINTR) {
            return;
        }
        C.check(name + ": read", result);
        if (firstByte == 0 && result > 0) {
            firstByte = System.nanoTime();
        }
        outputEnded = result == 0;
        length += result;
        kept += room > 0 ? result : 0;
    }

    // What there is and no more, so that a descendant who goes on writing cannot keep us.
    private void drain() {
        int[] available = new int[1];
        C.check(name + ": FIONREAD", C.ioctl(reader, FIONREAD, available));
        long all = length + available[0];
        while (length < all && !outputEnded) {
            read();
        }
    }

    /** Returns what is kept of its output so far. */
    public String output() {
        checkOpen();
        return new String(memory.getByteArray(KEPT, kept), UTF_8);
    }

    private String errorText() {
        try (Memory text = new Memory(ERRORS)) {
            int count = Math.max(0, C.pread(errors, text, ERRORS, 0));
            return new String(text.getByteArray(0, count), UTF_8);
        }
    }

    /** Takes down how it ended, once it has ended or was killed. */
    private ChildEnd end(boolean timedOut) {
        awaitDeath();
        reap();
        drain();
        int signal = status[0] & SIGNAL_MASK;
        ChildEnd known =
                new ChildEnd(
                        started,
                        firstByte,
                        ended,
                        signal == 0 ? status[0] >> 8 & 0xff : -1,
                        signal,
                        timedOut,
                        output(),
                        errorText());
        end = known;
        return known;
    }

    private void awaitDeath() {
        long start = System.nanoTime();
        while (!poll(false, GRACE_MILLIS)) {
            if (System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS)) {
                String reason = "still there " + GRACE_MILLIS + " ms after SIGKILL";
                throw new HostException(name + ": pid " + pid, reason, 0, "");
            }
        }
    }

    private void reap() {
        if (reaped) {
            return; // Reading what it left has failed before.
        }
        int result;
        do {
            result = C.waitpid(pid, status, 0);
        } while (result < 0 && Native.getLastError() == C.EINTR);
        ended = System.nanoTime();
        reaped = true;
        C.check(name + ": waitpid", result);
    }

    private void kill() {
        if (!reaped) {
            C.kill(-pid, SIGKILL);
            C.kill(pid, SIGKILL); // It may have left the group.
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
            C.close(pidfd);
            C.close(reader);
            C.close(errors);
            memory.close();
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
