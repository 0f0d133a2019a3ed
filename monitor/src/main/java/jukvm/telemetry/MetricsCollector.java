package jukvm.telemetry;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.abi.DeviceType;
import jukvm.call.Hypercall;
import jukvm.device.DeviceCounters;
import jukvm.guest.Counters;
import jukvm.guest.Metrics;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;

/**
 * Counts the guests of a monitor and sums what they did. Thread-safe. Its lock is taken when a
 * guest starts and when it has ended, never between; so what is read fits together.
 */
public final class MetricsCollector {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<OutcomeKind, Long> ended = new EnumMap<>(OutcomeKind.class);
    private final Map<Hypercall, Long> hypercalls = new EnumMap<>(Hypercall.class);
    private final Map<DeviceType, DeviceCounters> devices = new HashMap<>();
    private long coldStarts;
    private long pooledStarts;
    private long snapshotStarts;
    private long neverStarted;
    private long running;
    private long exits;
    private long traps;
    private long consoleBytes;
    private long cpuNanos;
    private long waitedNanos;

    /** Counts a guest that starts. */
    public void started(RunResult.Start start) {
        lock.lock();
        try {
            running++;
            count(start);
        } finally {
            lock.unlock();
        }
    }

    private void count(RunResult.Start start) {
        switch (start) {
            case COLD -> coldStarts++;
            case POOLED -> pooledStarts++;
            case COLD_SNAPSHOT, SNAPSHOT -> snapshotStarts++;
            case NONE -> neverStarted++;
        }
    }

    /** Counts a guest that another process is given, which tells at its end how it started. */
    public void sent() {
        lock.lock();
        try {
            running++;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a guest that has ended in another process, and adds what it did. */
    public void endedThere(EndedRun guest) {
        lock.lock();
        try {
            running--;
            count(guest.start());
            add(ended, guest.kind(), 1);
            add(guest.counters());
        } finally {
            lock.unlock();
        }
    }

    /** Counts a guest that has ended, and adds what it did. */
    public void ended(EndedRun guest) {
        lock.lock();
        try {
            if (guest.start() == RunResult.Start.NONE) {
                neverStarted++;
            } else {
                running--;
            }
            add(ended, guest.kind(), 1);
            add(guest.counters());
        } finally {
            lock.unlock();
        }
    }

    private static <K> void add(Map<K, Long> sums, K key, long value) {
        sums.put(key, sums.getOrDefault(key, 0L) + value);
    }

    private void add(Counters counters) {
        exits += counters.exits();
        traps += counters.traps();
        for (Map.Entry<Hypercall, Long> calls : counters.hypercalls().entrySet()) {
            add(hypercalls, calls.getKey(), calls.getValue());
        }
        consoleBytes += counters.consoleBytes();
        cpuNanos += counters.cpuNanos();
        waitedNanos += counters.waitedNanos();
        for (DeviceType type : counters.devices().keySet()) {
            for (DeviceCounters device : counters.devices(type).values()) {
                devices.merge(type, device, DeviceCounters::plus);
            }
        }
    }

    /** Returns all of it, with what is parked and kept and which workers there are now. */
    public Metrics metrics(long parked, Metrics.PooledVms pooled, Metrics.Workers workers) {
        lock.lock();
        try {
            return new Metrics(
                    new Metrics.Guests(
                            coldStarts, pooledStarts, snapshotStarts, neverStarted, running, ended),
                    parked,
                    pooled,
                    new Metrics.Work(
                            exits, traps, hypercalls, consoleBytes, cpuNanos, waitedNanos, devices),
                    workers);
        } finally {
            lock.unlock();
        }
    }
}
