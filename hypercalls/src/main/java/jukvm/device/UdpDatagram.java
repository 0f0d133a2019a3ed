package jukvm.device;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram of UDP in one packet of IPv4, which is not fragmented and has no options. Source: RFC
 * 768, 791 and 1122.
 *
 * @param source an IPv4 address
 * @param sourcePort 0 to 65535
 * @param destination an IPv4 address
 * @param destinationPort 0 to 65535
 * @param data all between position and limit; of a parsed one, a view of the frame
 */
record UdpDatagram(
        int source, int sourcePort, int destination, int destinationPort, ByteBuffer data) {
    /** What IPv4 and UDP need of a frame's payload, in bytes. */
    static final int HEADERS = 28;

    // Offsets in a frame.
    private static final int IP = 14; // u8 version and words of the header, u8 service
    private static final int IP_LENGTH = 16; // u16, of header and all after it
    private static final int ID = 18; // u16
    private static final int FRAGMENT = 20; // u16: 3 bits of flags, 13 of offset
    private static final int TTL = 22; // u8
    private static final int PROTOCOL = 23; // u8
    private static final int IP_CHECKSUM = 24; // u16
    private static final int SOURCE = 26; // u32
    private static final int DESTINATION = 30; // u32
    private static final int UDP = 34; // u16, source port
    private static final int DESTINATION_PORT = 36; // u16
    private static final int UDP_LENGTH = 38; // u16, of header and data
    private static final int UDP_CHECKSUM = 40; // u16; 0: there is none
    private static final int DATA = 42;

    private static final byte VERSION_4_WORDS_5 = 0x45;
    private static final short DO_NOT_FRAGMENT = 0x4000;
    private static final int MORE_OR_OFFSET = 0x3fff;
    private static final byte HOPS = 64;
    private static final byte UDP_PROTOCOL = 17;

    /**
     * Returns whether a frame looks like one for a port; the quick question before {@link #parse},
     * which may find that it is none.
     *
     * @param frame all between position and limit, of either byte order; hostile
     */
    static boolean isTo(ByteBuffer frame, int port) {
        int at = frame.position();
        return frame.remaining() >= DATA
                && frame.get(at + DESTINATION_PORT) == (byte) (port >>> Byte.SIZE)
                && frame.get(at + DESTINATION_PORT + 1) == (byte) port
                && frame.get(at + PROTOCOL) == UDP_PROTOCOL
                && EthernetHeader.isIpv4(frame);
    }

    /**
     * Returns the datagram in a frame, or null if there is none that is whole and, by its
     * checksums, as it was sent.
     *
     * @param frame from index 0 to its limit, a header or more; hostile. What follows the packet is
     *     padding.
     */
    static @Nullable UdpDatagram parse(ByteBuffer frame) {
        if (frame.limit() < DATA) {
            return null;
        }
        int ipLength = frame.getShort(IP_LENGTH) & 0xffff;
        int udpLength = frame.getShort(UDP_LENGTH) & 0xffff;
        boolean isWhole =
                frame.get(IP) == VERSION_4_WORDS_5
                        && ipLength <= frame.limit() - IP
                        && UDP + udpLength <= IP + ipLength
                        && UDP + udpLength >= DATA
                        && (frame.getShort(FRAGMENT) & MORE_OR_OFFSET) == 0
                        && frame.get(PROTOCOL) == UDP_PROTOCOL;
        if (!isWhole || InternetChecksum.of(frame, IP, UDP, 0) != 0) {
            return null;
        }
        if (frame.getShort(UDP_CHECKSUM) != 0 && udpChecksum(frame, udpLength) != 0) {
            return null;
        }
        return new UdpDatagram(
                frame.getInt(SOURCE),
                frame.getShort(UDP) & 0xffff,
                frame.getInt(DESTINATION),
                frame.getShort(DESTINATION_PORT) & 0xffff,
                frame.slice(DATA, UDP + udpLength - DATA));
    }

    /**
     * Returns a frame with the datagram.
     *
     * @param id the packet's identification, of which the low 16 bits are used
     */
    ByteBuffer frame(MacAddress to, MacAddress from, int id) {
        int length = HEADERS + data.remaining();
        int udpLength = length - (UDP - IP);
        ByteBuffer frame = EthernetHeader.frame(to, from, EthernetHeader.IPV4, length);
        frame.put(IP, VERSION_4_WORDS_5).putShort(IP_LENGTH, (short) length);
        frame.putShort(ID, (short) id).putShort(FRAGMENT, DO_NOT_FRAGMENT);
        frame.put(TTL, HOPS).put(PROTOCOL, UDP_PROTOCOL);
        frame.putInt(SOURCE, source).putInt(DESTINATION, destination);
        frame.putShort(IP_CHECKSUM, (short) InternetChecksum.of(frame, IP, UDP, 0));
        frame.putShort(UDP, (short) sourcePort);
        frame.putShort(DESTINATION_PORT, (short) destinationPort);
        frame.putShort(UDP_LENGTH, (short) udpLength);
        frame.put(DATA, data, data.position(), data.remaining());
        int checksum = udpChecksum(frame, udpLength);
        return frame.putShort(UDP_CHECKSUM, (short) (checksum == 0 ? 0xffff : checksum));
    }

    // Over a pseudo-header, too: both addresses, the protocol and the length.
    private static int udpChecksum(ByteBuffer frame, int udpLength) {
        long pseudo = (long) UDP_PROTOCOL + udpLength;
        for (int at = SOURCE; at < UDP; at += 2) {
            pseudo += frame.getShort(at) & 0xffff;
        }
        return InternetChecksum.of(frame, UDP, UDP + udpLength, pseudo);
    }
}
