package jukvm.net;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import jukvm.host.Pollable;
import jukvm.io.Descriptor;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;

/**
 * One of two ends between two processes of ours, through which frames pass, each as it is. What
 * comes is hostile if the other process is. Reading and writing may be two threads' at a time.
 * Source: unix(7), SOCK_SEQPACKET.
 */
public final class FrameLink extends Pollable implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private final BufferAddress reading = new BufferAddress();
    private final BufferAddress writing = new BufferAddress();

    /** Both ends of a new one, of which the second is for another process; each is closed. */
    public record Pair(FrameLink ours, Descriptor theirs) {}

    private FrameLink(Fd fd) {
        super(fd);
    }

    /**
     * Opens both ends.
     *
     * @param name for messages
     * @throws jukvm.error.HostException if the host has no descriptors for it
     */
    public static Pair pair(String name) {
        FdPair ends = FdPair.packets(name);
        for (Fd end : new Fd[] {ends.first(), ends.second()}) {
            LIBC.fcntl(end.number(), Libc.F_SETFL, Libc.O_NONBLOCK);
        }
        return new Pair(new FrameLink(ends.first()), new Descriptor(ends.second()));
    }

    /**
     * Takes over an end that this process was sent.
     *
     * @param descriptor its number
     */
    public static FrameLink of(int descriptor) {
        return new FrameLink(Fd.of(descriptor, "frames", "receive"));
    }

    /**
     * Reads a frame. One that is longer than the buffer is cut off.
     *
     * @param into a direct buffer; its position moves past the frame
     * @return false if none is waiting
     * @throws jukvm.error.HostException if the other end is closed
     */
    public boolean read(ByteBuffer into) {
        try {
            long address = reading.of(into);
            long result;
            do {
                result = LIBC.read(fd().number(), address, into.remaining());
            } while (result == -Errno.EINTR);
            if (result == 0) {
                throw Errno.exception("frames: read", Errno.ECONNRESET);
            }
            if (result < 0 && result != -Errno.EAGAIN) {
                throw Errno.exception("frames: read", (int) -result);
            }
            into.position(into.position() + (int) Math.max(result, 0));
            return result > 0;
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    /**
     * Writes a frame.
     *
     * @param frame a direct buffer
     * @return false if there is no room for it now
     * @throws jukvm.error.HostException if the other end is closed
     */
    public boolean write(ByteBuffer frame) {
        try {
            long address = writing.of(frame);
            long result;
            do {
                result = LIBC.write(fd().number(), address, frame.remaining());
            } while (result == -Errno.EINTR);
            if (result < 0 && result != -Errno.EAGAIN && result != -Errno.ENOBUFS) {
                throw Errno.exception("frames: write", (int) -result);
            }
            return result >= 0;
        } finally {
            Reference.reachabilityFence(frame);
        }
    }

    /** Returns the number of its descriptor, to wait until it takes frames. */
    public int descriptor() {
        return fd().number();
    }

    @Override
    public void close() {
        fd().close();
    }
}
