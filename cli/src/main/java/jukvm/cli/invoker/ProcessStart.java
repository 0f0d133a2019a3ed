package jukvm.cli.invoker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How long ago this process began. Source: proc(5), /proc/self/stat and /proc/uptime. */
final class ProcessStart {
    // The kernel tells start times in ticks of USER_HZ, which is 100 on every Linux of today.
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final int STARTTIME = 22;
    private static final int AFTER_NAME = 3;

    private ProcessStart() {}

    /**
     * Returns how long before a moment the process began, in nanoseconds, to 10 ms; empty where
     * /proc does not tell.
     *
     * @param nanoTime the moment, by {@link System#nanoTime}
     */
    static OptionalLong nanosBefore(long nanoTime) {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.UTF_8);
            String uptime = Files.readString(Path.of("/proc/uptime"), StandardCharsets.UTF_8);
            long sinceNow = System.nanoTime() - nanoTime;
            // The name in parentheses may contain anything, so fields are counted from its end.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long started = Long.parseLong(fields[STARTTIME - AFTER_NAME]) * NANOS_PER_TICK;
            long now = (long) (Double.parseDouble(uptime.split(" ", -1)[0]) * 1e9);
            return OptionalLong.of(Math.max(0, now - started - sinceNow));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return OptionalLong.empty();
        }
    }
}
