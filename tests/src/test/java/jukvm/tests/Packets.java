package jukvm.tests;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jukvm.device.MacAddress;

/**
 * The packets by which a Java program on a switch pings a guest: ARP (RFC 826) and ICMP echo (RFC
 * 792) in IPv4 and Ethernet. All numbers are big-endian.
 *
 * @param mac of the program
 * @param address of the program
 */
record Packets(MacAddress mac, int address) {
    private static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);
    private static final short ARP = 0x0806;
    private static final short IPV4 = 0x0800;
    private static final int IP = 14;
    private static final int ICMP = 34;
    private static final int DATA = 42;

    /** Returns an IPv4 address as its number. */
    static int address(int a, int b, int c, int d) {
        return a << 24 | b << 16 | c << 8 | d;
    }

    private ByteBuffer frame(MacAddress to, short type, int size) {
        ByteBuffer frame = ByteBuffer.allocate(size);
        putMac(frame, to);
        putMac(frame, mac);
        return frame.putShort(type);
    }

    private static void putMac(ByteBuffer frame, MacAddress mac) {
        for (int i = 0; i < MacAddress.SIZE; i++) {
            frame.put(mac.octet(i));
        }
    }

    /** Asks who has an address. */
    ByteBuffer arpRequest(int wanted) {
        ByteBuffer frame = frame(BROADCAST, ARP, 42);
        frame.putShort((short) 1).putShort(IPV4).put((byte) 6).put((byte) 4).putShort((short) 1);
        putMac(frame, mac);
        frame.putInt(address).putLong(0).position(frame.position() - 2);
        return frame.putInt(wanted).flip();
    }

    /** Returns whether a frame says who has an address. */
    static boolean isArpReply(ByteBuffer frame, int wanted) {
        return frame.remaining() >= 42
                && frame.getShort(12) == ARP
                && frame.getShort(20) == 2
                && frame.getInt(28) == wanted;
    }

    /** Returns who a frame is from. */
    static MacAddress source(ByteBuffer frame) {
        return new MacAddress(frame.getLong(6) >>> 16);
    }

    /** Asks for these bytes to be sent back. */
    ByteBuffer echoRequest(MacAddress to, int toAddress, int sequence, byte[] data) {
        ByteBuffer frame = frame(to, IPV4, DATA + data.length);
        frame.putShort((short) 0x4500).putShort((short) (28 + data.length)).putInt(0);
        frame.put((byte) 64).put((byte) 1).putShort((short) 0).putInt(address).putInt(toAddress);
        frame.putShort((short) 0x0800).putShort((short) 0).putShort((short) 0x4a55);
        frame.putShort((short) sequence).put(data);
        frame.putShort(IP + 10, checksum(frame, IP, 20));
        return frame.putShort(ICMP + 2, checksum(frame, ICMP, 8 + data.length)).flip();
    }

    /** Returns whether a frame is the answer to {@link #echoRequest}, checksums and all. */
    boolean isEchoReply(ByteBuffer frame, int from, int sequence, byte[] data) {
        return frame.remaining() == DATA + data.length
                && frame.getShort(12) == IPV4
                && frame.get(IP + 9) == 1
                && frame.getInt(IP + 12) == from
                && frame.getInt(IP + 16) == address
                && frame.getShort(ICMP) == 0
                && frame.getShort(ICMP + 6) == (short) sequence
                && checksum(frame, IP, 20) == 0
                && checksum(frame, ICMP, 8 + data.length) == 0
                && Arrays.equals(data, bytes(frame, DATA, data.length));
    }

    private static byte[] bytes(ByteBuffer frame, int at, int length) {
        byte[] bytes = new byte[length];
        frame.get(at, bytes);
        return bytes;
    }

    // RFC 1071; 0 over data that holds its own.
    private static short checksum(ByteBuffer frame, int at, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (frame.get(at + i) & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~(sum + (sum >>> 16));
    }
}
