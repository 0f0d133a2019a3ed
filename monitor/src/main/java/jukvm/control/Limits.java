package jukvm.control;

import java.time.Duration;
import jukvm.error.ConfigException;

/**
 * What one guest is given of everything that can run out. {@link #NONE} stands for no limit.
 *
 * @param deadlineNanos from the request to its end, in nanoseconds
 * @param cpuNanos of CPU time after it was entered
 * @param consoleBytes it may print
 * @param hypercallsPerSecond it may make, and at once after a second without any
 * @param residentBytes of host memory it may make its own after it was entered
 */
public record Limits(
        long deadlineNanos,
        long cpuNanos,
        long consoleBytes,
        long hypercallsPerSecond,
        long residentBytes) {
    /** No limit. */
    public static final long NONE = Long.MAX_VALUE;

    /** Sets no limits. */
    public static Limits none() {
        return new Limits(NONE, NONE, NONE, NONE, NONE);
    }

    /** Returns the deadline, where there is one. */
    Duration deadline() {
        return Duration.ofNanos(deadlineNanos);
    }

    /**
     * Returns these limits with another deadline.
     *
     * @throws ConfigException if it is not positive; as the others
     */
    public Limits withDeadline(Duration deadline) {
        long nanos = nanos("deadline", deadline);
        return new Limits(nanos, cpuNanos, consoleBytes, hypercallsPerSecond, residentBytes);
    }

    /** Returns these limits with another CPU time. */
    public Limits withCpuTime(Duration time) {
        long nanos = nanos("CPU time", time);
        return new Limits(deadlineNanos, nanos, consoleBytes, hypercallsPerSecond, residentBytes);
    }

    /** Returns these limits with other bytes that may be printed, 0 or more. */
    public Limits withConsole(long bytes) {
        if (bytes < 0) {
            throw new ConfigException("console limit of " + bytes + " bytes is negative");
        }
        return new Limits(deadlineNanos, cpuNanos, bytes, hypercallsPerSecond, residentBytes);
    }

    /** Returns these limits with another rate of hypercalls. */
    public Limits withHypercalls(long perSecond) {
        requirePositive("hypercall limit of " + perSecond + " a second", perSecond);
        return new Limits(deadlineNanos, cpuNanos, consoleBytes, perSecond, residentBytes);
    }

    /** Returns these limits with other resident memory, in bytes. */
    public Limits withResident(long bytes) {
        requirePositive("resident memory limit of " + bytes + " bytes", bytes);
        return new Limits(deadlineNanos, cpuNanos, consoleBytes, hypercallsPerSecond, bytes);
    }

    // A time too long to count in nanoseconds is no limit to anything that runs on this machine.
    private static long nanos(String what, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new ConfigException(what + " of " + time + " is not positive");
        }
        return time.compareTo(Duration.ofDays(36500)) > 0 ? NONE : time.toNanos();
    }

    private static void requirePositive(String what, long value) {
        if (value <= 0) {
            throw new ConfigException(what + " is not positive");
        }
    }
}
