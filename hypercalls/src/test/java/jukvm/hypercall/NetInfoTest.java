package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Six bytes in ukvm 0.3, and in 0.2 eighteen of text. */
class NetInfoTest {
    private final AttachedGuest guest = new AttachedGuest();

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void shouldTellTheAddressAsBytes() {
        ByteBuffer expected = guest.copy();
        expected.put(STRUCT, new byte[] {2, (byte) 0xa1, (byte) 0xb2, (byte) 0xc3, (byte) 0xd4});
        expected.put(STRUCT + 5, (byte) 0xe5);
        assertTrue(NetInfo.bytes(guest.net).handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    @Test
    void shouldTellTheAddressAsText() {
        ByteBuffer expected = guest.copy();
        byte[] text = "02:a1:b2:c3:d4:e5\0".getBytes(StandardCharsets.US_ASCII);
        expected.put(STRUCT, text);
        assertTrue(NetInfo.text(guest.net).handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0xfffb, 0xffef, 'memory=0x10000'",
        "0xffffffff, 0xffffffff, 'memory=0x10000'",
        "0x7ffb, 0x7fef, 'the guest may not write 0x8000..0x9000'",
        "0x8000, 0x8000, 'the guest may not write 0x8000..0x9000'",
        "0x8fff, 0x8fff, 'the guest may not write 0x8000..0x9000'"
    })
    void shouldEndTheGuestForAStructItMayNotHave(long six, long eighteen, String limit) {
        guest.assertRefused(
                NetInfo.bytes(guest.net),
                six,
                "gpa=0x" + Long.toHexString(six) + ", sz=6, " + limit);
        guest.assertRefused(
                NetInfo.text(guest.net),
                eighteen,
                "gpa=0x" + Long.toHexString(eighteen) + ", sz=18, " + limit);
    }

    @Test
    void shouldKnowWhereItsStructEnds() {
        assertTrue(NetInfo.bytes(guest.net).handle(guest.memory, AttachedGuest.SIZE - 6));
        assertTrue(NetInfo.bytes(guest.net).handle(guest.memory, AttachedGuest.READ_ONLY - 6));
        assertTrue(NetInfo.text(guest.net).handle(guest.memory, AttachedGuest.SIZE - 18));
        assertTrue(NetInfo.text(guest.net).handle(guest.memory, AttachedGuest.READ_ONLY - 18));
        assertTrue(NetInfo.text(guest.net).handle(guest.memory, AttachedGuest.READ_ONLY_END));
    }
}
