package jukvm.device;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A console that never holds its guest for longer than a moment: made by {@link Console#dropping}.
 *
 * <p>Another console is written on a thread of this one's. While that does not take anything, the
 * last {@value #KEPT} bytes are kept for it and what is older is dropped. A thread that is still in
 * a write when the guest has ended is left behind.
 */
public final class DroppingConsole implements Console {
    /** How many bytes are kept while nobody takes them. */
    public static final int KEPT = 64 << 10;

    // What the other console is given at once.
    private static final int PART = 16 << 10;

    // A write that takes this long is one that nobody reads; a shorter one holds the guest.
    private static final long STALL_MILLIS = 100;

    // How long the other console may take nothing at the end, or have in all if the guest was
    // stopped.
    private static final long GRACE_MILLIS = 1000;

    private final Console console;
    private final ByteBuffer part = ByteBuffer.allocateDirect(PART);

    // Guarded by this.
    private final byte[] kept = new byte[KEPT];
    private int start;
    private int size;
    private int underWay;
    private long progress;
    private long dropped;
    private boolean stopped;
    private boolean ended;
    private @Nullable Thread writer;
    private @Nullable RuntimeException failure;

    DroppingConsole(Console console) {
        this.console = console;
    }

    @Override
    public synchronized void write(ByteBuffer bytes) {
        begin();
        if (failure != null) {
            throw failure;
        }
        while (bytes.hasRemaining()) {
            if (size == KEPT && !awaitRoom()) {
                drop(Math.min(bytes.remaining(), KEPT));
            }
            int at = (start + size) % KEPT;
            int room = Math.min(KEPT - size, KEPT - at);
            int count = Math.min(bytes.remaining(), room);
            bytes.get(kept, at, count);
            size += count;
        }
        notifyAll();
    }

    private void begin() {
        if (size + underWay == 0) {
            progress = System.nanoTime();
        }
        if (writer == null) {
            writer = new Thread(this::handOn, "jukvm-console");
            writer.setDaemon(true);
            writer.start();
        }
    }

    // The writer may only be slower than the guest.
    private boolean awaitRoom() {
        notifyAll();
        boolean waits = true;
        while (waits && size == KEPT && !stopped && left(STALL_MILLIS) > 0) {
            waits = await(left(STALL_MILLIS));
        }
        return size < KEPT;
    }

    private long left(long millis) {
        return millis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - progress);
    }

    private void drop(int count) {
        start = (start + count) % KEPT;
        size -= count;
        dropped += count;
    }

    @SuppressWarnings("WaitNotInLoop") // Each caller is one.
    private boolean await(long millis) {
        try {
            wait(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void handOn() {
        try {
            while (take()) {
                console.write(part);
                taken();
            }
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private synchronized void fail(RuntimeException e) {
        failure = e;
        notifyAll();
    }

    private synchronized boolean take() {
        boolean waits = true;
        while (waits && size == 0 && !ended) {
            waits = await(0);
        }
        int count = Math.min(Math.min(size, PART), KEPT - start);
        part.clear().put(kept, start, count).flip();
        start = (start + count) % KEPT;
        size -= count;
        underWay = count;
        progress = System.nanoTime();
        notifyAll();
        return count > 0;
    }

    private synchronized void taken() {
        underWay = 0;
        progress = System.nanoTime();
        notifyAll();
    }

    /** Lets the guest go on; what is kept may still be taken until its end. */
    @Override
    public synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    @Override
    public void end() {
        if (drain()) {
            console.end();
        }
    }

    private synchronized boolean drain() {
        ended = true;
        notifyAll();
        long begun = System.nanoTime();
        progress = begun;
        boolean waits = true;
        while (waits && isBusy() && left(GRACE_MILLIS) > 0) {
            waits = await(left(GRACE_MILLIS));
            progress = stopped ? begun : progress;
        }
        dropped += size;
        size = 0;
        return underWay == 0 || isGivenUp();
    }

    private boolean isBusy() {
        return size + underWay > 0 && failure == null;
    }

    // What it makes of the part that it was given is the other console's to say, if it can.
    private boolean isGivenUp() {
        console.stop();
        progress = System.nanoTime();
        boolean waits = true;
        while (waits && isBusy() && left(STALL_MILLIS) > 0) {
            waits = await(left(STALL_MILLIS));
        }
        dropped += underWay;
        return underWay == 0;
    }

    /**
     * Returns how many bytes were printed that the other console was not given, or is still held
     * by.
     */
    public synchronized long dropped() {
        return dropped;
    }
}
