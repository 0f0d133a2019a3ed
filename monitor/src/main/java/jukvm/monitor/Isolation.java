package jukvm.monitor;

import jukvm.error.ConfigException;
import jukvm.isolation.WorkerPool;
import jukvm.isolation.WorkerSettings;

/**
 * What keeps the guests of a monitor apart: the JVM's and our own checks, or the host's kernel.
 * Guests of tenants that distrust each other belong in processes. Immutable.
 */
public final class Isolation {
    /** How many workers there are at a time if nothing is said. */
    public static final int DEFAULT_WORKERS = 16;

    /** How many guests a worker runs in its life if nothing is said. */
    public static final int DEFAULT_GUESTS = 1000;

    /** How much Java heap a worker has at most if nothing is said, in bytes. */
    public static final long DEFAULT_HEAP = 256L << 20;

    private static final long LEAST_HEAP = 16L << 20;
    private static final int MOST_PROCESSORS = 1024;

    /** Guests are threads of this process. A defect that one of them finds is one for all. */
    public static final Isolation THREAD = new Isolation(0, 0, 0, 0, 0);

    /**
     * Guests are in workers: processes that this one starts ahead, each sealed before its first
     * guest, and for guests of one {@link GuestSpec#tenant} alone. They get disks and TAP
     * interfaces as descriptors; consoles and other devices stay here, a message away. This process
     * must not be ended by the loss of any of them.
     *
     * <p>Where the host lets this process make control groups, each worker is in one: it has the
     * memory of its guests and of its JVM and no more, a bounded number of threads, and as much of
     * the processors as any other worker. {@link jukvm.guest.Metrics.Workers} tells whether.
     */
    public static final Isolation PROCESS =
            new Isolation(DEFAULT_WORKERS, 1, DEFAULT_GUESTS, DEFAULT_HEAP, 0);

    private final int most;
    private final int warm;
    private final int guestsEach;
    private final long heapBytes;
    private final double processors;

    private Isolation(int most, int warm, int guestsEach, long heapBytes, double processors) {
        this.most = most;
        this.warm = warm;
        this.guestsEach = guestsEach;
        this.heapBytes = heapBytes;
        this.processors = processors;
    }

    boolean isByProcess() {
        return most > 0;
    }

    WorkerSettings settings(long keepBytes) {
        return new WorkerSettings(most, warm, guestsEach, heapBytes, keepBytes, processors);
    }

    /**
     * Sets how many workers there may be at a time, those that wait for guests included: guests for
     * which there is none wait.
     *
     * @throws ConfigException if it is not 1 to 63, or there are no workers
     */
    public Isolation workers(int most) {
        require(most, 1, WorkerPool.MOST, "workers");
        return new Isolation(most, Math.min(warm, most), guestsEach, heapBytes, processors);
    }

    /**
     * Sets how many workers are kept ready for tenants to come, where there is room; a guest that
     * has to wait for the start of one waits for a third of a second and more.
     *
     * @throws ConfigException if it is negative or more than there may be, or there are no workers
     */
    public Isolation warm(int count) {
        require(count, 0, most, "warm workers");
        return new Isolation(most, count, guestsEach, heapBytes, processors);
    }

    /**
     * Sets after how many guests a worker is replaced.
     *
     * @throws ConfigException if it is not positive, or there are no workers
     */
    public Isolation guestsEach(int most) {
        require(most, 1, Integer.MAX_VALUE, "guests of a worker");
        return new Isolation(this.most, warm, most, heapBytes, processors);
    }

    /**
     * Sets how much Java heap a worker has at most, in bytes. Images are read into it.
     *
     * @throws ConfigException if it is less than 16 MiB, or there are no workers
     */
    public Isolation heap(long bytes) {
        require(bytes, LEAST_HEAP, Long.MAX_VALUE, "bytes of heap");
        return new Isolation(most, warm, guestsEach, bytes, processors);
    }

    /**
     * Sets how many processors a worker may use, as in 0.5; without, as many as there are, and when
     * there are not enough, as much of them as any other worker. {@link Monitor#open(Isolation)}
     * refuses it on a host that has no control groups for this process.
     *
     * @throws ConfigException if it is less than a hundredth or more than 1024, or there are no
     *     workers
     */
    public Isolation processors(double most) {
        require(Math.round(most * 100), 1, 100L * MOST_PROCESSORS, "hundredths of a processor");
        return new Isolation(this.most, warm, guestsEach, heapBytes, most);
    }

    private void require(long value, long least, long most, String what) {
        if (!isByProcess()) {
            throw new ConfigException(what + ": there are workers with Isolation.PROCESS only");
        }
        if (value < least || value > most) {
            throw new ConfigException(what + ": " + value + " is not " + least + " to " + most);
        }
    }
}
