package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternetChecksumTest {
    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "'', ffff",
        "00, ffff",
        "01, feff", // As 0100.
        "0001, fffe",
        "ffff, 0000",
        "ffffffff, 0000",
        "ffff0001, fffe", // The carry comes in again.
        "0001f203f4f5f6f7, 220d", // RFC 1071, section 3
        "0001f203f4f5f6, 2304",
    })
    void shouldAddUpWordsAndTheirCarries(String hex, String checksum) {
        ByteBuffer bytes = bytes(hex);
        int actual = InternetChecksum.of(bytes, 0, bytes.limit(), 0);
        assertEquals(checksum, HexFormat.of().toHexDigits((short) actual));
    }

    @Test
    void shouldLookAtNothingAround() {
        assertEquals(0x220d, InternetChecksum.of(bytes("ff0001f203f4f5f6f7ff"), 1, 9, 0));
        assertEquals(0x2304, InternetChecksum.of(bytes("ff0001f203f4f5f6f7ff"), 1, 8, 0));
    }

    @Test
    void shouldBeZeroOverWhatHoldsIt() {
        assertEquals(0, InternetChecksum.of(bytes("0001f203f4f5f6f7220d"), 0, 10, 0));
    }

    @Test
    void shouldAddWhatElseIsGiven() {
        assertEquals(0x220d, InternetChecksum.of(bytes("f203f4f5f6f7"), 0, 6, 1));
        assertEquals(0x220d, InternetChecksum.of(bytes(""), 0, 0, 0x1_f203L + 0xf4f5 + 0xf6f7));
    }

    @Test
    void shouldNotOverflow() {
        ByteBuffer large = ByteBuffer.allocate(65536);
        while (large.hasRemaining()) {
            large.put((byte) 0xff);
        }
        assertEquals(0, InternetChecksum.of(large, 0, 65536, 0xffff_ffffL));
    }
}
