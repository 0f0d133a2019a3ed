package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries are function, index, flags, eax, ebx, ecx, edx, of 32 bits each. */
final class CpuidTableTest {
    private static final CpuidTable.Answer NOTHING = new CpuidTable.Answer(0, 0, 0, 0);

    private static byte[] entries(int... words) {
        ByteBuffer at = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        at.asIntBuffer().put(words);
        return at.array();
    }

    @Test
    void shouldAnswerByFunctionAndWhereItSaysSoByIndex() {
        CpuidTable table =
                new CpuidTable(
                        entries(
                                0,
                                0,
                                0,
                                1,
                                2,
                                3,
                                4, //
                                7,
                                0,
                                1,
                                5,
                                6,
                                7,
                                8, //
                                7,
                                1,
                                1,
                                9,
                                10,
                                11,
                                12, //
                                0x80000000,
                                0,
                                0,
                                13,
                                14,
                                15,
                                16));
        assertEquals(new CpuidTable.Answer(1, 2, 3, 4), table.answer(0, 0));
        assertEquals(new CpuidTable.Answer(1, 2, 3, 4), table.answer(0, 5));
        assertEquals(new CpuidTable.Answer(5, 6, 7, 8), table.answer(7, 0));
        assertEquals(new CpuidTable.Answer(9, 10, 11, 12), table.answer(7, 1));
        assertEquals(NOTHING, table.answer(7, 2));
        assertEquals(new CpuidTable.Answer(13, 14, 15, 16), table.answer(0x80000000, -1));
        assertEquals(NOTHING, table.answer(1, 0));
        assertEquals(NOTHING, new CpuidTable(new byte[0]).answer(0, 0));
    }

    @Test
    void shouldNotTellOfWhatDiffersFromRunToRun() {
        byte[] all =
                entries(
                        1, 0, 0, -1, -1, -1, -1, //
                        7, 0, 1, -1, -1, -1, -1, //
                        13, 0, 1, -1, -1, -1, -1);
        CpuidTable table = CpuidTable.predictable(all);
        // RDRAND and OSXSAVE; HLE, RTM and RDSEED
        assertEquals(new CpuidTable.Answer(-1, -1, 0xb7ffffff, -1), table.answer(1, 0));
        assertEquals(new CpuidTable.Answer(-1, 0xfffbf7ef, -1, -1), table.answer(7, 0));
        assertEquals(new CpuidTable.Answer(-1, -1, -1, -1), table.answer(13, 0));
        assertArrayEquals(all, table.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 27, 29, 257 * 28})
    void shouldRefuseWhatIsNoTable(int size) {
        assertEquals(
                size + " bytes of CPUID",
                assertThrows(IllegalArgumentException.class, () -> new CpuidTable(new byte[size]))
                        .getMessage());
        assertEquals(256 * 28, new CpuidTable(new byte[256 * 28]).bytes().length);
    }
}
