package jukvm.isolation;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import jukvm.control.MonitorThread;
import jukvm.error.HostException;
import jukvm.guest.Metrics;
import jukvm.io.Doorbell;
import jukvm.io.Poller;
import jukvm.run.GuestSession;
import jukvm.sandbox.ControlGroups;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of a monitor: started ahead, as many as are to wait for guests; bound to the tenant
 * of their first guest for life; replaced when they have run so many guests, or died. Thread-safe.
 *
 * <p>One thread listens to all of them, and is the only one that starts and buries them.
 */
public final class WorkerPool implements AutoCloseable {
    /** The most workers that there can be. */
    public static final int MOST = Long.SIZE - 1;

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

    private static final int BELL = MOST;
    private static final int PATIENCE = 3;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final WorkerSettings settings;
    private final ControlGroups groups;
    private final Spawner spawner;
    private final Numbers numbers = new Numbers();
    private final Doorbell bell = Doorbell.open();
    private final Poller poller = new Poller();
    private final MonitorThread thread = new MonitorThread(this::work, "jukvm-workers");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Under the lock; the first is changed by the thread alone.
    private final WorkerTable workers;
    private final Set<GuestSession> sessions = new HashSet<>();
    private int waiting;
    private long failures;
    private String failure = "";
    private boolean isFailing;
    private int inARow;
    private boolean closed;
    private boolean isOver;

    /**
     * Begins to start workers.
     *
     * @throws jukvm.error.ConfigException if no JVM can be started of what this one is of, or they
     *     are to have limits that this host cannot keep
     * @throws HostException if the host has no descriptors or memory for it
     */
    public WorkerPool(WorkerSettings settings) {
        this(settings, new WorkerCommand(settings));
    }

    /**
     * Makes one of programs that stand for workers.
     *
     * @throws jukvm.error.ConfigException if they are to have limits that this host cannot keep
     */
    public WorkerPool(WorkerSettings settings, WorkerCommand command) {
        this(settings, command, settings.groups());
    }

    private WorkerPool(WorkerSettings settings, WorkerCommand command, ControlGroups groups) {
        this.settings = settings;
        this.groups = groups;
        this.workers = new WorkerTable(settings);
        this.spawner = new Spawner(command);
        poller.watch(BELL, bell);
        thread.start();
    }

    /**
     * Adds a guest, which is stopped when this is closed.
     *
     * @return false if it is closed
     */
    boolean enter(GuestSession session) {
        lock.lock();
        try {
            return !closed && sessions.add(session);
        } finally {
            lock.unlock();
        }
    }

    /** Returns what numbers guests and images. */
    Numbers numbers() {
        return numbers;
    }

