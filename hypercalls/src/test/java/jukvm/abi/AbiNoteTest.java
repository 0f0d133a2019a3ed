package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AbiNoteTest {
    private static ByteBuffer content(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    // struct abi1_info has 16 bytes, of which the last 8 are reserved.
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 16, 32})
    void shouldParseTargetAndVersion(int size) {
        AbiNote note = AbiNote.parse(content(size).putInt(0, 1).putInt(4, 2));
        assertEquals(new AbiNote(AbiNote.HVT, 2), note);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void shouldRefuseContentTooShort(int size) {
        ImageException e = assertThrows(ImageException.class, () -> AbiNote.parse(content(size)));
        assertEquals(
                "Solo5 ABI note has " + size + " bytes of content, need at least 8",
                e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "1, hvt",
        "2, spt",
        "3, virtio",
        "4, muen",
        "5, genode",
        "6, xen",
        "0, unknown target 0",
        "7, unknown target 7",
        "-1, unknown target 4294967295"
    })
    void shouldNameTargetsAsSolo5Does(int target, String name) {
        assertEquals(name, new AbiNote(target, 2).targetName());
    }

    @Test
    void shouldHaveTypeWordsThatReadAsText() {
        assertEquals("ABI1", text(AbiNote.TYPE));
        assertEquals("MFT1", text(Manifest.TYPE));
        assertEquals("SEED", text(SeedNote.TYPE));
    }

    private static String text(int word) {
        StringBuilder text = new StringBuilder();
        for (int shift = 0; shift < 32; shift += 8) {
            text.append((char) (word >>> shift & 0xff));
        }
        return text.toString();
    }
}
