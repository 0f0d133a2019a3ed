package jukvm.hypercall;

import jukvm.call.Hypercall;
import jukvm.error.GuestException;
import jukvm.io.ParkedException;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** One guest's hypercalls by port. */
public final class HypercallTable implements GuestHypercalls {
    // The span that the ports of all dialects lie in.
    private static final int LOWEST_PORT = 0x480;
    private static final int PORTS = 0x190;

    // hvt and ukvm 0.3 number their hypercalls from this port; ukvm 0.2 has no common base.
    private static final int BASE_PORT = 0x500;
    private static final int LAST_BASED_PORT = 0x50a;

    private final @Nullable Entry[] entries = new @Nullable Entry[PORTS];
    private final HypercallFacts facts;

    static final class Entry {
        final Hypercall hypercall;
        final HypercallHandler handler;
        long calls;

        Entry(Hypercall hypercall, HypercallHandler handler) {
            this.hypercall = hypercall;
            this.handler = handler;
        }
    }

    /** Makes a table without hypercalls, of a guest of whom these facts are. */
    public HypercallTable(HypercallFacts facts) {
        this.facts = facts;
    }

    /** Adds a hypercall; part of making the table. */
    public HypercallTable with(int port, Hypercall hypercall, HypercallHandler handler) {
        Entry entry = new Entry(hypercall, handler);
        entries[port - LOWEST_PORT] = entry;
        facts.count(entry);
        return this;
    }

    /** Adds PUTS; part of making the table. */
    public HypercallTable withPuts(int port) {
        return with(port, Hypercall.PUTS, facts.puts());
    }

    /** Adds HALT; part of making the table. */
    public HypercallTable withHalt(int port) {
        return with(port, Hypercall.HALT, facts.halt());
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        Entry entry = counted(port);
        if (entry == null) {
            throw refusal(port, Integer.BYTES);
        }
        try {
            return entry.handler.handle(memory, gpa);
        } catch (GuestException e) {
            throw e.in(entry.hypercall.name());
        } catch (ParkedException e) {
            entry.calls--; // It is made again.
            throw e;
        }
    }

    private @Nullable Entry counted(int port) {
        Entry entry = entry(port);
        if (entry == null) {
            facts.tried(port);
        } else {
            facts.called(port);
            entry.calls++;
        }
        return entry;
    }

    @Override
    public void answered(int port) {
        Entry unused = counted(port);
    }

    private @Nullable Entry entry(int port) {
        int index = port - LOWEST_PORT;
        return index >= 0 && index < PORTS ? entries[index] : null;
    }

    @Override
    public boolean knows(int port) {
        return entry(port) != null;
    }

    @Override
    public @Nullable Hypercall kind(int port) {
        Entry entry = entry(port);
        return entry == null ? null : entry.hypercall;
    }

    @Override
    public @Nullable HypercallHandler handler(int port) {
        Entry entry = entry(port);
        return entry == null ? null : entry.handler;
    }

    @Override
    public HypercallFacts facts() {
        return facts;
    }

    /**
     * Returns the exception for a guest that used a port it may not.
     *
     * @param port 0 to 65535
     * @param width of the access in bytes; a hypercall's is 4
     */
    public static GuestException refusal(int port, int width) {
        if (width == Integer.BYTES && port >= BASE_PORT && port <= LAST_BASED_PORT) {
            return new GuestException("Invalid guest hypercall: num=" + (port - BASE_PORT));
        }
        return misuse(port, width);
    }

    /**
     * Returns the exception for a guest that used a port, even a hypercall's, in a way that no
     * hypercall is made.
     *
     * @param port 0 to 65535
     * @param width of the access in bytes; a hypercall's is 4
     */
    public static GuestException misuse(int port, int width) {
        return new GuestException(
                "Invalid guest port access: port=0x"
                        + Integer.toHexString(port)
                        + (width == Integer.BYTES ? "" : " size=" + width));
    }
}
