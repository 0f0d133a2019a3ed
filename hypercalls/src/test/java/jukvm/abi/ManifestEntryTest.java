package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestEntryTest {
    private static final int SECOND = 8 + 104;

    private static ByteBuffer valid() {
        ByteBuffer content = ByteBuffer.allocate(8 + 3 * 104).order(ByteOrder.LITTLE_ENDIAN);
        content.putInt(0, 1).putInt(4, 3).putInt(8 + 68, 0x40000000);
        content.put(SECOND, "net".getBytes(StandardCharsets.US_ASCII)).putInt(SECOND + 68, 2);
        content.put(SECOND + 104, "net".getBytes(StandardCharsets.US_ASCII));
        return content.putInt(SECOND + 104 + 68, 3);
    }

    @Test
    void shouldListWhatNoGuestCouldRunWith() {
        List<ManifestEntry> entries = ManifestEntry.list(valid());
        assertEquals(
                List.of(
                        new ManifestEntry("", 0x40000000),
                        new ManifestEntry("net", 2),
                        new ManifestEntry("net", 3)),
                entries);
    }

    @ParameterizedTest
    @CsvSource({
        "1,false,BLOCK_BASIC",
        "2,false,NET_BASIC",
        "0,false,<undefined type>",
        "1073741823,false,<undefined type>",
        "1073741824,true,<undefined type>",
        "-1,true,<undefined type>"
    })
    void shouldNameType(int type, boolean reserved, String name) {
        ManifestEntry entry = new ManifestEntry("a", type);
        assertEquals(reserved, entry.isReserved());
        assertEquals(name, entry.typeName());
    }

    private static void assertInvalid(ByteBuffer content) {
        ImageException e = assertThrows(ImageException.class, () -> ManifestEntry.list(content));
        String message = e.getMessage();
        assertTrue(message.startsWith("Solo5 manifest is invalid: "), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 111, 319})
    void shouldRefuseSize(int size) {
        assertInvalid(valid().slice(0, size));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,2", "4,0", "4,2", "4,4", "4,65", "4,-1", "76,1", "8,65"})
    void shouldRefuseWord(int offset, int value) {
        assertInvalid(valid().putInt(offset, value));
    }

    @ParameterizedTest
    @ValueSource(ints = {8 + 67, SECOND + 67, 8 + 96, SECOND + 96, SECOND + 104 + 96})
    void shouldRefuseNameWithoutEndAndAttachedDevice(int offset) {
        assertInvalid(valid().put(offset, (byte) 2));
    }
}
