package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.libc.Fd;

/** A TAP interface of the host. */
public final class Tap extends Pollable implements AutoCloseable {
    private Tap(Fd fd) {
        super(fd);
    }

    /** Attaches to an interface that exists, by name. */
    public static Tap open(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** Takes over a descriptor that the process has inherited. */
    public static Tap adopt(int number) {
        throw new UnsupportedOperationException(Integer.toString(number));
    }

    /** Returns the interface's name. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** Returns the largest payload of a frame, in bytes. */
    public int mtu() {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads a frame.
     *
     * @param into a direct buffer; its position moves past the frame
     * @return false if none is waiting
     */
    public boolean read(ByteBuffer into) {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes a frame.
     *
     * @param frame a direct buffer
     * @return false if the interface did not take it just now, as when it is down or its queue full
     */
    public boolean write(ByteBuffer frame) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        fd().close();
    }
}
