package jukvm.bench.result;

import java.util.List;
import java.util.Optional;

/**
 * What one way to run the action showed.
 *
 * @param id short name, such as {@code runc}
 * @param title for people, such as {@code runc container}
 * @param kind of thing, by which plots colour it
 * @param how command line, or what the library does
 * @param version of the program, as it says itself
 * @param kept what is kept from one action to the next, in a few words; empty if nothing is
 * @param latency one action at a time; absent if not reached
 * @param warmUp median in µs of the uncounted actions before, from request to result; 0 if there
 *     was none
 * @param closed more and more workers, each asking again as soon as it has its result
 * @param peak with the number of workers that did most, repeated; absent if not reached
 * @param offered requests that come when they come, at rising rates
 * @param heldRate the highest of those rates that held, in actions per second; 0 if none did
 * @param density memory of idle instances
 * @param failed actions that ended or printed otherwise than they must, in all of the above
 * @param failures what was wrong with them, most frequent first
 */
public record SystemResult(
        String id,
        String title,
        Kind kind,
        String how,
        String version,
        String kept,
        Optional<Latency> latency,
        double warmUp,
        List<Closed> closed,
        Optional<Peak> peak,
        List<Offered> offered,
        double heldRate,
        List<Density> density,
        long failed,
        List<Failure> failures) {
    /** How ids of those begin that answer over HTTP, an instance for each request. */
    public static final String HTTP = "http-";

    /** How ids of those begin that a container engine is asked for. */
    public static final String ENGINE = "engine-";

    /** Returns whether the action is to answer over HTTP, instead of to greet. */
    public boolean isHttp() {
        return id.startsWith(HTTP);
    }

    /** Returns whether a container engine is asked for it; then only latency was measured. */
    public boolean isByEngine() {
        return id.startsWith(ENGINE);
    }

    /** What isolates an action. */
    public enum Kind {
        /** Nothing but the kernel's own processes. */
        PROCESS,
        /** Namespaces and cgroups. */
        CONTAINER,
        /** A native tender, a process for each. */
        TENDER,
        /** jukvm, in any way. */
        JUKVM
    }

    /**
     * What was wrong with actions.
     *
     * @param reason in a few words
     * @param count of actions
     */
    public record Failure(String reason, long count) {}

    /**
     * How long actions took that were asked for one at a time, each from its request.
     *
     * @param hello to the first byte of output
     * @param done to the result being known: the figure that counts
     * @param free to everything being with the host again
     */
    public record Latency(Times hello, Times done, Times free) {}

    /**
     * Workers that each ask for an action as soon as the last is done.
     *
     * @param workers how many
     * @param perSecond verified actions that ended in a second, cleaning included
     * @param median from request to result, µs
     * @param p99 the same, 99th percentile
     */
    public record Closed(int workers, double perSecond, double median, double p99) {}

    /**
     * The most actions a second, and what they cost.
     *
     * @param workers that did most
     * @param perSecond median of the repetitions
     * @param repetitions actions per second of each, in order
     * @param perCore actions per second for each core
     * @param coreMillis processor time of the whole machine for one action, in milliseconds
     * @param idlePercent of processor time that nobody used meanwhile
     */
    public record Peak(
            int workers,
            double perSecond,
            List<Double> repetitions,
            double perCore,
            double coreMillis,
            double idlePercent) {}

    /**
     * What idle instances take: each has printed its greeting and waits.
     *
     * @param instances at once
     * @param pssMib proportional set size of an instance, in MiB; of the library, what the JVM grew
     *     by, for each
     * @param availableMib what the host's available memory shrank by, for each, in MiB
     * @param nextMillis how long the next one takes to its greeting, in ms
     */
    public record Density(int instances, double pssMib, double availableMib, double nextMillis) {}
}