    /** Takes a guest out, once its result is known. */
    void leave(GuestSession session) {
        lock.lock();
        try {
            sessions.remove(session);
            ring();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns a worker for a guest, once there is one; {@link #release} takes it back.
     *
     * @param tenant of the guest; null if it shares a worker with no other
     * @param isStopped whether the guest is to end instead; {@link #wake} has that looked at
     * @return null if it is
     * @throws HostException if no worker can be started
     */
    @Nullable Worker take(@Nullable String tenant, BooleanSupplier isStopped) {
        lock.lock();
        try {
            waiting++;
            long known = failures;
            while (!isStopped.getAsBoolean()) {
                Worker found = workers.find(tenant);
                if (found != null) {
                    found.tenant = tenant;
                    found.running++;
                    found.served++;
                    return found;
                }
                if (failures != known) {
                    throw new HostException("worker", failure, 0, "");
                }
                ring();
                changed.awaitUninterruptibly();
            }
            return null;
        } finally {
            waiting--;
            ring(); // The next that is to wait for a guest can be started.
            lock.unlock();
        }
    }

    /**
     * Takes a worker back of which a guest is gone.
     *
     * @param isSound whether it told of the guest's end; else it is given no other
     */
    void release(Worker worker, boolean isSound) {
        lock.lock();
        try {
            worker.running--;
            worker.since = System.nanoTime();
            boolean isWorn = worker.tenant == null || worker.served >= settings.guestsEach();
            if (!isSound) {
                worker.retire("");
            } else if (worker.running == 0 && isWorn) {
                worker.retire("has run its guests");
            }
            changed.signalAll();
            ring();
        } finally {
            lock.unlock();
        }
    }

    /** Returns what has become of workers so far. */
    public Metrics.Workers metrics() {
        lock.lock();
        try {
            return workers.metrics();
        } finally {
            lock.unlock();
        }
    }

    /** Has those look again that wait for a worker. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // Under the lock: the thread closes it in the end.
    private void ring() {
        if (!isOver) {
            bell.ring();
        }
    }

    private void work() {
        try {
            serve();
        } catch (RuntimeException | Error e) {
            LOG.error("no more workers", e);
            breakDown(e);
        } finally {
            spawner.close();
            poller.close();
            closeBell();
            groups.close();
        }
    }

    private void closeBell() {
        lock.lock();
        try {
            isOver = true;
            bell.close();
        } finally {
            lock.unlock();
        }
    }

    // Workers end with the thread that started them.
    private void breakDown(Throwable why) {
        lock.lock();
        try {
            closed = true;
            failure = "there are none any more: " + why;
            failures++;
            workers.all().forEach(worker -> worker.retire("is needed no more"));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        while (isNeeded()) {
            long ready = poller.await(LOOK_NANOS);
            if ((ready & (1L << BELL)) != 0) {
                bell.silence();
            }
            for (int i = 0; i < MOST; i++) {
                Worker worker = workers.at(i);
                if (worker != null && (ready & (1L << i)) != 0) {
                    hear(i, worker);
                }
            }
            boolean isGoing = true;
            while (isGoing && isOneMoreNeeded()) {
                isGoing = start();
            }
        }
    }

    private boolean isNeeded() {
        lock.lock();
        try {
            boolean isDone = closed && sessions.isEmpty();
            if (isDone) {
                workers.all().forEach(worker -> worker.retire("is needed no more"));
            }
            return !isDone || !workers.all().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    // Of one that dies it is the process that is readable, of all others the channel.
    private void hear(int index, Worker worker) {
        lock.lock();
        try {
            switch (worker.phase) {
                case STARTING -> greet(index, worker);
                case READY, RETIRED -> lose(index, worker, "");
                case DYING -> bury(index, worker);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void greet(int index, Worker worker) {
        Greeting said = Greeting.of(worker.channel().receive());
        if (said.fault().isEmpty()) {
            worker.phase = Worker.Phase.READY;
            workers.ready(said, worker.group().missing());
            isFailing = false;
            inARow = 0;
        } else {
            isFailing = true;
            lose(index, worker, said.fault());
        }
    }

    private void lose(int index, Worker worker, String why) {
        worker.kill(why);
        worker.phase = Worker.Phase.DYING;
        poller.unwatch(worker.channel());
        poller.watch(index, worker.process());
    }

    private void bury(int index, Worker worker) {
        Optional<String> how = worker.process().end();
        if (how.isEmpty()) {
            return;
        }
        poller.unwatch(worker.process());
        workers.remove(index);
        String words = worker.process().lastWords();
        String ended = worker.words(how.get());
        LOG.debug("worker {} {} ({}): {}", worker.process().pid(), ended, worker.fault(), words);
        if (isFailing && worker.served == 0) {
            failed(worker.fault() + ": it " + ended + (words.isEmpty() ? "" : ": " + words));
        }
        worker.ended(ended);
        groups.give(worker.group());
    }

    private boolean isOneMoreNeeded() {
        lock.lock();
        try {
            return !closed && workers.isOneMoreNeeded(waiting, !isFailing, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    // One that is killed while it starts is no reason for a guest to wait for none.
    private void failed(String why) {
        inARow++;
        if (inARow >= PATIENCE) {
            failures++;
            failure = why;
        }
        changed.signalAll();
    }

    private boolean start() {
        Worker worker = null;
        String failed = "";
        try {
            worker = spawner.start(groups, settings.limits());
        } catch (HostException e) {
            failed = String.valueOf(e.getMessage());
        }
        lock.lock();
        try {
            if (worker == null) {
                isFailing = true;
                failed(failed);
                return false;
            }
            poller.watch(workers.add(worker), worker.channel());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops all guests, ends all workers, and waits until nothing of them is left; but does not
     * wait on a thread of the monitor's own, which may be what it would wait for.
     */
    @Override
    public void close() {
        List<GuestSession> ending;
        lock.lock();
        try {
            closed = true;
            ending = List.copyOf(sessions);
            ring();
        } finally {
            lock.unlock();
        }
        ending.forEach(GuestSession::cancel);
        if (!MonitorThread.isCurrent()) {
            MonitorThread.awaitEnd(thread);
        }
    }
}
