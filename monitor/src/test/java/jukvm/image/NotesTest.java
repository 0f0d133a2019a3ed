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
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.abi.AbiNote;
import jukvm.abi.Dialect;
import jukvm.image.ElfBuilder.Field;
import jukvm.image.ElfBuilder.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
                        "N01",
                        "no notes, placed as Linux programs are",
                        moved(ElfBuilder.empty().load(5, 0x400000, ElfBuilder.code(8), 8)),
                        "No Solo5 ABI information found in executable: no Solo5 ABI note, and"
                                + " placed at 0x400000",
                        "at 0x100000"),
                BadImage.of(
                        "N01",
                        "a manifest but no ABI note",
                        hvt().set(ABI_NOTE, Field.TYPE, PT_NULL),
                        "no Solo5 ABI note"),
                BadImage.of(
                        "N01",
                        "an ABI note but no manifest",
                        hvt().set(MANIFEST_NOTE, Field.TYPE, PT_NULL),
                        "No Solo5 manifest"),
                BadImage.of("N02", "spt", abiOf(2, 2), "'spt', need 'hvt'"),
                BadImage.of("N02", "virtio", abiOf(3, 2), "'virtio', need 'hvt'"),
                BadImage.of("N02", "muen", abiOf(4, 2), "'muen', need 'hvt'"),
                BadImage.of("N02", "genode", abiOf(5, 2), "'genode', need 'hvt'"),
                BadImage.of("N02", "xen", abiOf(6, 2), "'xen', need 'hvt'"),
                BadImage.of("N02", "0", abiOf(0, 2), "target 0', need 'hvt'"),
                BadImage.of("N02", "2^32-1", abiOf(-1, 2), "target 4294967295', need 'hvt'"),
                BadImage.of("N03", "version 0", abiOf(1, 0), "version 0, supported: 1, 2"),
                BadImage.of("N03", "version 99", abiOf(1, 99), "version 99, supported: 1, 2"),
                BadImage.of("N03", "version -1", abiOf(1, -1), "4294967295, supported: 1, 2"),
                descriptor("N04", ABI_NOTE, 0, "has 0 bytes, need 1 to 32"),
                descriptor("N04", ABI_NOTE, -1, "has 4294967295 bytes, need 1 to 32"),
                descriptor("N04", ABI_NOTE, 33, "has 33 bytes, need 1 to 32"),
                descriptor("N04", ABI_NOTE, 32, "has 36 bytes", "descriptor needs 52"),
                descriptor("N04", ABI_NOTE, 7, "has 7 bytes of content, need at least 8"),
                descriptor("N04", MANIFEST_NOTE, 0, "has 0 bytes, need 1 to 6668"),
                descriptor("N04", MANIFEST_NOTE, -1, "has 4294967295 bytes, need 1 to 6668"),
                descriptor("N04", MANIFEST_NOTE, 6669, "has 6669 bytes, need 1 to 6668"),
                descriptor("N05", MANIFEST_NOTE, 3, "has 3 bytes, none after its padding of 4"),
                descriptor("N05", MANIFEST_NOTE, 4, "has 4 bytes, none after its padding of 4"),
                descriptor("N05", MANIFEST_NOTE, 5, "has 1 bytes, need at least 8"),
                named("N06", "Solo6\0"),
                named("N06", "solo5\0"),
                BadImage.of(
                        "N06", "name size 5", hvt().patchPart(ABI_NOTE, 0, 5), "no Solo5 ABI note"),
                BadImage.of(
                        "N06",
                        "manifest's name size 7",
                        hvt().patchPart(MANIFEST_NOTE, 0, 7),
                        "No Solo5 manifest"),
                noteSize("N07", 0, "has 0 bytes, need at least 12"),
                noteSize("N07", 11, "has 11 bytes, need at least 12"),
                noteSize("N07", 19, "no Solo5 ABI note"),
                noteSize("N07", -1, "size 18446744073709551615, file " + size),
                BadImage.of(
                        "N08",
                        "straddles the end of the file",
                        hvt().set(ABI_NOTE, Field.OFFSET, size - 35),
                        "program header 3",
                        "outside the file: offset " + (size - 35) + ", size 36, file " + size),
                BadImage.of(
                        "N08",
                        "file cut inside the note",
                        hvt().resize(note + 35),
                        "outside the file: offset " + note + ", size 36, file " + (note + 35)),
                BadImage.of(
                        "N08",
                        "offset 2^63",
                        hvt().set(ABI_NOTE, Field.OFFSET, Long.MIN_VALUE),
                        "outside the file: offset 9223372036854775808, size 36, file " + size));
    }

    private static ElfBuilder moved(ElfBuilder image) {
        return image.set(Header.ENTRY, 0x400000);
    }

    private static BadImage descriptor(String id, int note, int size, String... facts) {
        String what = "descriptor size " + Integer.toUnsignedString(size) + " in header " + note;
        return BadImage.of(id, what, hvt().patchPart(note, DESCSZ, size), facts);
    }

    private static BadImage named(String id, String name) {
        ElfBuilder image =
                ukvm().add(PT_NOTE, R, 0, note(name, AbiNote.TYPE, abi(1, 2)), 0)
                        .add(PT_NOTE, R, 0, ElfBuilder.manifestNote(manifest(reserved())), 0);
        return BadImage.of(id, "name " + name.trim(), image, "no Solo5 ABI note");
    }

    private static BadImage noteSize(String id, long size, String fact) {
        String what = "note of " + Long.toUnsignedString(size) + " bytes";
        return BadImage.of(id, what, hvt().set(ABI_NOTE, Field.FILESZ, size), fact);
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

    @Test
    void shouldLookAtTheFirstNoteOfEachHeaderOnly() {
        ElfBuilder image =
                ukvm().add(PT_NOTE, R, 0, join(ElfBuilder.openBsdNote(), abiNote(abi(1, 2))), 0);
        assertEquals(Dialect.UKVM, image.parse().dialect());
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
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
