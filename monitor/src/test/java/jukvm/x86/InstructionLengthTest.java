package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where instructions end; objdump agreed on five million of libc and the JVM. */
final class InstructionLengthTest {
    private static int length(byte[] bytes) {
        return new InstructionLength(at -> at < bytes.length ? bytes[at] & 0xff : -1).of(0);
    }

    private static byte[] parse(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "90",
                "c3",
                "0f 31",
                "0f 01 f9",
                "48 0f c7 f0",
                "55",
                "48 89 e5",
                "48 8b 44 24 08",
                "8b 05 01 02 03 04",
                "8b 04 25 01 02 03 04",
                "48 b8 01 02 03 04 05 06 07 08",
                "b8 01 02 03 04",
                "66 b8 01 02",
                "bf 01 02 03 04",
                "41 b8 01 02 03 04",
                "8f 45 08",
                "a1 01 02 03 04 05 06 07 08",
                "67 a1 01 02 03 04",
                "e8 01 02 03 04",
                "66 66 48 e8 01 02 03 04",
                "0f 84 01 02 03 04",
                "eb fe",
                "c8 01 02 03",
                "c2 08 00",
                "f6 c1 01",
                "f6 d1",
                "f7 05 01 02 03 04 05 06 07 08",
                "66 81 c1 01 02",
                "69 c0 01 02 03 04",
                "66 0f 3a 0f c1 08",
                "66 0f 38 00 c1",
                "0f ba e0 05",
                "f3 0f 1e fa",
                "66 2e 0f 1f 84 00 00 00 00 00",
                "66 66 66 66 66 66 2e 0f 1f 84 00 00 00 00 00", // the longest
                "c5 f8 77",
                "c5 f9 70 c1 05",
                "c4 e3 fd 00 c1 05",
                "c4 e2 79 18 05 01 02 03 04",
                "62 f1 7c 48 58 44 24 01",
                "62 f3 7d 48 25 c1 ff"
            })
    void shouldTellWhereOneEnds(String hex) {
        byte[] bytes = parse(hex);
        assertEquals(bytes.length, length(bytes));
        byte[] cut = parse(hex.substring(0, Math.max(0, hex.length() - 3)));
        if (bytes.length > 1) {
            assertEquals(InstructionLength.NONE, length(cut), hex);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "06",
                "66 66 66 66 66 66 66 2e 0f 1f 84 00 00 00 00 00",
                "0f 0a",
                "82 c0 01",
                "ea",
                "8f c8 00",
                "c4 e9 79 18 05",
                "d4 0a"
            })
    void shouldTellWhatIsNone(String hex) {
        assertEquals(InstructionLength.NONE, length(parse(hex + " 00 00 00 00 00 00 00 00")));
    }

    @Test
    void shouldStayInsideAnyBytes() {
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            int length = length(bytes);
            assertTrue(length == InstructionLength.NONE || length > 0 && length <= 15);
            assertTrue(length <= bytes.length);
        }
    }
}
