package jukvm.device;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/** Time that passes only while somebody waits, and in which things happen when the test says. */
final class ScriptedTime implements Waiting {
    private final TreeMap<Long, Executable> script = new TreeMap<>();
    private long now;

    /** Has something done after so many milliseconds, once somebody waits for them. */
    void at(long millis, Executable step) {
        script.put(TimeUnit.MILLISECONDS.toNanos(millis), step);
    }

    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(now);
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void await(CompletableFuture<?> event, long nanos) {
        long end = now + nanos < 0 ? Long.MAX_VALUE : now + nanos;
        while (!event.isDone() && !script.isEmpty() && script.firstKey() <= end) {
            Map.Entry<Long, Executable> next = script.pollFirstEntry();
            now = Math.max(now, next.getKey());
            try {
                next.getValue().execute();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
        if (!event.isDone()) {
            now = end;
        }
    }
}
