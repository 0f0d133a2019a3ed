package jukvm.bench.report;

import java.util.Optional;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Peak;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.Times;

/** What reports say of a system, as words. */
final class Systems {
    /** The system that the bars of the paper are held against: of the library, nothing kept. */
    static final String HEADLINE = "jukvm-cold";

    private Systems() {}

    /** Returns the system that the paper's bars are held against: of the library, nothing kept. */
    static Optional<SystemResult> headline(Results results) {
        return results.system(HEADLINE);
    }

    /** Returns the times to the result, if they were measured. */
    static Optional<Times> done(SystemResult system) {
        return system.latency().map(latency -> latency.done());
    }

    /** Returns the median in ms with its confidence interval. */
    static String interval(SystemResult system) {
        return done(system)
                .map(times -> Say.millis(times.median()) + Say.millis(times.low(), times.high()))
                .orElse(Say.NONE);
    }

    /** Returns the median in ms. */
    static String median(SystemResult system) {
        return done(system).map(times -> Say.millis(times.median())).orElse(Say.NONE);
    }

    /** Returns the 99th percentile in ms. */
    static String p99(SystemResult system) {
        return done(system).map(times -> Say.millis(times.p99())).orElse(Say.NONE);
    }

    /** Returns median and 99th percentile in ms of actions that were fetched first. */
    static String fetched(Results results, SystemResult system) {
        return results.fetch(system.id())
                .map(Fetch::done)
                .map(times -> Say.millis(times.median()) + " (" + Say.millis(times.p99()) + ")")
                .orElse(Say.NONE);
    }

    /** Returns how many actions of a system failed, fetched or not. */
    static long failed(Results results, SystemResult system) {
        return system.failed() + results.fetch(system.id()).map(Fetch::failed).orElse(0L);
    }

    /** Returns the memory of each of the most idle instances that were tried. */
    static String memory(SystemResult system) {
        return system.density().stream()
                .reduce((before, last) -> last)
                .map(density -> Say.number(density.pssMib()))
                .orElse(Say.NONE);
    }

    /** Returns what serves {@code /dev/kvm}. */
    static String kvm(Results results) {
        return results.host().kvmModules().isEmpty()
                ? "KVM of unknown kind"
                : String.join(" + ", results.host().kvmModules());
    }

    /** Returns how many times the headline's median a system's is. */
    static String ratio(Results results, SystemResult system) {
        Optional<Times> base = headline(results).flatMap(Systems::done);
        return done(system)
                .flatMap(times -> base.map(b -> Say.number(times.median() / b.median())))
                .orElse(Say.NONE);
    }

    /** Returns the most actions a second. */
    static String peak(SystemResult system) {
        return system.peak().map(peak -> Say.number(peak.perSecond())).orElse(Say.NONE);
    }

    /** Returns the processor time of an action at the peak, in ms. */
    static String cost(SystemResult system) {
        return system.peak().map(Peak::coreMillis).map(Say::number).orElse(Say.NONE);
    }

    /** Returns the highest rate that held. */
    static String held(SystemResult system) {
        if (system.offered().isEmpty()) {
            return Say.NONE;
        }
        return system.heldRate() > 0 ? Say.exact(system.heldRate()) : "none";
    }

    /** Returns how many actions of the results were checked, as far as they are counted. */
    static long checked(Results results) {
        long count = 0;
        for (SystemResult system : results.systems()) {
            count += done(system).map(Times::count).orElse(0L);
            count += system.offered().stream().mapToLong(offered -> offered.count()).sum();
        }
        count += results.fetches().stream().mapToLong(fetch -> fetch.done().count()).sum();
        return count + results.soak().map(soak -> soak.count()).orElse(0L);
    }
}
