package jukvm.device;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One guest's lines for the operator: what went wrong with its devices, as it happens.
 *
 * <p>Thread-safe. A guest can make its devices fail as often as it likes, so no more than {@value
 * #LINES_PER_SECOND} lines a second come through; the others are counted and the count is told.
 */
public final class Notices implements AutoCloseable {
    private static final int LINES_PER_SECOND = 10;
    private static final long SECOND = 1_000_000_000L;

    private final Consumer<String> operator;
    private final ReentrantLock lock = new ReentrantLock();
    private long windowStart = System.nanoTime();
    private int lines;
    private long withheld;

    /** Tells lines to {@code operator}, one at a time, from any of the guest's threads. */
    public Notices(Consumer<String> operator) {
        this.operator = operator;
    }

    /** Returns what an exception of a device says, or which it is if it says nothing. */
    public static String fact(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    /** Tells the operator a line, or counts it if there have been too many. */
    public void tell(String line) {
        lock.lock();
        try {
            tellOrCount(line);
        } finally {
            lock.unlock();
        }
    }

    private void tellOrCount(String line) {
        long now = System.nanoTime();
        if (now - windowStart >= SECOND) {
            windowStart = now;
            lines = 0;
            tellWithheld();
        }
        if (lines < LINES_PER_SECOND) {
            lines++;
            operator.accept(line);
        } else {
            withheld++;
        }
    }

    /**
     * Tells the operator a line that is not counted; not if another thread is being told one, or
     * does not come back from telling.
     */
    public void tellNow(String line) {
        if (lock.tryLock()) {
            try {
                operator.accept(line);
            } finally {
                lock.unlock();
            }
        }
    }

    private void tellWithheld() {
        if (withheld > 0) {
            operator.accept(withheld + " more lines about the guest's devices were left out");
            withheld = 0;
        }
    }

    /** Tells how many lines were left out since the last that was not. */
    @Override
    public void close() {
        lock.lock();
        try {
            tellWithheld();
        } finally {
            lock.unlock();
        }
    }
}
