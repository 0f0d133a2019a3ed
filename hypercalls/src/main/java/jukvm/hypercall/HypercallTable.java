package jukvm.hypercall;

import java.util.EnumMap;
import java.util.Map;
import jukvm.error.GuestException;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** One guest's hypercalls by port, in the dialect that the table was made for. */
public final class HypercallTable implements Hypercalls {
    // The span that the ports of all dialects lie in.
    private static final int LOWEST_PORT = 0x480;
    private static final int PORTS = 0x190;

    // hvt and ukvm 0.3 number their hypercalls from this port; ukvm 0.2 has no common base.
    private static final int BASE_PORT = 0x500;
    private static final int LAST_BASED_PORT = 0x50a;

    private final @Nullable Entry[] entries = new @Nullable Entry[PORTS];
    private final String dialect;
    private final Puts puts;
    private final Halt halt = new Halt();
    private boolean endsByHlt = true;
    private long firstCallAt;

    private static final class Entry {
        final Hypercall hypercall;
        final HypercallHandler handler;
        long calls;

        Entry(Hypercall hypercall, HypercallHandler handler) {
            this.hypercall = hypercall;
            this.handler = handler;
        }
    }

    /**
     * Makes a table that knows only how to print, of guests that end by HLT.
     *
     * @param dialect its name
     * @param putsPort port of PUTS
     */
    public HypercallTable(String dialect, int putsPort, Puts puts) {
        this.dialect = dialect;
        this.puts = puts;
        with(putsPort, Hypercall.PUTS, puts);
    }

    /** Adds a hypercall; part of making the table. */
    public HypercallTable with(int port, Hypercall hypercall, HypercallHandler handler) {
        entries[port - LOWEST_PORT] = new Entry(hypercall, handler);
        return this;
    }

    /** Adds HALT, by which the guest ends then; part of making the table. */
    public HypercallTable withHalt(int port) {
        endsByHlt = false;
        return with(port, Hypercall.HALT, halt);
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        int index = port - LOWEST_PORT;
        Entry entry = index >= 0 && index < PORTS ? entries[index] : null;
        if (entry == null) {
            throw refusal(port, Integer.BYTES);
        }
        if (firstCallAt == 0) {
            firstCallAt = System.nanoTime();
        }
        entry.calls++;
        try {
            return entry.handler.handle(memory, gpa);
        } catch (GuestException e) {
            throw e.in(entry.hypercall.name());
        }
    }

    @Override
    public boolean knows(int port) {
        return kind(port) != null;
    }

    @Override
    public @Nullable Hypercall kind(int port) {
        int index = port - LOWEST_PORT;
        Entry entry = index >= 0 && index < PORTS ? entries[index] : null;
        return entry == null ? null : entry.hypercall;
    }

    @Override
    public String dialect() {
        return dialect;
    }

    @Override
    public boolean endsByHlt() {
        return endsByHlt;
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

    @Override
    public Puts puts() {
        return puts;
    }

    @Override
    public Halt halt() {
        return halt;
    }

    @Override
    public long firstCallAt() {
        return firstCallAt;
    }

    @Override
    public Map<Hypercall, Long> calls() {
        Map<Hypercall, Long> calls = new EnumMap<>(Hypercall.class);
        for (Entry entry : entries) {
            if (entry != null && entry.calls > 0) {
                calls.merge(entry.hypercall, entry.calls, Long::sum);
            }
        }
        return calls;
    }
}
