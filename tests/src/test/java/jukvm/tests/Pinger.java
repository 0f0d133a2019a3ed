package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import jukvm.device.SwitchPort;

/** Pings a guest from a port of a switch: an ARP request, then echo requests, one at a time. */
final class Pinger {
    private static final long EVERYBODY = 0xffffffffffffL;
    private static final int OUR_ADDRESS = address("10.0.0.1");
    private static final short ARP = 0x0806;
    private static final short IPV4 = 0x0800;
    private static final int IP_HEADER = 14;
    private static final int ICMP_HEADER = 34;
    private static final int DATA_SIZE = 56;
    private static final int ICMP_SIZE = 8 + DATA_SIZE;

    // A request may be sent before the guest reads, but its port holds it; so one is enough.
    private static final Duration PATIENCE = Run.LONG;

    private final SwitchPort port;
    private final int address;
    private final ByteBuffer frame = ByteBuffer.allocate(1514);

    Pinger(SwitchPort port, String address) {
        this.port = port;
        this.address = address(address);
    }

    private static int address(String text) {
        int bits = 0;
        for (String octet : text.split("\\.", -1)) {
            bits = bits << 8 | Integer.parseInt(octet);
        }
        return bits;
    }

    /** Returns how many pings were answered rightly: all, or it throws. */
    int ping(int times) {
        try {
            long mac = resolve();
            for (int i = 0; i < times; i++) {
                ping(mac, i);
            }
            return times;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    private ByteBuffer begin(long to, short type) {
        frame.clear().putLong(to << 16).position(6);
        return frame.putLong(port.mac().bits() << 16).position(12).putShort(type);
    }

    private long resolve() throws IOException, InterruptedException {
        begin(EVERYBODY, ARP).putShort((short) 1).putShort(IPV4).put((byte) 6).put((byte) 4);
        frame.putShort((short) 1).putLong(port.mac().bits() << 16).position(28);
        frame.putInt(OUR_ADDRESS).putShort((short) 0).putInt(0).putInt(address);
        port.write(frame.flip());
        do {
            receive(ARP);
        } while (frame.getShort(20) != 2 || frame.getInt(28) != address);
        return frame.getLong(22) >>> 16;
    }

    private void receive(short type) throws IOException, InterruptedException {
        do {
            if (!port.await(PATIENCE)) {
                throw new AssertionError("no answer");
            }
            port.read(frame.clear());
            frame.flip();
        } while (frame.getShort(12) != type);
    }

    private void ping(long mac, int sequence) throws IOException, InterruptedException {
        begin(mac, IPV4).putShort((short) 0x4500).putShort((short) (20 + ICMP_SIZE));
        frame.putInt(0).putShort((short) 0x4001).putShort((short) 0);
        frame.putInt(OUR_ADDRESS).putInt(address);
        frame.putShort(IP_HEADER + 10, checksum(IP_HEADER, 20));
        frame.putShort((short) 0x0800).putShort((short) 0).putShort((short) 7);
        frame.putShort((short) sequence);
        for (int i = 0; i < DATA_SIZE; i++) {
            frame.put((byte) (i * 7 + sequence));
        }
        frame.putShort(ICMP_HEADER + 2, checksum(ICMP_HEADER, ICMP_SIZE));
        port.write(frame.flip());
        do {
            receive(IPV4);
        } while (frame.getInt(26) != address);
        assertEquals(14 + 20 + ICMP_SIZE, frame.limit());
        assertEquals(0, checksum(IP_HEADER, 20), "checksum of the header");
        assertEquals(0, checksum(ICMP_HEADER, ICMP_SIZE), "checksum of the answer");
        assertEquals(0, frame.getShort(ICMP_HEADER), "type and code");
        assertEquals((short) sequence, frame.getShort(ICMP_HEADER + 6));
        for (int i = 0; i < DATA_SIZE; i++) {
            assertEquals((byte) (i * 7 + sequence), frame.get(ICMP_HEADER + 8 + i), "data");
        }
    }

    private short checksum(int start, int size) {
        int sum = 0;
        for (int i = start; i < start + size; i += 2) {
            sum += frame.getShort(i) & 0xffff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (short) ~sum;
    }
}
