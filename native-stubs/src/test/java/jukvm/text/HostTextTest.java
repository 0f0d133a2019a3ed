package jukvm.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostTextTest {
    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "disk.img",
                "gr\u00fcn",
                "\ufffd",
                "\u0080\u00ff",
                "\ud83d\ude80",
                "\ud800\udc80"
            })
    void shouldBeWhatUtf8Is(String text) {
        assertArrayEquals(text.getBytes(UTF_8), HostText.encode(text));
        assertEquals(text, HostText.decode(text.getBytes(UTF_8)));
        assertEquals(text, HostText.escaped(text));
    }

    @ParameterizedTest
    @CsvSource({
        "ff, '\\xff'",
        "61ff62, 'a\\xffb'",
        "c3, '\\xc3'",
        "c328, '\\xc3('",
        "e28228, '\\xe2\\x82('",
        "f09f9a, '\\xf0\\x9f\\x9a'",
        "f0c3a9, '\\xf0\u00e9'",
        "c080, '\\xc0\\x80'",
        "eda080edb080, '\\xed\\xa0\\x80\\xed\\xb0\\x80'",
        "f4908080, '\\xf4\\x90\\x80\\x80'",
        "efbfbdff, '\ufffd\\xff'",
        "f09f9a80ff, '\ud83d\ude80\\xff'"
    })
    void shouldKeepEachByteThatIsNot(String hex, String escaped) {
        String text = HostText.decode(bytes(hex));
        assertArrayEquals(bytes(hex), HostText.encode(text));
        assertEquals(escaped, HostText.escaped(text));
    }

    @Test
    void shouldGiveAnyBytesBack() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] any = new byte[random.nextInt(12)];
            random.nextBytes(any);
            for (int at = 0; at < any.length; at++) {
                // Mostly what begins and goes on characters of several bytes.
                any[at] |= (byte) (random.nextInt(4) == 0 ? 0 : 0x80);
            }
            String text = HostText.decode(any);
            assertArrayEquals(any, HostText.encode(text), text);
            assertTrue(HostText.escaped(text).codePoints().noneMatch(c -> c >> 11 == 0x1b));
        }
    }

    @Test
    void shouldHaveNoBytesForOtherSurrogates() {
        assertEquals("?a?", new String(HostText.encode("\udc7fa\ud800"), UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.img", "../x", "/a/b"})
    void shouldTakeAPathAsItIs(String path) {
        assertEquals(path, HostText.of(Path.of(path)));
    }
}
