package jukvm.device;

import java.nio.ByteBuffer;

/** The header of an Ethernet frame, which begins at index 0 of a big-endian buffer. */
final class EthernetHeader {
    static final int SIZE = NetDevice.HEADER_SIZE;

    // EtherTypes.
    static final short IPV4 = 0x0800;
    static final short ARP = 0x0806;

    static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final int TO = 0; // 6 bytes
    private static final int FROM = 6; // 6 bytes
    private static final int TYPE = 12; // u16

    private EthernetHeader() {}

    /** Returns a frame with a header and so many zero bytes after it; its position is 0. */
    static ByteBuffer frame(MacAddress to, MacAddress from, short type, int payload) {
        ByteBuffer frame = ByteBuffer.allocate(SIZE + payload);
        putMac(frame, TO, to);
        putMac(frame, FROM, from);
        return frame.putShort(TYPE, type);
    }

    /**
     * Returns a copy of a frame between position and limit, which the guest cannot change while it
     * is looked at.
     */
    static ByteBuffer copy(ByteBuffer frame) {
        ByteBuffer copy = ByteBuffer.allocate(frame.remaining());
        return copy.put(0, frame, frame.position(), frame.remaining());
    }

    static short type(ByteBuffer frame) {
        return frame.getShort(TYPE);
    }

    /** Returns whether a frame between position and limit, of either byte order, is of IPv4. */
    static boolean isIpv4(ByteBuffer frame) {
        int at = frame.position() + TYPE;
        return frame.get(at) == IPV4 >>> Byte.SIZE && frame.get(at + 1) == (byte) IPV4;
    }

    static MacAddress to(ByteBuffer frame) {
        return mac(frame, TO);
    }

    static MacAddress from(ByteBuffer frame) {
        return mac(frame, FROM);
    }

    /** Returns the address at an index with eight bytes after it. */
    static MacAddress mac(ByteBuffer frame, int at) {
        return new MacAddress(frame.getLong(at) >>> 16);
    }

    /** Stores an address and leaves the bytes around it as they are. */
    static void putMac(ByteBuffer frame, int at, MacAddress mac) {
        for (int i = 0; i < MacAddress.SIZE; i++) {
            frame.put(at + i, mac.octet(i));
        }
    }
}
