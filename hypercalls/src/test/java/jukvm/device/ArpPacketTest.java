package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArpPacketTest {
    private static final ArpPacket REQUEST =
            new ArpPacket(ArpPacket.REQUEST, A, Packets.OURS, Packets.GUESTS);
    private static final ArpPacket REPLY =
            new ArpPacket(ArpPacket.REPLY, B, Packets.GUESTS, Packets.OURS);

    @Test
    void shouldBeWhatTheStandardDraws() {
        assertEquals(Packets.bytes(Packets.ARP_REQUEST), REQUEST.broadcast());
        assertEquals(Packets.bytes(Packets.ARP_REPLY), REPLY.unicast(A));
    }

    @Test
    void shouldBeRead() {
        assertEquals(REQUEST, ArpPacket.parse(Packets.bytes(Packets.ARP_REQUEST)));
        assertEquals(REPLY, ArpPacket.parse(Packets.bytes(Packets.ARP_REPLY)));
        assertEquals(REPLY, ArpPacket.parse(ByteBuffer.allocate(60).put(REPLY.unicast(A)).clear()));
    }

    @ParameterizedTest
    @CsvSource({
        "14, 0006, IEEE 802",
        "16, 86dd, IPv6",
        "18, 08, hardware addresses of 8 bytes",
        "19, 10, protocol addresses of 16 bytes",
        "20, 0000, operation 0",
        "20, 0003, RARP",
        "22, 03, sender is a group",
        "22, ffffffffffff, sender is everybody",
    })
    void shouldNotBeReadFromAnythingElse(int at, String bytes, String what) {
        assertNull(ArpPacket.parse(Packets.bytes(Packets.ARP_REPLY, at, bytes)), what);
    }

    @Test
    void shouldNotBeReadFromLess() {
        for (int size = NetDevice.HEADER_SIZE; size < 42; size++) {
            assertNull(ArpPacket.parse(Packets.bytes(Packets.ARP_REPLY).limit(size)));
        }
    }
}
