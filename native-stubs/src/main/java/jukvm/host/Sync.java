package jukvm.host;

/** When what a guest wrote to a disk in a file is made durable. */
public enum Sync {
    /** When the host likes to. */
    NONE,

    /** At the guest's end, at the latest. */
    EXIT,

    /** By the end of each write. */
    DSYNC
}
