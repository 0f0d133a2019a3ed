package jukvm.telemetry;

import jukvm.call.Hypercall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.memory.GuestMemory;

/**
 * Hypercalls that are recorded one by one, those that end the guest included. Only guests that are
 * to be recorded so have these: an event is an object, which others do not pay for.
 */
final class RecordedHypercalls implements Hypercalls {
    private final String guest;
    private final GuestHypercalls kinds;
    private final Hypercalls calls;

    RecordedHypercalls(String guest, GuestHypercalls kinds, Hypercalls calls) {
        this.guest = guest;
        this.kinds = kinds;
        this.calls = calls;
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        HypercallEvent event = new HypercallEvent();
        event.begin();
        try {
            return calls.call(port, memory, gpa);
        } finally {
            event.end();
            if (event.shouldCommit()) {
                // Only now, since the first call may decide which hypercall has this port.
                Hypercall kind = kinds.kind(port);
                if (kind != null) {
                    event.guest = guest;
                    event.kind = kind.name();
                    event.port = port;
                    event.commit();
                }
            }
        }
    }
}
