package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.host.Pollable;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.SocketMessage;
import org.jspecify.annotations.Nullable;

/**
 * One of two ends between two processes of ours: messages of bounded length, each with one
 * descriptor at most. The kernel bounds what waits in it, and whoever sends more waits. What comes
 * is hostile if the other process is. Sending and receiving may be two threads' at a time. Source:
 * unix(7), SOCK_SEQPACKET.
 */
public final class Channel extends Pollable implements AutoCloseable {
    /** The most bytes of one message. */
    public static final int CAPACITY = (64 << 10) + 512;

    private static final Libc LIBC = Libc.get();
    private static final int NONE = -1;

    private final SocketMessage out = new SocketMessage(CAPACITY);
    private final SocketMessage in;
    private int received = NONE;

    /** Both ends of a new one, of which the second is for another process; each is closed. */
    public record Pair(Channel ours, Descriptor theirs) {}

    private Channel(Fd fd) {
        super(fd);
        try {
            in = new SocketMessage(CAPACITY);
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
    }

    /**
     * Opens both ends.
     *
     * @param name for messages
     * @throws jukvm.error.HostException if the host has no descriptors or memory for it
     */
    public static Pair pair(String name) {
        FdPair ends = FdPair.packets(name);
        try {
            return new Pair(new Channel(ends.first()), new Descriptor(ends.second()));
        } catch (RuntimeException e) {
            ends.close();
            throw e;
        }
    }

    /**
     * Takes over an end that this process has inherited, or was sent.
     *
     * @param descriptor its number
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    public static Channel of(int descriptor) {
        return new Channel(Fd.of(descriptor, "channel", "receive"));
    }

    /** Returns where the next message is written, from position 0: always the same buffer. */
    public ByteBuffer begin() {
        return out.bytes().clear();
    }

    /**
     * Sends what is between 0 and the buffer's position, and waits while there is no room.
     *
     * @param descriptors one or none; it stays open
     * @return false if nobody will receive it
     */
    public boolean send(int... descriptors) {
        return out.send(fd(), descriptors) >= 0;
    }

    /** The same without waiting; false also if there is no room. */
    public boolean sendNow(int... descriptors) {
        return out.sendNow(fd(), descriptors) >= 0;
    }

    /**
     * Sends likewise, but gives up when somebody is woken while there is no room.
     *
     * @param waiter where it waits, on its thread
     */
    public boolean send(Poller waiter) {
        int result = out.sendNow(fd());
        while (result == -Errno.EAGAIN && waiter.awaitWritable(fd().number(), Long.MAX_VALUE)) {
            result = out.sendNow(fd());
        }
        return result >= 0;
    }

    /**
     * Waits for a message from another process that is not trusted. No descriptor is taken of it.
     *
     * @return its bytes from position 0 to the limit, valid until the next; null if none will come
     */
    public @Nullable ByteBuffer receive() {
        return in.receiveBytes(fd()) > 0 ? in.bytes() : null;
    }

    /**
     * Waits likewise, but gives up when somebody is woken.
     *
     * @param waiter where it waits, on its thread
     */
    public @Nullable ByteBuffer receive(Poller waiter) {
        return waiter.awaitReadable(fd().number(), Long.MAX_VALUE) ? receive() : null;
    }

    /**
     * Waits for a message from a process that is trusted; {@link #take} has the descriptor that
     * came with it.
     *
     * @return its bytes from position 0 to the limit, valid until the next; null if none will come
     */
    public @Nullable ByteBuffer receiveAll() {
        drop();
        int length = in.receive(fd());
        for (int descriptor : in.descriptors()) {
            drop();
            received = descriptor;
        }
        return length > 0 ? in.bytes() : null;
    }

    /**
     * Returns the descriptor that came with the message: from now on it is the caller's.
     *
     * @throws IllegalStateException if none came
     */
    public int take() {
        int taken = received;
        if (taken == NONE) {
            throw new IllegalStateException("no descriptor came");
        }
        received = NONE;
        return taken;
    }

    private void drop() {
        if (received != NONE) {
            LIBC.close(received);
            received = NONE;
        }
    }

    /** Closes this end. Not while another thread uses it. */
    @Override
    public void close() {
        drop();
        fd().close();
        in.close();
        out.close();
    }
}
