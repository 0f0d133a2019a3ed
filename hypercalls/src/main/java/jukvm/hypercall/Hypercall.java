package jukvm.hypercall;

/** The hypercalls of all dialects, by what they do; their numbers are each dialect's own. */
public enum Hypercall {
    WALLTIME,
    PUTS,
    POLL,
    HALT
}
