package jukvm.device;

import java.nio.ByteBuffer;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.net.FrameChannel;
import jukvm.net.FrameSocket;

/**
 * A network device whose other end is a program at a Unix stream socket, in QEMU's framing, which
 * passt, gvproxy, socket_vmnet and other monitors speak: before each frame its length in bytes, u32
 * big-endian. What the peer sends is hostile.
 *
 * <p>Read and written by one thread at a time each, as a guest does. What the peer does not take at
 * once is dropped, and so is what comes while a listening one has no peer.
 */
public final class StreamDevice implements NetDevice, AutoCloseable {
    /** The MTU where none is given, in bytes: Ethernet's. */
    public static final int DEFAULT_MTU = 1500;

    private final FrameChannel frames;
    private final MacAddress mac;
    private final int mtu;

    private StreamDevice(FrameChannel frames, MacAddress mac, int mtu) {
        this.frames = frames;
        this.mac = mac;
        this.mtu = mtu;
    }

    /**
     * Connects to a socket where a peer waits. When that goes away or breaks the framing, the
     * device is gone for good.
     *
     * @param path of the socket
     * @param mac the guest's hardware address
     * @param mtu the largest payload of a frame in bytes, 68 to 65535
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    public static StreamDevice connect(String path, MacAddress mac, int mtu) {
        return new StreamDevice(FrameSocket.connect(Requester.self(), path), mac, mtu);
    }

    /**
     * Connects to a socket with the caller's rights and in its directory, with Ethernet's MTU.
     *
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static StreamDevice connect(Requester caller, String path, MacAddress mac) {
        return new StreamDevice(FrameSocket.connect(caller, path), mac, DEFAULT_MTU);
    }

    /**
     * Makes a socket at a path, for one peer after another; one that breaks the framing is cut off.
     * The path is removed when this is closed.
     *
     * @param path that nothing is at, or a socket that nobody waits at any more
     * @param mac the guest's hardware address
     * @param mtu the largest payload of a frame in bytes, 68 to 65535
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    public static StreamDevice listen(String path, MacAddress mac, int mtu) {
        return new StreamDevice(FrameSocket.listen(Requester.self(), path), mac, mtu);
    }

    /**
     * Makes a socket with the caller's rights and in its directory, with Ethernet's MTU.
     *
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static StreamDevice listen(Requester caller, String path, MacAddress mac) {
        return new StreamDevice(FrameSocket.listen(caller, path), mac, DEFAULT_MTU);
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public Pollable readiness() {
        return frames;
    }

    @Override
    public boolean read(ByteBuffer into) {
        return frames.read(into);
    }

    @Override
    public boolean write(ByteBuffer frame) {
        return frames.write(frame);
    }

    /** Closes the socket. */
    @Override
    public void close() {
        frames.close();
    }
}
