package jukvm.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Processor time of the whole machine since it booted, in hundredths of a second.
 *
 * @param busy used by anybody here
 * @param idle used by nobody
 * @param stolen given to others by the hypervisor
 */
public record Processor(long busy, long idle, long stolen) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final double TICKS_A_SECOND = 100;
    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int STEAL = 7;

    /** Reads it. Source: proc(5), the first line of /proc/stat. */
    public static Processor read() {
        try {
            String line = Files.readString(STAT).lines().findFirst().orElseThrow();
            long[] ticks =
                    Arrays.stream(line.split(" +")).skip(1).mapToLong(Long::parseLong).toArray();
            long idle = ticks[IDLE] + ticks[IOWAIT];
            // Time of guests, behind these, is counted in user time already.
            long all = LongStream.of(ticks).limit(STEAL + 1L).sum();
            return new Processor(all - idle - ticks[STEAL], idle, ticks[STEAL]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what has passed since an earlier reading. */
    public Processor since(Processor earlier) {
        return new Processor(busy - earlier.busy, idle - earlier.idle, stolen - earlier.stolen);
    }

    /** Returns the time used, in seconds of one processor. */
    public double busySeconds() {
        return busy / TICKS_A_SECOND;
    }

    /** Returns how much of all time nobody used, in percent. */
    public double idlePercent() {
        return percent(idle);
    }

    /** Returns how much of all time others were given, in percent. */
    public double stolenPercent() {
        return percent(stolen);
    }

    private double percent(long part) {
        long all = busy + idle + stolen;
        return all == 0 ? 0 : 100.0 * part / all;
    }
}
