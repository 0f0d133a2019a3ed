package jukvm.device;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A question who has an IPv4 address on an Ethernet, or the answer. Source: RFC 826.
 *
 * @param operation {@link #REQUEST} or {@link #REPLY}
 * @param senderMac the sender's hardware address
 * @param sender the sender's IPv4 address
 * @param target the IPv4 address that is asked for, or of who asked
 */
record ArpPacket(short operation, MacAddress senderMac, int sender, int target) {
    static final short REQUEST = 1;
    static final short REPLY = 2;

    private static final short ETHERNET = 1;
    private static final MacAddress UNKNOWN = new MacAddress(0);

    // Offsets in a frame.
    private static final int HARDWARE = 14; // u16
    private static final int PROTOCOL = 16; // u16
    private static final int SIZES = 18; // u8 of a hardware address, u8 of a protocol address
    private static final int OPERATION = 20; // u16
    private static final int SENDER_MAC = 22;
    private static final int SENDER = 28; // u32
    private static final int TARGET_MAC = 32;
    private static final int TARGET = 38; // u32
    private static final int END = 42;

    private static final short SIX_AND_FOUR = 0x0604;

    /**
     * Returns the packet in a frame, or null if there is none that is whole, of Ethernet and IPv4,
     * and from one interface.
     *
     * @param frame from index 0 to its limit, a header or more; hostile
     */
    static @Nullable ArpPacket parse(ByteBuffer frame) {
        if (frame.limit() < END
                || frame.getShort(HARDWARE) != ETHERNET
                || frame.getShort(PROTOCOL) != EthernetHeader.IPV4
                || frame.getShort(SIZES) != SIX_AND_FOUR) {
            return null;
        }
        short operation = frame.getShort(OPERATION);
        MacAddress senderMac = EthernetHeader.mac(frame, SENDER_MAC);
        if (operation != REQUEST && operation != REPLY || senderMac.isMulticast()) {
            return null;
        }
        return new ArpPacket(operation, senderMac, frame.getInt(SENDER), frame.getInt(TARGET));
    }

    /** Returns a frame that asks everybody. */
    ByteBuffer broadcast() {
        return frame(EthernetHeader.BROADCAST, UNKNOWN);
    }

    /** Returns a frame that tells one interface. */
    ByteBuffer unicast(MacAddress to) {
        return frame(to, to);
    }

    private ByteBuffer frame(MacAddress to, MacAddress targetMac) {
        ByteBuffer frame =
                EthernetHeader.frame(to, senderMac, EthernetHeader.ARP, END - EthernetHeader.SIZE);
        frame.putShort(HARDWARE, ETHERNET).putShort(PROTOCOL, EthernetHeader.IPV4);
        frame.putShort(SIZES, SIX_AND_FOUR).putShort(OPERATION, operation);
        EthernetHeader.putMac(frame, SENDER_MAC, senderMac);
        EthernetHeader.putMac(frame, TARGET_MAC, targetMac);
        return frame.putInt(SENDER, sender).putInt(TARGET, target);
    }
}
