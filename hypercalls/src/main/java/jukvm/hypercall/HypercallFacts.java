package jukvm.hypercall;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jukvm.call.Hypercall;

/**
 * What one guest's hypercalls tell of it: which it made, what it printed, how it ended. Belongs to
 * the vCPU's thread.
 */
public final class HypercallFacts {
    private static final int NO_PORT = -1;

    private final Puts puts;
    private final Halt halt = new Halt();
    private final List<HypercallTable.Entry> entries = new ArrayList<>();
    private long firstCallAt;
    private int firstPort = NO_PORT;

    /** Makes those of a guest that has made no call and prints by {@code puts}. */
    public HypercallFacts(Puts puts) {
        this.puts = puts;
    }

    /** Counts the calls of a hypercall from now on. */
    void count(HypercallTable.Entry entry) {
        entries.add(entry);
    }

    /** Notes a call, the first of which counts. */
    void called(int port) {
        if (firstCallAt == 0) {
            firstCallAt = System.nanoTime();
            tried(port);
        }
    }

    /** Notes a call that there is no hypercall for. */
    void tried(int port) {
        if (firstPort == NO_PORT) {
            firstPort = port;
        }
    }

    /** Returns the handler of PUTS, which counts what was printed. */
    public Puts puts() {
        return puts;
    }

    /** Returns the handler of HALT, which knows the exit status. */
    public Halt halt() {
        return halt;
    }

    /** Returns when the first call came, by {@link System#nanoTime}; 0 if none has. */
    public long firstCallAt() {
        return firstCallAt;
    }

    /** Returns the port of the first call, one that was refused included; negative if none came. */
    public int firstPort() {
        return firstPort;
    }

    /** Returns how often each hypercall was called, for those that were. */
    public Map<Hypercall, Long> calls() {
        Map<Hypercall, Long> calls = new EnumMap<>(Hypercall.class);
        for (HypercallTable.Entry entry : entries) {
            if (entry.calls > 0) {
                calls.merge(entry.hypercall, entry.calls, Long::sum);
            }
        }
        return calls;
    }
}
