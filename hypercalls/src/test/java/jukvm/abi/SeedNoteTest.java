package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.error.ImageException;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeedNoteTest {
    private static final long GPA = 0x100040;

    private static ByteBuffer content(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void shouldParseItsAddress() {
        assertEquals(new SeedNote(GPA), SeedNote.parse(content(8).putLong(0, GPA)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void shouldRefuseContentTooShort(int size) {
        ImageException e = assertThrows(ImageException.class, () -> SeedNote.parse(content(size)));
        assertEquals(
                "SEED note has " + size + " bytes of content, need 8: an address", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "-2, 1", "-1, 1", "9223372036854775807, 1"})
    void shouldCountAndFillWhatFollows(long before, long after) {
        try (GuestMemory memory = GuestMemory.allocate(2L << 20)) {
            memory.putU64(GPA, before);
            new SeedNote(GPA)
                    .renew(
                            memory,
                            random -> {
                                assertEquals(56, random.remaining());
                                while (random.hasRemaining()) {
                                    random.put((byte) 0x5a);
                                }
                            });
            assertEquals(after, memory.u64(GPA));
            for (int i = 8; i < SeedNote.SIZE; i++) {
                assertEquals(0x5a, memory.u8(GPA + i));
            }
            assertEquals(0, memory.u8(GPA - 1));
            assertEquals(0, memory.u8(GPA + SeedNote.SIZE));
        }
    }
}
