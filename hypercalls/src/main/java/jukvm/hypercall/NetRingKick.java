package jukvm.hypercall;

import jukvm.device.NetRing;
import jukvm.memory.GuestMemory;

/**
 * The first kick of a guest that uses its network ring. Once the ring is served, kicks reach
 * whoever serves it without this. Source: hvt_ring.h, HVT_RING_KICK.
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
