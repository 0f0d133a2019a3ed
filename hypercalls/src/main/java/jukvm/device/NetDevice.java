package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jukvm.host.Pollable;

/**
 * A network interface as a guest sees it: Ethernet frames without checksum, in and out. An embedder
 * may implement it.
 *
 * <p>For one guest, {@link #read} and {@link #write} are never called at the same time, nor either
 * twice, but on more than one thread. Whoever opened a device closes it, after the guest has ended.
 * While a method blocks, which none may, its guest cannot be stopped, and no other waits. An {@link
 * IOException} ends the device for the guest; anything else that a method throws ends the run, and
 * whoever asked for it gets it.
 */
public interface NetDevice {
    /** The smallest frame, in bytes: an Ethernet header. */
    int HEADER_SIZE = 14;

    /** Returns the guest's hardware address; asked for once, when a guest is built. */
    MacAddress mac();

    /**
     * Returns the largest payload of a frame in bytes, the header not counted, 68 to 65535; asked
     * for once, when a guest is built.
     */
    int mtu();

    /**
     * Returns what the network wants the guest to be in IPv4; empty where that is the guest's own
     * affair, as at a TAP interface.
     */
    default Optional<Ipv4Settings> ipv4() {
        return Optional.empty();
    }

    /**
     * Returns what is readable for as long as a frame waits to be read, such as a {@link
     * jukvm.io.Doorbell}; always the same.
     */
    Pollable readiness();

    /**
     * Reads one frame, without waiting.
     *
     * @param into where to: a direct buffer over guest memory, valid until this returns; the
     *     position is moved past the frame. A frame that is too long is cut off.
     * @return false if no frame waits
     * @throws IOException if the device is gone for good
     */
    boolean read(ByteBuffer into) throws IOException;

    /**
     * Writes one frame, without waiting.
     *
     * @param frame a direct buffer over guest memory, valid until this returns, of {@link
     *     #HEADER_SIZE} bytes or more and at most the MTU, a header and a VLAN tag; hostile
     * @return false if the frame was dropped, as networks may
     * @throws IOException if the device is gone for good
     */
    boolean write(ByteBuffer frame) throws IOException;
}
