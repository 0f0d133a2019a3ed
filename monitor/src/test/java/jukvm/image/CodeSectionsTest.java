package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which bytes of an image are looked through for instructions, by its section headers. */
final class CodeSectionsTest {
    private static final int PROGBITS = 1;
    private static final int NOBITS = 8;
    private static final int ALLOC = 2;
    private static final int EXEC = 4;
    private static final int SIZE = ElfBuilder.TEXT_SIZE;

    private record Section(int type, int flags, long offset, long size) {}

    private final ElfBuilder guest = ElfBuilder.hvt();
    private final int text = guest.offsetOf(ElfBuilder.TEXT);
    private final List<Section> sections = new ArrayList<>();

    private CodeSectionsTest with(int type, int flags, long offset, long size) {
        sections.add(new Section(type, flags, offset, size));
        return this;
    }

    private CodeSectionsTest withCode(long from, long size) {
        return with(PROGBITS, ALLOC | EXEC, text + from, size);
    }

    /** Returns the code found: its first byte in the segment and its length. */
    private List<String> found() {
        byte[] elf = guest.build();
        int headers = (elf.length + 7) & -8;
        ByteBuffer at =
                ByteBuffer.allocate(headers + sections.size() * 64).order(ByteOrder.LITTLE_ENDIAN);
        at.put(0, elf).putLong(40, headers);
        at.putShort(58, (short) 64).putShort(60, (short) sections.size());
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            int header = headers + i * 64;
            at.putInt(header + 4, section.type).putLong(header + 8, section.flags);
            at.putLong(header + 24, section.offset).putLong(header + 32, section.size);
        }
        List<String> found = new ArrayList<>();
        for (Segment part : GuestImage.of("guest", at.array()).code()) {
            long from = part.gpa() - ElfBuilder.TEXT_GPA;
            assertEquals(part.fileOffset() - text, from);
            assertEquals(part.fileSize(), part.memorySize());
            found.add(from + "+" + part.fileSize());
        }
        return found;
    }

    @Test
    void shouldTakeAllOfASegmentWithoutSections() {
        assertEquals(List.of("0+" + SIZE), found());
    }

    @Test
    void shouldTakeSectionsOfCodeByTheirPlace() {
        withCode(16, 8).withCode(0, 4).with(PROGBITS, ALLOC, text + 4, 4).withCode(8, 8);
        assertEquals(List.of("0+4", "8+8", "16+8"), found());
    }

    @Test
    void shouldTakeNoByteTwice() {
        withCode(8, 8).withCode(0, 9).withCode(9, 2).withCode(10, 2).withCode(11, 1);
        assertEquals(List.of("0+9", "9+2", "11+1"), found());
    }

    @Test
    void shouldTakeASectionThatIsTheSegment() {
        assertEquals(List.of("0+" + SIZE), withCode(0, SIZE).found());
        assertEquals(List.of("0+" + SIZE), withCode(4, 4).found());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-1, 8",
        "17, 8",
        "24, 1",
        "0, 25",
        "4, -1",
        "4, 9223372036854775807",
        "9223372036854775000, 8",
        "24, 16" // of data
    })
    void shouldPassOverSectionsThatAreNotInTheSegment(long from, long size) {
        assertEquals(List.of("0+" + SIZE), withCode(from, size).found());
    }

    @Test
    void shouldPassOverSectionsThatAreNoCode() {
        with(PROGBITS, ALLOC, text, 8).with(NOBITS, ALLOC | EXEC, text, 8);
        assertEquals(List.of("0+" + SIZE), found());
    }
}
