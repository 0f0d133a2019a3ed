package jukvm.hypercall;

import jukvm.device.NetRing;
import jukvm.memory.GuestMemory;

/**
 * A kick of a guest that uses its network ring: it has put something there, and was asked to tell.
 * Source: hvt_ring.h, HVT_RING_KICK.
 */
public final class NetRingKick implements HypercallHandler {
    private final NetRing ring;

    /** Answers kicks of {@code ring}. */
    public NetRingKick(NetRing ring) {
        this.ring = ring;
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        ring.kicked();
        return true;
    }
}
