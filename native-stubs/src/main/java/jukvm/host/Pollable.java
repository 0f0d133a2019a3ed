package jukvm.host;

import jukvm.libc.Fd;

/**
 * What a guest's poll can wait for: a descriptor that becomes readable. An interface of an
 * embedder's has that of the port or TAP interface behind it.
 */
public abstract class Pollable {
    private final Fd fd;

    /** Makes one of a descriptor, which stays the caller's. */
    @SuppressWarnings("exports") // Only this module can name the type, and so extend the class.
    protected Pollable(Fd fd) {
        this.fd = fd;
    }

    /** Returns the descriptor. */
    @SuppressWarnings("exports") // Only this module can name the type: no number leaves it.
    public final Fd fd() {
        return fd;
    }
}
