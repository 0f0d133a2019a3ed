package jukvm.control;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Time that passes when the test says so. */
public final class ManualTime implements Time {
    private record Alarm(long at, long order, Runnable task) {}

    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(
                    Comparator.comparingLong(Alarm::at).thenComparingLong(Alarm::order));
    private long now = 1L << 60; // Whoever counts from zero is wrong.
    private long order;

    @Override
    public synchronized long now() {
        return now;
    }

    @Override
    public synchronized Timer schedule(Runnable task, long nanos) {
        Alarm alarm = new Alarm(now + Math.max(0, nanos), order++, task);
        alarms.add(alarm);
        return () -> cancel(alarm);
    }

    private synchronized void cancel(Alarm alarm) {
        alarms.remove(alarm);
    }

    /** Lets time pass, and runs what is due meanwhile, each task at its time. */
    public void pass(long nanos) {
        long end = now() + nanos;
        for (Alarm due = next(end); due != null; due = next(end)) {
            due.task.run();
        }
        synchronized (this) {
            now = end;
        }
    }

    private synchronized @Nullable Alarm next(long end) {
        Alarm first = alarms.peek();
        if (first == null || first.at > end) {
            return null;
        }
        alarms.remove();
        now = Math.max(now, first.at);
        return first;
    }

    /** Returns how many timers are set. */
    public synchronized int timers() {
        return alarms.size();
    }
}
