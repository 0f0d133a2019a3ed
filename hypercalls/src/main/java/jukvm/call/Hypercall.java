package jukvm.call;

/** The hypercalls of all dialects, by what they do; their numbers are each dialect's own. */
public enum Hypercall {
    WALLTIME,
    PUTS,
    POLL,
    BLOCK_INFO,
    BLOCK_WRITE,
    BLOCK_READ,
    NET_INFO,
    NET_WRITE,
    NET_READ,
    RING_KICK,
    HALT
}
