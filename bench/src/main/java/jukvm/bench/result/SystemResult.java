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
}
