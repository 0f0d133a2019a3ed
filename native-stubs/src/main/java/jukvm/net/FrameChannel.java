package jukvm.net;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.libc.Errno;
import jukvm.libc.Fd;

/**
 * Ethernet frames over a Unix stream socket, in QEMU's framing: before each its length in bytes,
 * u32 big-endian. Neither reading nor writing waits. What the peer sends is hostile. Used by one
 * thread at a time.
 */
public abstract class FrameChannel extends Pollable implements AutoCloseable {
    /** The shortest frame in bytes: an Ethernet header. */
    public static final int SHORTEST = 14;

    /** The number of the error of a peer that has gone away. */
    public static final int GONE = Errno.ECONNRESET;

    /** The longest frame in bytes: a header, a VLAN tag and the longest payload. */
    public static final int LONGEST = SHORTEST + 4 + 65535;

    FrameChannel(Fd fd) {
        super(fd);
    }

    /**
     * Reads a frame. One that is longer than the buffer is cut off.
     *
     * @param into a direct buffer, of which bytes may change even if no frame is read; its position
     *     moves past the frame
     * @return false if none has come whole
     * @throws HostException if none will come any more; with {@link #GONE} if the peer went away
     */
    public abstract boolean read(ByteBuffer into);

    /**
     * Writes a frame.
     *
     * @param frame a direct buffer of {@value #SHORTEST} to {@link #LONGEST} bytes
     * @return false if there was no room for it, or nobody to take it
     * @throws HostException if none will be taken any more; with {@link #GONE} if the peer went
     *     away
     */
    public abstract boolean write(ByteBuffer frame);

    @Override
    public abstract void close();
}
