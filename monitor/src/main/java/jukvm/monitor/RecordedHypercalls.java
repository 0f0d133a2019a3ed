package jukvm.monitor;

import java.util.Map;
import jukvm.hypercall.Halt;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.Hypercalls;
import jukvm.hypercall.Puts;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Hypercalls that are recorded one by one, those that end the guest included. Only guests that are
 * to be recorded so have these: an event is an object, which others do not pay for.
 */
final class RecordedHypercalls implements Hypercalls {
    private final String guest;
    private final Hypercalls hypercalls;

    RecordedHypercalls(String guest, Hypercalls hypercalls) {
        this.guest = guest;
        this.hypercalls = hypercalls;
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        HypercallEvent event = new HypercallEvent();
        event.begin();
        try {
            return hypercalls.call(port, memory, gpa);
        } finally {
            event.end();
            if (event.shouldCommit()) {
                // Only now, since the first call may decide which hypercall has this port.
                Hypercall kind = hypercalls.kind(port);
                if (kind != null) {
                    event.guest = guest;
                    event.kind = kind.name();
                    event.port = port;
                    event.commit();
                }
            }
        }
    }

    @Override
    public @Nullable Hypercall kind(int port) {
        return hypercalls.kind(port);
    }

    @Override
    public boolean knows(int port) {
        return hypercalls.knows(port);
    }

    @Override
    public String dialect() {
        return hypercalls.dialect();
    }

    @Override
    public boolean endsByHlt() {
        return hypercalls.endsByHlt();
    }

    @Override
    public Puts puts() {
        return hypercalls.puts();
    }

    @Override
    public Halt halt() {
        return hypercalls.halt();
    }

    @Override
    public long firstCallAt() {
        return hypercalls.firstCallAt();
    }

    @Override
    public Map<Hypercall, Long> calls() {
        return hypercalls.calls();
    }
}
