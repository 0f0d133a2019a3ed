package jukvm.bench.result;

import java.util.List;
import java.util.Optional;

/**
 * All that one run of the experiment found; the document {@code results.json}.
 *
 * @param schema version of the document, {@link #SCHEMA}
 * @param started when it began, ISO 8601 with offset
 * @param seconds how long it took
 * @param plan {@code full} or {@code quick}
 * @param partial why it ended early; empty if all was measured
 * @param host the machine and its settings
 * @param systems what was measured, in the order in which reports show it
 * @param missing what was not, and why
 * @param fetches fetch and start with nothing cached, by system
 * @param soak the target rate for a minute, by the library; absent if not reached
 * @param ratios by which systems are compared
 * @param cost what a server must serve to pay for itself
 * @param verdict the bars of the paper
 */
public record Results(
        int schema,
        String started,
        double seconds,
        String plan,
        String partial,
        Host host,
        List<SystemResult> systems,
        List<Missing> missing,
        List<Fetch> fetches,
        Optional<Offered> soak,
        List<Ratio> ratios,
        List<Cost> cost,
        Verdict verdict) {
    /** The system that the bars of the paper are held against: of the library, nothing kept. */
    public static final String HEADLINE = "jukvm-cold";

    /** The version that this code writes and reads. */
    public static final int SCHEMA = 1;

    /** Returns the system of this id, if it was measured. */
    public Optional<SystemResult> system(String id) {
        return systems.stream().filter(system -> system.id().equals(id)).findFirst();
    }

    /** Returns the fetches of the system of this id, if they were measured. */
    public Optional<Fetch> fetch(String id) {
        return fetches.stream().filter(fetch -> fetch.id().equals(id)).findFirst();
    }

    /** Returns how many actions failed in all, of all systems. */
    public long failed() {
        return systems.stream().mapToLong(SystemResult::failed).sum()
                + fetches.stream().mapToLong(Fetch::failed).sum();
    }
}
