package jukvm.process;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * The signals that end a process, heard by a thread instead: SIGHUP, SIGINT, SIGQUIT and SIGTERM,
 * but for those that the process was started to ignore. For a program of its own; in the JVM of
 * somebody else signals are not ours.
 *
 * <p>Their handler is machine code that writes a byte to a pipe and touches nothing else, for it
 * may run in the middle of anything. The same user and root may open that pipe by {@code
 * /proc/PID/fd}, and ask for a core by another byte: see {@link CoreRequest}. HotSpot would tell
 * Java code of three of them, but answer SIGQUIT by printing its threads, whatever that code asks
 * for.
 *
 * <p>Source: signal-safety(7); rt_sigreturn(2); asm/signal.h, struct sigaction, which the kernel
 * and not libc has.
 *
 * <pre>
 * sigaction    handler pointer @0   flags u64 @8   restorer pointer @16   mask u64 @24
 * </pre>
 */
public final class EndSignals implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int[] NUMBERS = {1, 2, 3, 15};
    private static final long ALL = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14;
    private static final int SIG_UNBLOCK = 1;
    private static final int PAGE = 4096;
    private static final byte END = 1;
    private static final int MASK_SIZE = 8;
    private static final long SA_RESTART = 0x10000000;
    private static final long SA_RESTORER = 0x04000000;
    private static final long SIG_IGN = 1;

    // The page: the code, what is asked for, and how each signal was handled before.
    private static final int RESTORER = 25;
    private static final int AT_END = 32;
    private static final int AT_ACTION = 64;
    private static final int AT_BEFORE = 128;
    private static final int ACTION = 32;

    /** What asks for a core. */
    static final byte ASK = 2;

    private final FdPair come;
    private final Mapping page;
    private volatile boolean closed;

    /** What has come. */
    public enum Heard {
        /** A signal that ends the process. */
        END,
        /** Somebody who asks for a core. */
        CORE,
        /** Nothing; this is closed. */
        NOTHING
    }

    private EndSignals(FdPair come, Mapping page) {
        this.come = come;
        this.page = page;
    }

    /**
     * Begins to hear them.
     *
     * @throws jukvm.error.HostException if the host has no memory or descriptor for it
     */
    public static EndSignals hear() {
        FdPair come = FdPair.pipe("signals");
        // Its writers alone never wait.
        check("fcntl", LIBC.fcntl(come.first().number(), Libc.F_SETFL, 0));
        EndSignals signals = new EndSignals(come, Mapping.anonymous(PAGE));
        signals.take(come.second().number());
        return signals;
    }

    /** Returns the number of the descriptor by which others ask. */
    public int door() {
        return come.second().number();
    }

    private void take(int number) {
        ByteBuffer at = page.window(0, PAGE);
        writeCode(at, number);
        at.putLong(AT_ACTION, page.address()).putLong(AT_ACTION + 8, SA_RESTART | SA_RESTORER);
        at.putLong(AT_ACTION + 16, page.address() + RESTORER);
        for (int i = 0; i < NUMBERS.length; i++) {
            act(NUMBERS[i], 0, before(i));
        }
        int executable = Libc.PROT_READ | Libc.PROT_EXEC;
        check("mprotect", LIBC.syscall(Libc.SYS_MPROTECT, page.address(), PAGE, executable, 0, 0));
        for (int i = 0; i < NUMBERS.length; i++) {
            if (at.getLong(AT_BEFORE + i * ACTION) != SIG_IGN) {
                act(NUMBERS[i], page.address() + AT_ACTION, 0);
            }
        }
    }

    private static void writeCode(ByteBuffer at, int number) {
        at.put(0, (byte) 0xb8).putInt(1, 1); // mov $1, %eax, which is write
        at.put(5, (byte) 0xbf).putInt(6, number); // mov $number, %edi
        at.putInt(10, 0x358d48).putInt(13, AT_END - 17); // lea AT_END(%rip), %rsi
        at.put(17, (byte) 0xba).putInt(18, 1); // mov $1, %edx
        at.putInt(22, 0xc3050f); // syscall; ret
        at.put(RESTORER, (byte) 0xb8).putInt(26, 15); // mov $15, %eax, which is rt_sigreturn
        at.putShort(30, (short) 0x050f); // syscall
        at.put(AT_END, END);
    }

    private long before(int index) {
        return page.address() + AT_BEFORE + (long) index * ACTION;
    }

    private static void act(int number, long action, long before) {
        check(
                "rt_sigaction",
                LIBC.syscall(Libc.SYS_RT_SIGACTION, number, action, before, MASK_SIZE, 0));
    }

    private static void check(String operation, long result) {
        if (result < 0) {
            throw Errno.exception("signals: " + operation, (int) -result);
        }
    }

    /**
     * Waits for one. The calling thread is open to them: a Java program has its children begin with
     * SIGQUIT blocked.
     *
     * @return what has come first
     */
    public Heard await() {
        try (Mapping room = Mapping.anonymous(Long.BYTES)) {
            ByteBuffer at = room.window(0, Long.BYTES).putLong(0, ALL);
            long set = room.address();
            check(
                    "rt_sigprocmask",
                    LIBC.syscall(Libc.SYS_RT_SIGPROCMASK, SIG_UNBLOCK, set, 0, MASK_SIZE, 0));
            while (true) {
                long result = LIBC.read(come.first().number(), room.address(), 1);
                if (closed) {
                    return Heard.NOTHING;
                }
                if (result != -Errno.EINTR) {
                    check("read", result);
                    switch (at.get(0)) {
                        case END -> {
                            return Heard.END;
                        }
                        case ASK -> {
                            return Heard.CORE;
                        }
                        default -> {} // Others may write what they like.
                    }
                }
            }
        }
    }

    /**
     * Has them handled as before, and ends the wait for one: a JVM that ends waits 0.3 s for a
     * thread that is in a system call. What the handler needs is kept, since one may just run.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (int i = 0; i < NUMBERS.length; i++) {
                act(NUMBERS[i], before(i), 0);
            }
            LIBC.write(come.second().number(), page.address() + AT_END, 1);
        }
    }
}
