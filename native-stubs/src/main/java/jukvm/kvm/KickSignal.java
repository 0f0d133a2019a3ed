package jukvm.kvm;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * The signal that makes a vCPU leave its guest, without any signal handler.
 *
 * <p>It is blocked in the vCPU's thread at all times but inside KVM_RUN, whose own mask opens it: a
 * pending one makes KVM_RUN return EINTR, now or at its next call, so no kick is lost. The thread
 * then consumes it. Needs Linux 4.15, which made KVM_SET_SIGNAL_MASK restore the mask before the
 * signal can be delivered.
 *
 * <p>SIGURG, because nothing happens when one goes astray: it is ignored by default. It does not
 * queue, so at most one is pending, and sending it needs no room that the host could be out of.
 * While blocked, and that includes KVM_RUN, an ignored signal is still kept pending.
 *
 * <p>Source: signal(7); Documentation/virt/kvm/api.rst, KVM_SET_SIGNAL_MASK.
 */
final class KickSignal {
    /** SIGURG; HotSpot, NIO and glibc do not use it. */
    static final int NUMBER = 23;

    /** The struct kvm_signal_mask that {@link #block} makes: len u32 @0, then the set. */
    static final int MASK_SIZE = 4;

    /** Bytes that {@link #block} and {@link #consume} need to pass things to the kernel. */
    static final int ARENA = 64;

    private static final int SET = 4;
    private static final int SET_SIZE = 8;
    private static final int SIG_BLOCK = 0;
    private static final long BIT = 1L << (NUMBER - 1);

    // Behind the mask: the signal as a set, the thread's set before, a struct timespec of zero.
    private static final int AT_SIGNAL = 16;
    private static final int AT_BEFORE = 24;
    private static final int AT_TIMEOUT = 32;
    private static final Libc LIBC = Libc.get();

    private KickSignal() {}

    /**
     * Blocks the signal in the calling thread.
     *
     * @param at {@link #ARENA} bytes, of which the first 12 become a struct kvm_signal_mask: the
     *     thread's mask without the signal
     * @param address host address of {@code at}
     */
    static void block(ByteBuffer at, long address) {
        at.putLong(AT_SIGNAL, BIT);
        check(
                "rt_sigprocmask",
                LIBC.syscall(
                        Libc.SYS_RT_SIGPROCMASK,
                        SIG_BLOCK,
                        address + AT_SIGNAL,
                        address + AT_BEFORE,
                        SET_SIZE,
                        0));
        at.putInt(0, SET_SIZE).putLong(SET, at.getLong(AT_BEFORE) & ~BIT);
    }

    /**
     * Consumes the signal if it is pending for the calling thread, in which {@link #block} was
     * called before with the same arena.
     */
    static void consume(long address) {
        long result;
        do {
            result =
                    LIBC.syscall(
                            Libc.SYS_RT_SIGTIMEDWAIT,
                            address + AT_SIGNAL,
                            0,
                            address + AT_TIMEOUT,
                            SET_SIZE,
                            0);
        } while (result == -Errno.EINTR);
        if (result != -Errno.EAGAIN) {
            check("rt_sigtimedwait", result);
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
