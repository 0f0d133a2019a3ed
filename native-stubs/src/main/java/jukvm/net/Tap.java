package jukvm.net;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/**
 * A TAP interface of the host: Ethernet frames, one for each read and write, none of which waits.
 * Used by one thread at a time. Source: linux/if_tun.h.
 */
public final class Tap extends Pollable implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private final String name;
    private final int mtu;
    private final BufferAddress addresses = new BufferAddress();

    private Tap(TapAttachment attachment) {
        super(attachment.fd());
        this.name = attachment.name();
        this.mtu = attachment.mtu();
    }

    /**
     * Attaches to an interface that exists and is up; it is never created.
     *
     * @throws ConfigException if no interface can have that name
     * @throws HostException if the interface is missing, down, in use or not ours to use, with what
     *     to do
     */
    public static Tap open(String name) {
        return open(Requester.self(), name);
    }

    /**
     * Attaches to an interface that exists and is up, with the caller's rights and in its network
     * namespace; it is never created.
     *
     * @throws ConfigException if no interface can have that name
     * @throws HostException if the interface is missing, down, in use or not the caller's to use,
     *     with what to do
     */
    public static Tap open(Requester caller, String name) {
        return new Tap(TapAttachment.byName(caller, name));
    }

    /**
     * Takes over a descriptor that the process has inherited. It stays open if it is refused.
     *
     * @throws ConfigException if it is not a TAP that passes bare frames both ways
     */
    public static Tap adopt(int number) {
        return adopt(Requester.self(), number);
    }

    /**
     * Takes over a descriptor that the caller has inherited. It stays open there if it is refused.
     *
     * @param number in the caller
     * @throws ConfigException if it is not a TAP that passes bare frames both ways
     */
    public static Tap adopt(Requester caller, int number) {
        return new Tap(TapAttachment.byDescriptor(caller, number));
    }

    /**
     * Takes over a descriptor that another process has attached and sent.
     *
     * @param name of the interface, for messages
     * @param mtu that the other found
     */
    public static Tap passed(int descriptor, String name, int mtu) {
        return new Tap(new TapAttachment(Fd.of(descriptor, name, "receive"), name, mtu));
    }

    /** Returns its descriptor, for another process to be sent. */
    public int descriptor() {
        return fd().number();
    }

    /** Returns the interface's name. */
    public String name() {
        return name;
    }

    /** Returns the largest payload of a frame, in bytes. */
    public int mtu() {
        return mtu;
    }

    /**
     * Reads a frame. One that is longer than the buffer is cut off.
     *
     * @param into a direct buffer; its position moves past the frame
     * @return false if none is waiting
     * @throws HostException if the interface is gone for good
     */
    public boolean read(ByteBuffer into) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        int length = into.remaining();
        if (length == 0) {
            return false;
        }
        try {
            long address = addresses.of(into);
            long result;
            do {
                result = LIBC.read(fd().number(), address, length);
            } while (result == -Errno.EINTR);
            if (result < 0 && result != -Errno.EAGAIN) {
                throw failed("read", (int) -result);
            }
            if (result <= 0) {
                return false;
            }
            into.position(into.position() + (int) result);
            return true;
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    /**
     * Writes a frame.
     *
     * @param frame a direct buffer
     * @return false if the interface did not take it just now, as when it is down or its queue full
     * @throws HostException if the interface is gone for good
     */
    public boolean write(ByteBuffer frame) {
        int length = frame.remaining();
        if (length == 0) {
            return false;
        }
        try {
            long address = addresses.of(frame);
            long result;
            do {
                result = LIBC.write(fd().number(), address, length);
            } while (result == -Errno.EINTR);
            return result >= 0 || dropped((int) -result);
        } finally {
            Reference.reachabilityFence(frame);
        }
    }

    private boolean dropped(int errno) {
        return switch (errno) {
            // EIO: the interface is down. EINVAL: shorter than an Ethernet header.
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EIO, Errno.EINVAL -> false;
            default -> throw failed("write", errno);
        };
    }

    private HostException failed(String operation, int errno) {
        String reason = Errno.describe(errno) + "; the interface has vanished";
        return new HostException(fd().name() + ": " + operation, reason, errno, "");
    }

    @Override
    public void close() {
        fd().close();
    }
}
