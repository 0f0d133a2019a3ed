package jukvm.image;

import static jukvm.image.ElfBuilder.ABI_NOTE;
import static jukvm.image.ElfBuilder.MANIFEST_NOTE;
import static jukvm.image.ElfBuilder.OPENBSD_NOTE;
import static jukvm.image.ElfBuilder.PT_NULL;
import static jukvm.image.ElfBuilder.abi;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.manifest;
import static jukvm.image.ElfBuilder.reserved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.abi.AbiNote;
import jukvm.abi.ManifestEntry;
import jukvm.error.ImageException;
import jukvm.image.ElfBuilder.Field;
import jukvm.image.ElfBuilder.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNotesTest {
    private static final int DESCSZ = 4;

    @TempDir private Path folder;

    /** What a file's notes are asked. */
    private interface Question<T> {
        T of(ImageNotes notes) throws IOException;
    }

    private <T> T ask(ElfBuilder image, Question<T> question) throws IOException {
        Path path = Files.write(folder.resolve("guest"), image.build());
        try (FileChannel file = FileChannel.open(path)) {
            return question.of(ImageNotes.of(file));
        }
    }

    private void assertRefused(String message, ElfBuilder image, Question<?> question) {
        ImageException e = assertThrows(ImageException.class, () -> ask(image, question));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 6, -1})
    void shouldReadNotesOfAnyTarget(int target) throws IOException {
        ElfBuilder image = hvt(abi(target, 7), manifest(reserved()));
        assertEquals(Optional.of(new AbiNote(target, 7)), ask(image, ImageNotes::abi));
        ByteBuffer content = ask(image, ImageNotes::manifest).orElseThrow();
        assertEquals(1, ManifestEntry.list(content).size());
    }

    @Test
    void shouldFindNoNoteWhereThereIsNone() throws IOException {
        assertEquals(Optional.empty(), ask(ElfBuilder.ukvm(), ImageNotes::abi));
        ElfBuilder noManifest = hvt().set(MANIFEST_NOTE, Field.TYPE, PT_NULL);
        assertEquals(Optional.empty(), ask(noManifest, ImageNotes::manifest));
        assertTrue(ask(noManifest, ImageNotes::abi).isPresent());
    }

    @Test
    void shouldFindNotesAfterOthersInOneHeader() throws IOException {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        notes.writeBytes(ElfBuilder.manifestNote(manifest(reserved())));
        notes.writeBytes(ElfBuilder.openBsdNote());
        notes.writeBytes(ElfBuilder.abiNote(abi(3, 7)));
        ElfBuilder image =
                ElfBuilder.ukvm().add(ElfBuilder.PT_NOTE, ElfBuilder.R, 0, notes.toByteArray(), 0);
        assertEquals(Optional.of(new AbiNote(3, 7)), ask(image, ImageNotes::abi));
        assertTrue(ask(image, ImageNotes::manifest).isPresent());
        image.set(2, Field.FILESZ, notes.size() - 1);
        assertRefused(
                "invalid executable: phdr[2] note does not fall within valid size (35 < 36)",
                image,
                ImageNotes::abi);
    }

    @Test
    void shouldSkipNoteTooShortForSolo5() throws IOException {
        ElfBuilder image = hvt().set(OPENBSD_NOTE, Field.FILESZ, 19);
        assertTrue(ask(image, ImageNotes::abi).isPresent());
    }

    @Test
    void shouldNotLookAtNotesAfterTheOneWanted() throws IOException {
        ElfBuilder image = hvt().set(MANIFEST_NOTE, Field.FILESZ, 0);
        assertTrue(ask(image, ImageNotes::abi).isPresent());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63})
    void shouldRefuseFileShorterThanHeader(int size) {
        assertRefused(
                "invalid executable: elf header does not match the expected size ("
                        + size
                        + " != 64)",
                hvt().resize(size),
                ImageNotes::abi);
    }

    @ParameterizedTest
    @CsvSource({
        "CLASS,1",
        "DATA,2",
        "TYPE,3",
        "MACHINE,183",
        "VERSION,2",
        "EHSIZE,63",
        "PHENTSIZE,55",
        "PHNUM,0"
    })
    void shouldRefuseHeader(Header field, int value) {
        assertRefused(
                "invalid executable: invalid or unsupported executable (elf header invalid while"
                        + " loading note)",
                hvt().set(field, value),
                ImageNotes::abi);
    }

    @Test
    void shouldRefuseProgramHeadersOutsideTheFile() {
        String message =
                "invalid executable: program header does not match the expected size (%d != 280"
                        + " while loading note)";
        assertRefused(message.formatted(136), hvt().resize(200), ImageNotes::abi);
        for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1 << 30}) {
            assertRefused(message.formatted(0), hvt().set(Header.PHOFF, offset), ImageNotes::abi);
        }
    }

    @Test
    void shouldRefuseNoteShorterThanItsHeader() {
        assertRefused(
                "invalid executable: phdr[2].p_filesz note does not fall within valid size"
                        + " (11 < 12)",
                hvt().set(OPENBSD_NOTE, Field.FILESZ, 11),
                ImageNotes::manifest);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 < 1 || 0 > 32",
        "33,33 < 1 || 33 > 32",
        "-1,4294967295 < 1 || 4294967295 > 32",
        "32,36 < 52"
    })
    void shouldRefuseDescriptor(int size, String comparison) {
        assertRefused(
                "invalid executable: phdr[3] note does not fall within valid size ("
                        + comparison
                        + ")",
                hvt().patchPart(ABI_NOTE, DESCSZ, size),
                ImageNotes::abi);
    }

    @ParameterizedTest
    @CsvSource({
        "6669,6669 < 1 || 6669 > 6668",
        "6668,136 < 6688",
    })
    void shouldRefuseManifestDescriptor(int size, String comparison) {
        assertRefused(
                "invalid executable: phdr[4] note does not fall within valid size ("
                        + comparison
                        + ")",
                hvt().patchPart(MANIFEST_NOTE, DESCSZ, size),
                ImageNotes::manifest);
    }

    @ParameterizedTest
    @CsvSource({"1,18446744073709551613", "3,18446744073709551615", "4,0"})
    void shouldRefuseDescriptorThatEndsInItsPadding(int size, String content) {
        assertRefused(
                "INV_EXE: phdr[4] note does not fall within valid size ("
                        + content
                        + " <= 0 || "
                        + content
                        + " > "
                        + size
                        + ")",
                hvt().patchPart(MANIFEST_NOTE, DESCSZ, size),
                ImageNotes::manifest);
    }

    @Test
    void shouldRefuseNoteOutsideTheFile() {
        ElfBuilder image = hvt();
        int end = image.build().length;
        for (long offset : new long[] {end, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertRefused(
                    "phdr[3] bytes read mismatches note size (0 != 20)",
                    hvt().set(ABI_NOTE, Field.OFFSET, offset),
                    ImageNotes::abi);
        }
        int note = image.offsetOf(ABI_NOTE);
        assertRefused(
                "phdr[3] bytes read mismatches note size (6 != 16)",
                image.resize(note + 26),
                ImageNotes::abi);
    }

    @Test
    void shouldRefuseAbiNoteWithoutVersion() {
        assertRefused(
                "Solo5 ABI note has 7 bytes of content, need at least 8",
                hvt().patchPart(ABI_NOTE, DESCSZ, 7),
                ImageNotes::abi);
    }
}
