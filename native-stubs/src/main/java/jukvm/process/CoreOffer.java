package jukvm.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.io.SparseSender;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A pipe that this process offers to whoever has asked for a core, to be opened by {@code
 * /proc/PID/fd}, where the kernel lets in the same user and root. A thread is called by its number,
 * for as long as it is offered.
 */
public final class CoreOffer {
    /** What the thread is called, before the descriptor's number. */
    static final String NAME = "jukvm-core-";

    /** What comes first of all: "jukvmcor". */
    static final long GREETING = 0x726f636d766b756aL;

    private static final Libc LIBC = Libc.get();
    private static final int LAST_NUMBER = 9999; // A thread's name has 15 characters for others.
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final AtomicBoolean IS_OFFERED = new AtomicBoolean();

    private CoreOffer() {}

    /**
     * Offers one, unless one is offered already; nothing if the host has no descriptors or thread
     * for it. Returns at once.
     *
     * @param writer writes the core, on a thread of its own, once somebody reads
     */
    public static void begin(Consumer<SparseSender> writer) {
        if (IS_OFFERED.getAndSet(true)) {
            return;
        }
        boolean isBegun = false;
        try {
            isBegun = start(FdPair.pipe("core"), writer);
        } catch (HostException e) {
            // Whoever asks waits in vain, and says so.
        } finally {
            if (!isBegun) {
                IS_OFFERED.set(false);
            }
        }
    }

    private static boolean start(FdPair pipe, Consumer<SparseSender> writer) {
        int number = pipe.first().number();
        Thread thread = new Thread(() -> offer(pipe, writer), NAME + number);
        thread.setDaemon(true);
        try {
            if (number <= LAST_NUMBER) {
                thread.start();
                return true;
            }
        } catch (OutOfMemoryError e) {
            // The host allows no thread more; that one is to hear of the end remains.
        }
        pipe.close();
        return false;
    }

    private static void offer(FdPair pipe, Consumer<SparseSender> writer) {
        try (pipe;
                SparseSender to = new SparseSender(pipe.second().number())) {
            if (isTaken(pipe)) {
                pipe.first().close(); // So that the end of whoever reads is felt.
                writer.accept(to);
            }
        } catch (HostException e) {
            // It has told of what is known.
        } finally {
            IS_OFFERED.set(false);
        }
    }

    private static boolean isTaken(FdPair pipe) {
        try (Mapping arena = Mapping.anonymous(2 * Long.BYTES);
                Poller poller = new Poller()) {
            long address = arena.address();
            arena.window(0, 2 * Long.BYTES).putLong(0, GREETING);
            LIBC.write(pipe.second().number(), address, Long.BYTES);
            long start = System.nanoTime();
            while (System.nanoTime() - start < PATIENCE_NANOS) {
                LIBC.ioctl(pipe.first().number(), Libc.FIONREAD, address + Long.BYTES);
                if (arena.window(Long.BYTES, Long.BYTES).getInt(0) == 0) {
                    return true;
                }
                poller.pause(LOOK_NANOS);
            }
            return false;
        }
    }
}
