package jukvm.cli.daemon;

import java.util.concurrent.Semaphore;
import jukvm.error.ConfigException;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import org.jspecify.annotations.Nullable;

/**
 * The monitor of those guests of a daemon that are in processes of their own, opened for the first.
 * Each has a worker for itself, used once. Thread-safe.
 */
final class WorkerMonitor implements AutoCloseable {
    /** How many guests there are in it at a time; others would wait, for as long as these run. */
    static final int MOST = 62;

    // As the daemon's own half that it has for images.
    private static final long HEAP = 512L << 20;

    // A worker runs one guest, and keeps nothing for another.
    private static final long KEEP = 1;

    private final Semaphore free = new Semaphore(MOST);

    // Under this.
    private @Nullable Monitor monitor;
    private boolean closed;

    /** Takes the place of one guest, if there is one; {@link #leave} gives it back. */
    boolean enter() {
        return free.tryAcquire();
    }

    void leave() {
        free.release();
    }

    /**
     * Returns the monitor.
     *
     * @throws jukvm.error.JukvmException if this host cannot have one
     */
    synchronized Monitor get() {
        if (closed) {
            throw new ConfigException("the daemon ends");
        }
        if (monitor == null) {
            monitor = Monitor.open(KEEP, Isolation.PROCESS.workers(MOST + 1).heap(HEAP));
        }
        return monitor;
    }

    /** Stops its guests. */
    @Override
    public void close() {
        Monitor last;
        synchronized (this) {
            closed = true;
            last = monitor;
        }
        if (last != null) {
            last.close();
        }
    }
}
