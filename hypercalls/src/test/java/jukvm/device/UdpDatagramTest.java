package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UdpDatagramTest {
    private static final UdpDatagram REPLY =
            new UdpDatagram(Packets.GUESTS, 7, Packets.OURS, 49152, Packets.bytes("686921"));

    private static UdpDatagram request(ByteBuffer data) {
        return new UdpDatagram(Packets.OURS, 49152, Packets.GUESTS, 7, data);
    }

    @Test
    void shouldBeWhatTheStandardsDraw() {
        assertEquals(
                Packets.bytes(Packets.UDP_REQUEST),
                request(Packets.bytes("686921")).frame(B, A, 0));
        assertEquals(Packets.bytes(Packets.UDP_REPLY), REPLY.frame(A, B, 0xabcd_1234));
    }

    @Test
    void shouldSendAChecksumOfZeroAsItsComplement() {
        assertEquals(
                Packets.bytes(Packets.UDP_WITHOUT_REST),
                request(Packets.bytes("2bd0")).frame(B, A, 0));
    }

    @Test
    void shouldBeRead() {
        assertEquals(REPLY, UdpDatagram.parse(Packets.bytes(Packets.UDP_REPLY)));
        assertNotNull(UdpDatagram.parse(Packets.bytes(Packets.UDP_WITHOUT_REST)));
    }

    @Test
    void shouldBeReadFromAFrameWithPadding() {
        ByteBuffer padded = ByteBuffer.allocate(60).put(Packets.bytes(Packets.UDP_REPLY));
        assertEquals(REPLY, UdpDatagram.parse(padded.put((byte) 0xff).clear()));
    }

    @Test
    void shouldNotBeCheckedWithoutAChecksum() {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY, 40, "0000");
        assertEquals(REPLY, UdpDatagram.parse(frame));
        assertNotNull(UdpDatagram.parse(frame.put(42, (byte) 0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1471, 1472, 65507})
    void shouldBeReadAsItWasMadeWhateverItsSize(int size) {
        ByteBuffer data = ByteBuffer.allocate(size);
        for (int i = 0; i < size; i++) {
            data.put(i, (byte) (i * 31 + size));
        }
        assertEquals(request(data), UdpDatagram.parse(request(data).frame(B, A, size)));
    }

    @Test
    void shouldNotBeReadIfAnyBitIsDamaged() {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY);
        for (int bit = NetDevice.HEADER_SIZE * 8; bit < frame.limit() * 8; bit++) {
            byte whole = frame.get(bit / 8);
            frame.put(bit / 8, (byte) (whole ^ 1 << bit % 8));
            assertNull(UdpDatagram.parse(frame), "bit " + bit);
            frame.put(bit / 8, whole);
        }
        assertEquals(REPLY, UdpDatagram.parse(frame));
    }

    // With the header's checksum made right again, so that nothing else is wrong.
    @ParameterizedTest
    @CsvSource({
        "14, 65, version 6",
        "14, 44, a header of 16 bytes",
        "14, 46, options",
        "14, 4f, options up to the end and beyond",
        "16, 0000, a length of nothing",
        "16, 0013, shorter than a header",
        "16, 001b, no room for UDP",
        "16, 001e, cut off in the data",
        "16, 0020, longer than the frame",
        "16, ffff, as long as can be",
        "20, 2000, first fragment",
        "20, 2001, fragment in the middle",
        "20, 0001, last fragment",
        "20, 1fff, last fragment of the largest",
        "23, 01, ICMP",
        "23, 06, TCP",
    })
    void shouldNotBeReadFromAnotherPacket(int at, String bytes, String what) {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY, at, bytes).putShort(24, (short) 0);
        frame.putShort(24, (short) InternetChecksum.of(frame, 14, 34, 0));
        assertNull(UdpDatagram.parse(frame), what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0007", "000c", "8000", "ffff"})
    void shouldNotBeReadIfItsOwnLengthIsWrong(String length) {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY, 40, "0000");
        assertNull(UdpDatagram.parse(frame.put(38, Packets.bytes(length).array())));
    }

    @Test
    void shouldEndWhereItSays() {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY, 40, "0000").putShort(38, (short) 9);
        UdpDatagram datagram = UdpDatagram.parse(frame);
        assertNotNull(datagram);
        assertEquals("68", Packets.hex(datagram.data()));
    }

    @Test
    void shouldNotBeReadFromLess() {
        ByteBuffer frame = Packets.bytes(Packets.UDP_REPLY);
        for (int size = NetDevice.HEADER_SIZE; size < frame.capacity(); size++) {
            assertNull(UdpDatagram.parse(frame.limit(size)), size + " bytes");
        }
    }
}
