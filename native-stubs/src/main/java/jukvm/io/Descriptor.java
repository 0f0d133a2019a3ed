package jukvm.io;

import jukvm.libc.Fd;

/** Something open that is for another process, which is sent it. */
public final class Descriptor implements AutoCloseable {
    private final Fd fd;

    /** Takes over what is open. */
    @SuppressWarnings("exports") // Only this module can name the type: no number leaves it.
    public Descriptor(Fd fd) {
        this.fd = fd;
    }

    /** Returns its number in this process. */
    public int number() {
        return fd.number();
    }

    /** Closes it here. */
    @Override
    public void close() {
        fd.close();
    }
}
