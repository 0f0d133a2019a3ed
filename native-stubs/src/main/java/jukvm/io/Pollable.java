package jukvm.io;

import jukvm.libc.Fd;

/** What a {@link Poller} can wait for: a descriptor that becomes readable. */
public abstract sealed class Pollable permits Doorbell, Tap {
    private final Fd fd;

    Pollable(Fd fd) {
        this.fd = fd;
    }

    /** Returns the descriptor. */
    @SuppressWarnings("exports") // Only this module can name the type: no number leaves it.
    public final Fd fd() {
        return fd;
    }
}
