package jukvm.isolation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jukvm.guest.Metrics;
import jukvm.host.Layer;
import org.jspecify.annotations.Nullable;

/**
 * Which workers there are, which of them a guest gets, and whether there are to be more. Guarded by
 * the pool's lock.
 */
final class WorkerTable {
    // One tenant's guests in one worker at a time; who has more gets another.
    private static final int AT_A_TIME = 32;
    private static final Set<Layer> ASKED =
            EnumSet.of(
                    Layer.NO_NEW_PRIVS, Layer.LIMITS, Layer.FILTER, Layer.LANDLOCK, Layer.CGROUP);
    private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final WorkerSettings settings;
    private final @Nullable Worker[] workers = new @Nullable Worker[WorkerPool.MOST];
    private long started;
    private Set<Layer> layers = Set.of();
    private Map<Layer, String> missing = Map.of();

    WorkerTable(WorkerSettings settings) {
        this.settings = settings;
    }

    /** Adds one, and returns its place. */
    int add(Worker worker) {
        int index = 0;
        while (workers[index] != null) {
            index++;
        }
        workers[index] = worker;
        return index;
    }

    void remove(int index) {
        workers[index] = null;
    }

    @Nullable Worker at(int index) {
        return workers[index];
    }

    /**
     * Notes that one is ready for guests.
     *
     * @param ungrouped why the limits of its control group do not hold, empty if they do
     */
    void ready(Greeting said, String ungrouped) {
        started++;
        missing = new EnumMap<>(Layer.class);
        missing.putAll(said.missing());
        if (!ungrouped.isEmpty()) {
            missing.put(Layer.CGROUP, ungrouped);
        }
        layers = EnumSet.copyOf(ASKED);
        layers.removeAll(missing.keySet());
    }

    /** Returns what has become of workers so far. */
    Metrics.Workers metrics() {
        long ready = all().stream().filter(each -> each.phase == Worker.Phase.READY).count();
        return new Metrics.Workers(started, ready, layers, missing);
    }

    /** Returns all that there are. */
    List<Worker> all() {
        List<Worker> all = new ArrayList<>();
        for (Worker worker : workers) {
            if (worker != null) {
                all.add(worker);
            }
        }
        return all;
    }

    /** Returns a worker for a guest of a tenant; null if there is none for it now. */
    @Nullable Worker find(@Nullable String tenant) {
        Worker fresh = null;
        for (Worker worker : all()) {
            if (worker.isFresh()) {
                fresh = worker;
            } else if (worker.phase == Worker.Phase.READY
                    && tenant != null
                    && tenant.equals(worker.tenant)
                    && worker.running < AT_A_TIME
                    && worker.served < settings.guestsEach()) {
                return worker;
            }
        }
        return fresh;
    }

    /**
     * Returns whether another is to be started; and ends those that are in its way, or that have
     * had nothing to do for long.
     *
     * @param waiting guests for which there is none
     * @param isAhead whether some are to be started ahead, too
     * @param now by {@link System#nanoTime}
     */
    boolean isOneMoreNeeded(int waiting, boolean isAhead, long now) {
        int fresh = 0;
        Worker oldest = null;
        List<Worker> all = all();
        for (Worker worker : all) {
            if (worker.phase == Worker.Phase.STARTING && now - worker.since > READY_NANOS) {
                worker.kill("took too long to start");
            } else if (worker.phase == Worker.Phase.STARTING || worker.isFresh()) {
                fresh++;
            } else if (worker.isIdle() && now - worker.since > IDLE_NANOS) {
                worker.retire("had nothing to do");
            } else if (worker.isIdle() && (oldest == null || worker.since < oldest.since)) {
                oldest = worker;
            }
        }
        if (fresh >= waiting + (isAhead ? settings.warm() : 0)) {
            return false;
        }
        if (all.size() >= settings.most() && fresh < waiting && oldest != null) {
            oldest.retire("made room for another tenant's");
        }
        return all.size() < settings.most();
    }
}
