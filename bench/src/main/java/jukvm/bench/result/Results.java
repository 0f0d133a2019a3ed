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

    /**
     * A system that was not measured.
     *
     * @param id as in {@link SystemResult}
     * @param title for people
     * @param reason what is missing, or what it said
     * @param remedy what would bring it, such as the name of a package
     */
    public record Missing(String id, String title, String reason, String remedy) {}

    /**
     * How much better one system is than another.
     *
     * @param what {@code latency}, from request to result, or {@code throughput}, at the peak
     * @param of id of the better one, if the value is above 1
     * @param against id of the other
     * @param value the other's median over this one's for latency, the other way round for
     *     throughput
     * @param low lower end of the 95 % confidence interval
     * @param high upper end of it
     */
    public record Ratio(
            String what, String of, String against, double value, double low, double high) {}

    /**
     * A price list, as the rate at which a server pays for itself.
     *
     * @param name of the price list
     * @param perSecond actions a second
     * @param perCore the same for each core
     * @param coreMillis processor time there is for one action, in milliseconds
     */
    public record Cost(String name, double perSecond, double perCore, double coreMillis) {}
}
