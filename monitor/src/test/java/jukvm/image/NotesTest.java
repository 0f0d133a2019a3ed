package jukvm.image;

import static jukvm.image.ElfBuilder.ABI_NOTE;
import static jukvm.image.ElfBuilder.MANIFEST_NOTE;
import static jukvm.image.ElfBuilder.PT_NOTE;
import static jukvm.image.ElfBuilder.PT_NULL;
import static jukvm.image.ElfBuilder.R;
import static jukvm.image.ElfBuilder.abi;
import static jukvm.image.ElfBuilder.abiNote;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.manifest;
import static jukvm.image.ElfBuilder.note;
import static jukvm.image.ElfBuilder.reserved;
import static jukvm.image.ElfBuilder.ukvm;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.abi.AbiNote;
import jukvm.abi.Dialect;
import jukvm.abi.SeedNote;
import jukvm.error.ImageException;
import jukvm.image.ElfBuilder.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotesTest {
    private static final int DESCSZ = 4;

    private static ElfBuilder abiOf(int target, int version) {
        return hvt(abi(target, version), manifest(reserved()));
    }

    static Stream<BadImage> badNotes() {
        int size = hvt().build().length;
        int note = hvt().offsetOf(ABI_NOTE);
        return Stream.of(
                BadImage.of(
                        "a manifest but no ABI note",
                        hvt().set(ABI_NOTE, Field.TYPE, PT_NULL),
                        "no Solo5 ABI note"),
                BadImage.of(
                        "an ABI note but no manifest",
                        hvt().set(MANIFEST_NOTE, Field.TYPE, PT_NULL),
                        "No Solo5 manifest"),
                BadImage.of("spt", abiOf(2, 2), "'spt', need 'hvt'"),
                BadImage.of("virtio", abiOf(3, 2), "'virtio', need 'hvt'"),
                BadImage.of("muen", abiOf(4, 2), "'muen', need 'hvt'"),
                BadImage.of("genode", abiOf(5, 2), "'genode', need 'hvt'"),
                BadImage.of("xen", abiOf(6, 2), "'xen', need 'hvt'"),
                BadImage.of("0", abiOf(0, 2), "target 0', need 'hvt'"),
                BadImage.of("2^32-1", abiOf(-1, 2), "target 4294967295', need 'hvt'"),
                BadImage.of("version 0", abiOf(1, 0), "version 0, supported: 1, 2"),
                BadImage.of("version 99", abiOf(1, 99), "version 99, supported: 1, 2"),
                BadImage.of("version -1", abiOf(1, -1), "4294967295, supported: 1, 2"),
                descriptor(ABI_NOTE, 0, "has 0 bytes, need 1 to 32"),
                descriptor(ABI_NOTE, -1, "has 4294967295 bytes, need 1 to 32"),
                descriptor(ABI_NOTE, 33, "has 33 bytes, need 1 to 32"),
                descriptor(ABI_NOTE, 32, "has 36 bytes", "descriptor needs 52"),
                descriptor(ABI_NOTE, 7, "has 7 bytes of content, need at least 8"),
                descriptor(MANIFEST_NOTE, 0, "has 0 bytes, need 1 to 6668"),
                descriptor(MANIFEST_NOTE, -1, "has 4294967295 bytes, need 1 to 6668"),
                descriptor(MANIFEST_NOTE, 6669, "has 6669 bytes, need 1 to 6668"),
                descriptor(MANIFEST_NOTE, 3, "has 3 bytes, none after its padding of 4"),
                descriptor(MANIFEST_NOTE, 4, "has 4 bytes, none after its padding of 4"),
                descriptor(MANIFEST_NOTE, 5, "has 1 bytes, need at least 8"),
                named("Solo6\0"),
                named("solo5\0"),
                BadImage.of("name size 5", hvt().patchPart(ABI_NOTE, 0, 5), "no Solo5 ABI note"),
                BadImage.of(
                        "manifest's name size 7",
                        hvt().patchPart(MANIFEST_NOTE, 0, 7),
                        "No Solo5 manifest"),
                noteSize(0, "has 0 bytes, need at least 12"),
                noteSize(11, "has 11 bytes, need at least 12"),
                noteSize(19, "no Solo5 ABI note"),
                noteSize(-1, "size 18446744073709551615, file " + size),
                BadImage.of(
                        "straddles the end of the file",
                        hvt().set(ABI_NOTE, Field.OFFSET, size - 35),
                        "program header 3",
                        "outside the file: offset " + (size - 35) + ", size 36, file " + size),
                BadImage.of(
                        "file cut inside the note",
                        hvt().resize(note + 35),
                        "outside the file: offset " + note + ", size 36, file " + (note + 35)),
                BadImage.of(
                        "offset 2^63",
                        hvt().set(ABI_NOTE, Field.OFFSET, Long.MIN_VALUE),
                        "outside the file: offset 9223372036854775808, size 36, file " + size));
    }

    private static final long SEED = (ElfBuilder.DATA_GPA + 63) & -64;

    private static ElfBuilder seeded(ElfBuilder guest, long gpa) {
        return guest.add(PT_NOTE, R, 0, seedNote(gpa), 0);
    }

    private static byte[] seedNote(long gpa) {
        byte[] address = new byte[Long.BYTES];
        ByteBuffer.wrap(address).order(ByteOrder.LITTLE_ENDIAN).putLong(0, gpa);
        return note("jukvm\0", SeedNote.TYPE, address);
    }

    @Test
    void shouldFindASeedInGuestsOfAnyDialect() {
        assertEquals(Optional.empty(), hvt().parse().seed());
        long last = ElfBuilder.DATA_GPA + ElfBuilder.DATA_MEMORY - 64;
        for (long gpa : new long[] {SEED, SEED + 64, last}) {
            assertEquals(Optional.of(new SeedNote(gpa)), seeded(hvt(), gpa).parse().seed());
            assertEquals(Optional.of(new SeedNote(gpa)), seeded(ukvm(), gpa).parse().seed());
        }
        ElfBuilder anothers =
                hvt().add(PT_NOTE, R, 0, note("juKvm\0", SeedNote.TYPE, new byte[8]), 0);
        assertEquals(Optional.empty(), anothers.parse().seed());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                -64,
                Long.MIN_VALUE,
                ElfBuilder.TEXT_GPA,
                ElfBuilder.DATA_GPA - 64,
                ElfBuilder.DATA_GPA + 8,
                ElfBuilder.DATA_GPA + ElfBuilder.DATA_MEMORY - 63,
                ElfBuilder.DATA_GPA + ElfBuilder.DATA_MEMORY,
                1L << 32
            })
    void shouldRefuseASeedWhereTheGuestDoesNotWrite(long gpa) {
        ImageException e = assertThrows(ImageException.class, () -> seeded(hvt(), gpa).parse());
        assertEquals(
                "guest.hvt: SEED note says 0x"
                        + Long.toHexString(gpa)
                        + ", need the address of 64 bytes in a writable segment, a multiple of 64",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 9, -1})
    void shouldRefuseASeedOfAnotherLength(int size) {
        ElfBuilder guest = seeded(hvt(), SEED);
        ElfBuilder bad = guest.patchPart(guest.count() - 1, DESCSZ, size);
        ImageException e = assertThrows(ImageException.class, bad::parse);
        assertTrue(e.getMessage().matches(".*SEED (note|descriptor) has .*"), e.getMessage());
    }

    private static GuestImage unmarkedAt(long gpa) {
        return ElfBuilder.empty().load(5, gpa, ElfBuilder.code(8), 8).parse();
    }

    @Test
    void shouldTakeAnUnmarkedProgramForAGuestOnlyIfTold() {
        GuestImage image = unmarkedAt(0x400000);
        ImageException e =
                assertThrows(ImageException.class, () -> image.requireDialect(image.dialect()));
        String start =
                "guest.hvt: No Solo5 ABI information found in executable: no Solo5 ABI note, and"
                        + " placed at 0x400000 where older guests are at 0x100000";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertTrue(e.getMessage().contains("GuestSpec.dialect"), e.getMessage());
        image.requireDialect(Dialect.UKVM_0_2);
        image.requireDialect(Dialect.UKVM_0_3);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x100000, 0xa00000, 0xa01000})
    void shouldKnowWhereUnmarkedGuestsAre(long gpa) {
        unmarkedAt(gpa).requireDialect(Dialect.UKVM);
    }

    private static BadImage descriptor(int note, int size, String... facts) {
        String what = "descriptor size " + Integer.toUnsignedString(size) + " in header " + note;
        return BadImage.of(what, hvt().patchPart(note, DESCSZ, size), facts);
    }

    private static BadImage named(String name) {
        ElfBuilder image =
                ukvm().add(PT_NOTE, R, 0, note(name, AbiNote.TYPE, abi(1, 2)), 0)
                        .add(PT_NOTE, R, 0, ElfBuilder.manifestNote(manifest(reserved())), 0);
        return BadImage.of("name " + name.trim(), image, "no Solo5 ABI note");
    }

    private static BadImage noteSize(long size, String fact) {
        String what = "note of " + Long.toUnsignedString(size) + " bytes";
        return BadImage.of(what, hvt().set(ABI_NOTE, Field.FILESZ, size), fact);
    }

    @ParameterizedTest
    @MethodSource("badNotes")
    void shouldRefuseWithTheNumberThatIsWrong(BadImage bad) {
        bad.assertRefused();
    }

    @Test
    void shouldReadNotesOfHvtGuest() {
        GuestImage image = hvt().parse();
        assertEquals(Optional.of(new AbiNote(AbiNote.HVT, 2)), image.abi());
        assertEquals(Dialect.HVT_2, image.dialect());
        assertEquals(List.of(), image.warnings());
    }

    @Test
    void shouldTakeGuestWithoutNotesAtOneMebibyteForUkvm() {
        GuestImage image = ukvm().parse();
        assertEquals(Optional.empty(), image.abi());
        assertEquals(Dialect.UKVM, image.dialect());
        assertEquals(List.of(), image.manifest().devices());
    }

    @Test
    void shouldTakeTheFirstOfTwoNotesThatDisagreeAndWarn() {
        GuestImage n09 = hvt().add(PT_NOTE, R, 0, abiNote(abi(2, 7)), 0).parse();
        assertEquals(Optional.of(new AbiNote(AbiNote.HVT, 2)), n09.abi());
        assertEquals(1, n09.warnings().size());
        String warning = n09.warnings().get(0);
        assertTrue(warning.contains("more than one Solo5 ABI note; the first counts"), warning);
    }

    /** Returns a note as linkers place those of GNU, with a descriptor of so many bytes. */
    private static byte[] gnuNote(int descriptor) {
        byte[] note = note("GNU\0", 3, new byte[descriptor]);
        // A name of 4 bytes has no padding.
        byte[] packed = Arrays.copyOf(note, note.length - 4);
        System.arraycopy(note, 20, packed, 16, descriptor);
        return packed;
    }

    private static byte[] padded(byte[] note, int alignment) {
        return Arrays.copyOf(note, (note.length + alignment - 1) & -alignment);
    }

    static Stream<List<byte[]>> notesOfOneHeader() {
        byte[] abi = abiNote(abi(1, 2));
        byte[] manifest = ElfBuilder.manifestNote(manifest(reserved()));
        byte[] openBsd = ElfBuilder.openBsdNote();
        return Stream.of(
                List.of(abi, manifest),
                List.of(padded(abi, 8), manifest),
                List.of(manifest, abi),
                List.of(padded(manifest, 8), abi),
                List.of(manifest, gnuNote(20), abi),
                List.of(padded(gnuNote(7), 4), padded(abi, 8), gnuNote(16), manifest),
                List.of(openBsd, abi, manifest));
    }

    @ParameterizedTest
    @MethodSource("notesOfOneHeader")
    void shouldFindNotesAfterOthersInOneHeader(List<byte[]> notes) {
        GuestImage image = ukvm().add(PT_NOTE, R, 0, join(notes), 0).parse();
        assertEquals(Dialect.HVT_2, image.dialect());
        assertEquals(List.of(), image.warnings());
    }

    @Test
    void shouldCheckNotesAfterOthersInOneHeader() {
        byte[] abi = abiNote(abi(1, 2));
        byte[] both = join(List.of(abi, ElfBuilder.manifestNote(manifest(reserved()))));
        ElfBuilder cut = ukvm().add(PT_NOTE, R, 0, both, 0).set(2, Field.FILESZ, 36 + 135);
        ImageException e = assertThrows(ImageException.class, cut::parse);
        assertTrue(e.getMessage().contains("has 135 bytes, its MFT1 descriptor"), e.getMessage());
        both[4] = (byte) 255; // The first is longer than all of it: nothing comes after.
        both[5] = (byte) 255;
        BadImage.of("long", ukvm().add(PT_NOTE, R, 0, both, 0), "65535 bytes").assertRefused();
    }

    @Test
    void shouldWarnOfTwoAbiNotesInOneHeaderToo() {
        byte[] twice = join(List.of(abiNote(abi(1, 2)), abiNote(abi(1, 1))));
        byte[] manifest = ElfBuilder.manifestNote(manifest(reserved()));
        GuestImage image =
                ukvm().add(PT_NOTE, R, 0, twice, 0).add(PT_NOTE, R, 0, manifest, 0).parse();
        assertEquals(Dialect.HVT_2, image.dialect());
        assertEquals(1, image.warnings().size());
    }

    // However much of it there is, and however many headers show it.
    @Test
    void shouldNotLookForNotesForLong() {
        ElfBuilder image = ukvm().add(PT_NOTE, R, 0, new byte[32 << 20], 0);
        byte[] nothing = {};
        while (image.count() < 2000) {
            image.add(PT_NOTE, R, 0, nothing, 0);
        }
        for (int i = 3; i < image.count(); i++) {
            image.set(i, Field.OFFSET, image.offsetOf(2)).set(i, Field.FILESZ, 32 << 20);
        }
        assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> assertEquals(Dialect.UKVM, image.parse().dialect()));
    }

    private static byte[] join(List<byte[]> notes) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        notes.forEach(joined::writeBytes);
        return joined.toByteArray();
    }

    @Test
    void shouldIgnoreAlignmentOfNoteHeaders() {
        GuestImage image =
                hvt().set(ABI_NOTE, Field.ALIGN, 0).set(MANIFEST_NOTE, Field.ALIGN, -1).parse();
        assertEquals(Dialect.HVT_2, image.dialect());
    }

    @Test
    void shouldAcceptNoteThatEndsWithTheFile() {
        ElfBuilder image =
                ukvm().add(PT_NOTE, R, 0, ElfBuilder.manifestNote(manifest(reserved())), 0)
                        .add(PT_NOTE, R, 0, abiNote(new byte[] {1, 0, 0, 0, 2, 0, 0, 0}), 0);
        int end = image.offsetOf(3) + 28;
        assertEquals(Dialect.HVT_2, image.resize(end).parse().dialect());
    }
}
