package jukvm.image;

import static jukvm.image.ElfBuilder.DATA;
import static jukvm.image.ElfBuilder.DATA_GPA;
import static jukvm.image.ElfBuilder.DATA_MEMORY;
import static jukvm.image.ElfBuilder.DATA_SIZE;
import static jukvm.image.ElfBuilder.PT_INTERP;
import static jukvm.image.ElfBuilder.PT_NULL;
import static jukvm.image.ElfBuilder.R;
import static jukvm.image.ElfBuilder.TEXT;
import static jukvm.image.ElfBuilder.TEXT_GPA;
import static jukvm.image.ElfBuilder.TEXT_SIZE;
import static jukvm.image.ElfBuilder.W;
import static jukvm.image.ElfBuilder.X;
import static jukvm.image.ElfBuilder.data;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.ukvm;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.ElfBuilder.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentReaderTest {
    private static final Segment TEXT_SEGMENT =
            new Segment(TEXT, TEXT_GPA, hvt().offsetOf(TEXT), TEXT_SIZE, TEXT_SIZE, false, true);
    private static final Segment DATA_SEGMENT =
            new Segment(DATA, DATA_GPA, hvt().offsetOf(DATA), DATA_SIZE, DATA_MEMORY, true, false);

    @Test
    void shouldTakeSegmentsUpToTheEndsOfFileAndMemory() {
        long room = (4L << 30) - DATA_GPA;
        assertEquals(
                room, hvt().set(DATA, Field.MEMSZ, room).parse().segments().get(1).memorySize());
        int size = ukvm().build().length; // which has its headers in it, as some linkers do
        GuestImage whole =
                ukvm().set(DATA, Field.OFFSET, 0)
                        .set(DATA, Field.FILESZ, size)
                        .set(DATA, Field.MEMSZ, size)
                        .parse();
        assertEquals(
                new Segment(DATA, DATA_GPA, 0, size, size, true, false), whole.segments().get(1));
    }

    static Stream<BadImage> badSegments() {
        int size = hvt().build().length;
        return Stream.of(
                BadImage.of(
                        "more in file than in memory",
                        hvt().set(DATA, Field.MEMSZ, 15),
                        "segment 1",
                        "16 bytes in the file but 15 in memory"),
                BadImage.of(
                        "nothing in memory",
                        hvt().set(DATA, Field.MEMSZ, 0),
                        "16 bytes in the file but 0 in memory"),
                BadImage.of(
                        "memory of 2^64-1 bytes",
                        hvt().set(DATA, Field.MEMSZ, -1),
                        "18446744073709551615 bytes",
                        "at most 4294967296"),
                BadImage.of(
                        "memory up to 4 GiB and a byte",
                        hvt().set(DATA, Field.MEMSZ, (4L << 30) - DATA_GPA + 1),
                        (4L << 30) - DATA_GPA + 1 + " bytes from 0x101000",
                        "ends at 0x100000000"),
                at("0xf000", 0xf000, "is at 0xf000, below 0x100000"),
                at("0", 0, "is at 0x0, below 0x100000"),
                at("one byte below", 0xfffff, "is at 0xfffff, below 0x100000"),
                at("2^64-8", -8, "from 0xfffffffffffffff8", "ends at 0x100000000"),
                at("2^63", Long.MIN_VALUE, "from 0x8000000000000000", "ends at 0x1"),
                at("4 GiB", 4L << 30, "from 0x100000000", "ends at 0x100000000"),
                align(0, "has alignment 0, need a power of two"),
                align(3, "has alignment 3, need a power of two"),
                align(-1, "has alignment 18446744073709551615, need a power"),
                align(Long.MIN_VALUE, "0x0 when aligned to 9223372036854775808", "x100000"),
                align(2L << 20, "0x0 when aligned to 2097152 bytes, below 0x100000"),
                BadImage.of(
                        "alignment 1, address not of a page",
                        hvt().set(DATA, Field.ALIGN, 1).set(DATA, Field.VADDR, 0x101008),
                        "is at 0x101008 with alignment 1",
                        "4096 bytes"),
                BadImage.of(
                        "alignment 2048, address not of a page",
                        hvt().set(DATA, Field.ALIGN, 2048).set(DATA, Field.VADDR, 0x101800),
                        "is at 0x101800 with alignment 2048",
                        "4096 bytes"),
                at("in the page of text", 0x100800, "at 0x100000", "ends at 0x101000"),
                BadImage.of(
                        "text reaches into data",
                        hvt().set(TEXT, Field.MEMSZ, 0x1001),
                        "starts at 0x101000",
                        "ends at 0x102000"),
                BadImage.of(
                        "text after data",
                        hvt().set(TEXT, Field.VADDR, 0x200000),
                        "segment 1",
                        "starts at 0x101000",
                        "ends at 0x201000",
                        "ascend"),
                BadImage.of("W+X", hvt().set(DATA, Field.FLAGS, R | W | X), "WRITE and EX"),
                BadImage.of("W+X, no R", hvt().set(TEXT, Field.FLAGS, W | X), "WRITE and"),
                BadImage.of("no rights", hvt().set(DATA, Field.FLAGS, 0), "p_flags is 0"),
                BadImage.of("odd bits only", hvt().set(DATA, Field.FLAGS, 8), "no permiss"),
                offset(size - 15, "offset " + (size - 15)),
                offset(size, "offset " + size),
                offset(Long.MIN_VALUE, "offset 9223372036854775808"),
                offset(-1, "offset 18446744073709551615"),
                BadImage.of(
                        "4 GiB of bytes",
                        hvt().set(DATA, Field.MEMSZ, 3L << 30).set(DATA, Field.FILESZ, 3L << 30),
                        "3221225472 bytes, file " + size),
                BadImage.of(
                        "no PT_LOAD",
                        hvt().set(TEXT, Field.TYPE, PT_NULL).set(DATA, Field.TYPE, PT_NULL),
                        "no loadable segment"),
                BadImage.of(
                        "only empty ones",
                        empty(hvt(), TEXT).set(DATA, Field.TYPE, PT_NULL),
                        "no loadable segment"));
    }

    private static BadImage at(String what, long gpa, String... facts) {
        return BadImage.of("at " + what, hvt().set(DATA, Field.VADDR, gpa), facts);
    }

    private static BadImage align(long align, String... facts) {
        String what = "alignment " + Long.toUnsignedString(align);
        return BadImage.of(what, hvt().set(DATA, Field.ALIGN, align), facts);
    }

    private static BadImage offset(long offset, String fact) {
        String what = "offset " + Long.toUnsignedString(offset);
        String file = "16 bytes, file " + hvt().build().length + " bytes";
        return BadImage.of(what, hvt().set(DATA, Field.OFFSET, offset), fact, file);
    }

    private static ElfBuilder empty(ElfBuilder image, int index) {
        return image.set(index, Field.FILESZ, 0)
                .set(index, Field.MEMSZ, 0)
                .set(index, Field.VADDR, 0);
    }

    @ParameterizedTest
    @MethodSource("badSegments")
    void shouldRefuseWithTheNumberThatIsWrong(BadImage bad) {
        bad.assertRefused();
    }

    @Test
    void shouldReadSegmentsOfHvtGuest() {
        assertEquals(List.of(TEXT_SEGMENT, DATA_SEGMENT), hvt().parse().segments());
        assertEquals("R E", TEXT_SEGMENT.rights());
        assertEquals("RW ", DATA_SEGMENT.rights());
        assertEquals(0x103000, hvt().parse().end());
    }

    @Test
    void shouldPlaceHvtGuestByVirtualAddressAndUkvmGuestByPhysical() {
        GuestImage hvt = hvt().set(DATA, Field.PADDR, 0x555000).parse();
        assertEquals(DATA_GPA, hvt.segments().get(DATA).gpa());
        GuestImage ukvm = ukvm().set(DATA, Field.VADDR, 0x555000).parse();
        assertEquals(DATA_GPA, ukvm.segments().get(DATA).gpa());
    }

    @ParameterizedTest(name = "P05 image up to 0x{0} in {1} MiB needs {2} MiB")
    @CsvSource({
        "1400000, 16, 21", // image to 20 MiB, and a stack
        "200000, 2, 3",
        "1fffff, 2, 3",
        "1fefff, 2, 0",
        "1ff000, 2, 0", // one page is left for the stack
        "1ff001, 2, 3",
        "fffff000, 4096, 0",
        "100000000, 4096, 4097"
    })
    void shouldTellWhatMemoryTheImageNeeds(String end, long mebibytes, long needed) {
        long size = Long.parseLong(end, 16) - DATA_GPA;
        GuestImage image = hvt().set(DATA, Field.MEMSZ, size).parse();
        if (needed == 0) {
            image.requireFits(mebibytes << 20);
            return;
        }
        ConfigException e =
                assertThrows(ConfigException.class, () -> image.requireFits(mebibytes << 20));
        String message = e.getMessage();
        assertTrue(message.startsWith(ElfBuilder.NAME + ": guest needs " + needed + " MiB"));
        assertTrue(
                message.contains("given " + mebibytes + " MiB; raise GuestSpec.memory"), message);
    }

    @Test
    void shouldCountZeroMemoryWithoutBytesWhenAskedWhetherImageFits() {
        // solo5-hvt does not look at such a segment, which may then lie over the stack.
        GuestImage image = hvt().load(R | W, 0x1ff000, new byte[0], 0x1000).parse();
        assertThrows(ConfigException.class, () -> image.requireFits(2L << 20));
        image.requireFits(4L << 20);
    }

    @Test
    void shouldRefuseMoreMemoryThanTheDialectKnows() {
        ConfigException hvt =
                assertThrows(ConfigException.class, () -> hvt().parse().requireFits(4098L << 20));
        assertTrue(hvt.getMessage().contains("4098 MiB exceeds the 4096 MiB"), hvt.getMessage());
        ConfigException ukvm =
                assertThrows(ConfigException.class, () -> ukvm().parse().requireFits(1026L << 20));
        assertTrue(ukvm.getMessage().contains("1026 MiB exceeds the 1024 MiB"), ukvm.getMessage());
        ukvm().parse().requireFits(1024L << 20);
    }

    @Test
    void shouldAcceptAlignmentOfOneAtPageAddress() {
        GuestImage p08 = hvt().set(DATA, Field.ALIGN, 1).parse();
        assertEquals(List.of(TEXT_SEGMENT, DATA_SEGMENT), p08.segments());
    }

    @Test
    void shouldCountZeroMemoryWithoutBytesInTheEnd() {
        GuestImage p15 = hvt().load(R | W, 0x110000, new byte[0], 0x2001).parse();
        assertEquals(3, p15.segments().size());
        Segment bss = p15.segments().get(2);
        assertEquals(new Segment(5, 0x110000, 0, 0, 0x2001, true, false), bss);
        assertEquals(0x113000, p15.end());
    }

    @Test
    void shouldLetZeroMemoryShareTheLastPageOfData() {
        GuestImage image = hvt().load(R | W, 0x102800, new byte[0], 0x100).parse();
        assertEquals(0x102800, image.segments().get(2).gpa());
        assertEquals(0x103000, image.end());
    }

    @Test
    void shouldIgnoreOffsetOfSegmentWithoutBytes() {
        ElfBuilder image = hvt().load(R | W, 0x110000, new byte[0], 1);
        assertEquals(0, image.set(5, Field.OFFSET, -1).parse().segments().get(2).fileOffset());
    }

    // solo5-hvt does not look at a segment without bytes, whatever its header says.
    @ParameterizedTest
    @CsvSource({
        "0, 6, 4096",
        "ff000, 6, 4096",
        "102000, 0, 4096",
        "102000, 7, 4096",
        "100000, 7, 4096",
        "102000, 6, 0",
        "102000, 6, 3",
        "102800, 6, 1",
        "110000, 6, 40000000"
    })
    void shouldTakeAnySegmentWithoutBytes(String gpa, int flags, String align) {
        byte[] nothing = {};
        GuestImage image =
                hvt().load(flags, Long.parseLong(gpa, 16), nothing, 0x800)
                        .set(5, Field.ALIGN, Long.parseLong(align, 16))
                        .parse();
        assertEquals(3, image.segments().size());
        assertFalse(image.segments().get(2).hasAllRights());
        assertEquals(List.of(), image.warnings());
        image.requireFits(4L << 20);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 1, 0x80, 2L << 20, -1})
    void shouldTakeAnyAlignmentOfUkvmGuest(long align) {
        GuestImage image =
                ukvm().set(TEXT, Field.ALIGN, align).set(DATA, Field.ALIGN, align).parse();
        assertEquals(0x103000, image.end());
        GuestImage odd =
                ukvm().set(DATA, Field.PADDR, 0x101234).set(DATA, Field.ALIGN, align).parse();
        assertEquals(0x101234, odd.segments().get(1).gpa());
    }

    @Test
    void shouldLetUkvmGuestHaveAllRightsAndWarn() {
        GuestImage image = ukvm().set(TEXT, Field.FLAGS, R | W | X).parse();
        assertTrue(image.segments().get(0).hasAllRights());
        assertEquals(List.of("segment 0 requests WRITE and EXEC permissions"), image.warnings());
    }

    @Test
    void shouldTakeSegmentsOfUkvmGuestInAnyOrder() {
        GuestImage image =
                ukvm().load(R, 0xa00000, data(8), 8).load(R, 0x200000, data(8), 8).parse();
        assertEquals(
                List.of(TEXT_GPA, DATA_GPA, 0x200000L, 0xa00000L),
                image.segments().stream().map(Segment::gpa).toList());
    }

    // Below 1 MiB are the tables by which the guest itself is kept in.
    @Test
    void shouldRefuseUkvmGuestWhereTheMonitorIs() {
        BadImage.of("below", ukvm().set(DATA, Field.PADDR, 0x2000), "at 0x2000, below 0x10")
                .assertRefused();
        BadImage.of("overlap", ukvm().set(DATA, Field.PADDR, 0x100800), "share pages")
                .assertRefused();
    }

    private static ElfBuilder with65534(long memory) {
        ElfBuilder image = hvt();
        byte[] nothing = {};
        while (image.count() < 65534) {
            image.load(R | W, 0x200000, nothing, memory);
        }
        return image;
    }

    @Test
    void shouldRefuseManySegmentsOfZeroMemory() {
        ImageException e = assertThrows(ImageException.class, with65534(4096)::parse);
        assertTrue(e.getMessage().contains("more than 64 loadable segments"), e.getMessage());
    }

    @Test
    void shouldAcceptManyEmptySegments() {
        List<Segment> segments = with65534(0).parse().segments();
        assertEquals(2, segments.size());
        assertEquals(TEXT_GPA, segments.get(0).gpa());
        assertEquals(DATA_GPA, segments.get(1).gpa());
    }

    @Test
    void shouldIgnoreInterpreter() {
        byte[] path = "/lib64/ld-linux-x86-64.so.2\0".getBytes(StandardCharsets.US_ASCII);
        GuestImage p19 = hvt().add(PT_INTERP, R, 0, path, path.length).parse();
        assertEquals(2, p19.segments().size());
        GuestImage outside = hvt().add(PT_INTERP, R, 0, path, 0).set(5, Field.OFFSET, -1).parse();
        assertEquals(2, outside.segments().size());
    }

    @Test
    void shouldAcceptSegmentThatEndsAtFourGibibytes() {
        GuestImage image = hvt().load(R, (4L << 30) - 0x1000, data(8), 0x1000).parse();
        assertEquals(4L << 30, image.end());
    }
}
