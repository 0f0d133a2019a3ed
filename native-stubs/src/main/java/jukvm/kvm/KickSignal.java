package jukvm.kvm;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * The signal that makes a vCPU leave its guest, without any signal handler.
 *
 * <p>It is blocked in the vCPU's thread at all times but inside KVM_RUN, whose own mask opens it: a
 * pending one makes KVM_RUN return EINTR, now or at its next call, so no kick is lost. The thread
 * then consumes it. Needs Linux 4.15, which made KVM_SET_SIGNAL_MASK restore the mask before the
 * signal can be delivered.
 *
 * <p>Source: signal(7); Documentation/virt/kvm/api.rst, KVM_SET_SIGNAL_MASK.
 */
final class KickSignal {
    /** A real-time signal that glibc (32, 33), HotSpot and NIO (62) do not use. */
    static final int NUMBER = 40;

    /** struct kvm_signal_mask: len u32 @0, then the set. */
    static final int MASK_SIZE = 4;

    private static final int SET = 4;
    private static final int SET_SIZE = 8;
    private static final int SIG_BLOCK = 0;
    private static final int TIMESPEC_SIZE = 16;

    // The kernel's struct sigaction on x86-64: handler @0, flags @8, restorer @16, mask @24.
    private static final int SIGACTION_SIZE = 32;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    private static final long BIT = 1L << (NUMBER - 1);
    private static final Libc LIBC = Libc.get();

    private KickSignal() {}

    /**
     * Blocks the signal in the calling thread.
     *
     * @param mask 12 bytes that become a struct kvm_signal_mask: the thread's mask without the
     *     signal
     */
    static void block(ByteBuffer mask) {
        try (Mapping arena = Mapping.anonymous(2L * SET_SIZE)) {
            ByteBuffer sets = arena.window(0, 2L * SET_SIZE).putLong(0, BIT);
            long set = arena.address();
            check(
                    "rt_sigprocmask",
                    LIBC.syscall(
                            Libc.SYS_RT_SIGPROCMASK, SIG_BLOCK, set, set + SET_SIZE, SET_SIZE, 0));
            mask.putInt(0, SET_SIZE).putLong(SET, sets.getLong(SET_SIZE) & ~BIT);
        }
    }

    /**
     * Consumes every instance that is pending for the calling thread: real-time signals queue, and
     * HotSpot unblocks what it did not block itself when a thread ends.
     */
    static void consume() {
        try (Mapping arena = Mapping.anonymous(SET_SIZE + TIMESPEC_SIZE)) {
            // The set, then a struct timespec of zero: take one, or return at once.
            arena.window(0, SET_SIZE).putLong(0, BIT);
            long set = arena.address();
            long result;
            do {
                result =
                        LIBC.syscall(Libc.SYS_RT_SIGTIMEDWAIT, set, 0, set + SET_SIZE, SET_SIZE, 0);
            } while (result == NUMBER || result == -Errno.EINTR);
            if (result != -Errno.EAGAIN) {
                check("rt_sigtimedwait", result);
            }
        }
    }

    /**
     * Makes the process ignore the signal where nobody has given it a meaning: a stray one must not
     * do what it does by default, which is to end the process. While blocked, and that includes
     * KVM_RUN, an ignored signal is still kept pending.
     */
    static void ignore() {
        try (Mapping arena = Mapping.anonymous(2L * SIGACTION_SIZE)) {
            ByteBuffer actions = arena.window(0, 2L * SIGACTION_SIZE);
            long old = arena.address() + SIGACTION_SIZE;
            check("rt_sigaction", LIBC.syscall(Libc.SYS_RT_SIGACTION, NUMBER, 0, old, SET_SIZE, 0));
            if (actions.getLong(SIGACTION_SIZE) == SIG_DFL) {
                actions.putLong(0, SIG_IGN);
                check(
                        "rt_sigaction",
                        LIBC.syscall(
                                Libc.SYS_RT_SIGACTION, NUMBER, arena.address(), 0, SET_SIZE, 0));
            }
        }
    }

    /** Returns the calling thread's kernel id. */
    static int currentThread() {
        return (int) LIBC.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0);
    }

    /** Sends the signal to a thread of this process. */
    static void send(int thread) {
        long process = ProcessHandle.current().pid();
        check("tgkill", LIBC.syscall(Libc.SYS_TGKILL, process, thread, NUMBER, 0, 0));
    }

    private static void check(String operation, long result) {
        if (result < 0) {
            throw Errno.exception(operation, (int) -result);
        }
    }
}
