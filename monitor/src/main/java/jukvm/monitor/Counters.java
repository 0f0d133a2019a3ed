package jukvm.monitor;

import java.util.Map;
import jukvm.hypercall.Hypercall;

/**
 * What a guest did, counted.
 *
 * @param exits returns from KVM_RUN
 * @param traps exceptions the monitor handled at ring 3
 * @param hypercalls calls by kind, those that occurred
 * @param consoleBytes bytes the guest printed
 */
public record Counters(long exits, long traps, Map<Hypercall, Long> hypercalls, long consoleBytes) {
    /** Makes counters of a map that may still change. */
    public Counters {
        hypercalls = Map.copyOf(hypercalls);
    }

    static Counters none() {
        return new Counters(0, 0, Map.of(), 0);
    }
}
