package jukvm.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jukvm.abi.AbiNote;
import jukvm.abi.Dialect;
import jukvm.abi.Manifest;
import jukvm.abi.SeedNote;
import jukvm.error.ImageException;

/**
 * Solo5's notes in a file, and ours: each alone in a PT_NOTE of its own, as Solo5's linker scripts
 * place them, or after others in one, as linkers do that are given none.
 *
 * <pre>
 * namesz u32 @0, descsz u32 @4, type u32 @8, name "Solo5\0", or ours, padded to 8 @12, descriptor @20
 * </pre>
 *
 * The content begins at the next multiple of the note's alignment after the header.
 */
final class Notes {
    static final int HEADER_SIZE = 20;
    static final int MIN_SIZE = 12;
    static final int DESCRIPTOR_SIZE = 4;

    // Of a PT_NOTE: how many notes and words between them are looked at, however long it is.
    private static final int MAX_NOTES = 64;

    private static final String SOLO5 = "Solo5\0";
    private static final String OURS = "jukvm\0"; // As long, so its header is.

    private final ElfFile file;

    Notes(ElfFile file) {
        this.file = file;
    }

    /** Reads the first bytes of a note, {@link #HEADER_SIZE} of them. */
    interface Reader<E extends Exception> {
        /**
         * Returns them.
         *
         * @param at where the note begins, in bytes from the start of its PT_NOTE, inside it
         */
        ByteBuffer read(long at) throws E;
    }

    /**
     * Returns where in a PT_NOTE the notes of a kind begin, in bytes from its start. Each note
     * begins at a multiple of 4 after the one before it, or of 8 with a word of zero between.
     */
    static <E extends Exception> List<Long> starts(
            ProgramHeader header, Kind kind, Reader<E> reader) throws E {
        List<Long> starts = new ArrayList<>();
        long size = header.fileSize() < 0 ? Long.MAX_VALUE : header.fileSize();
        long at = 0;
        for (int i = 0; i < MAX_NOTES && at <= size - HEADER_SIZE; i++) {
            ByteBuffer note = reader.read(at);
            if (kind.isKindOf(note)) {
                starts.add(at);
            }
            long name = note.getInt(0) & 0xffffffffL;
            at +=
                    name == 0
                            ? Integer.BYTES
                            : MIN_SIZE + (name + 3 & -4) + (descriptorSize(note) + 3 & -4);
        }
        return starts;
    }

    /** Returns the size of a note's descriptor in bytes, from 0 to 2^32-1. */
    static long descriptorSize(ByteBuffer note) {
        return note.getInt(DESCRIPTOR_SIZE) & 0xffffffffL;
    }

    /** How one kind of note is laid out. */
    record Kind(String owner, String name, int type, int alignment, int maxDescriptor) {
        static final Kind ABI =
                new Kind(SOLO5, "ABI1", AbiNote.TYPE, AbiNote.ALIGNMENT, AbiNote.MAX_DESCRIPTOR);
        static final Kind MANIFEST =
                new Kind(SOLO5, "MFT1", Manifest.TYPE, Manifest.ALIGNMENT, Manifest.MAX_DESCRIPTOR);
        static final Kind SEED =
                new Kind(OURS, "SEED", SeedNote.TYPE, SeedNote.ALIGNMENT, SeedNote.MAX_DESCRIPTOR);

        /** Returns whether a note, of at least a header's size, is of this kind. */
        boolean isKindOf(ByteBuffer note) {
            byte[] found = new byte[owner.length()];
            note.get(12, found);
            return note.getInt(0) == found.length
                    && note.getInt(8) == type
                    && Arrays.equals(found, owner.getBytes(StandardCharsets.US_ASCII));
        }

        /** Returns where in a note its content begins, in bytes. */
        int start() {
            return (HEADER_SIZE + alignment - 1) & -alignment;
        }
    }

    /**
     * Returns the content of the first note of a kind.
     *
     * @throws ImageException if a note lies outside the file or claims an impossible size
     */
    Optional<ByteBuffer> find(Kind kind) {
        List<ByteBuffer> all = all(kind);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /**
     * Returns the manifest.
     *
     * @throws ImageException if there is none, or it is none that Solo5 has
     */
    Manifest manifest() {
        ByteBuffer content =
                find(Kind.MANIFEST)
                        .orElseThrow(
                                () ->
                                        ImageException.invalid(
                                                "No Solo5 manifest found in executable (no MFT1"
                                                        + " note)"));
        return Manifest.parse(content);
    }

    /**
     * Returns the dialect that an ABI note says.
     *
     * @throws ImageException if it is of none
     */
    static Dialect dialect(AbiNote abi) {
        if (abi.target() != AbiNote.HVT) {
            throw ImageException.invalid(
                    "Executable is not for the solo5-hvt target: built for the Solo5 target '"
                            + abi.targetName()
                            + "', need 'hvt'; rebuild it for hvt");
        }
        return Dialect.ofHvtVersion(abi.version())
                .orElseThrow(
                        () ->
                                ImageException.invalid(
                                        "Executable requests unsupported ABI version "
                                                + Integer.toUnsignedString(abi.version())
                                                + ", supported: 1, 2"));
    }

    /**
     * Returns where the guest is to be given random bytes, if it asks for some.
     *
     * @param segments of the image
     * @throws ImageException if the note is malformed, or the guest does not write there
     */
    Optional<SeedNote> seed(List<Segment> segments) {
        Optional<SeedNote> seed = find(Kind.SEED).map(SeedNote::parse);
        seed.ifPresent(found -> requireWritten(found.gpa(), segments));
        return seed;
    }

    private static void requireWritten(long gpa, List<Segment> segments) {
        for (Segment segment : segments) {
            long offset = gpa - segment.gpa();
            boolean isInside = offset >= 0 && offset <= segment.memorySize() - SeedNote.SIZE;
            if (segment.writable() && isInside && gpa % SeedNote.SIZE == 0) {
                return;
            }
        }
        throw ImageException.invalid(
                "SEED note says 0x"
                        + Long.toHexString(gpa)
                        + ", need the address of "
                        + SeedNote.SIZE
                        + " bytes in a writable segment, a multiple of "
                        + SeedNote.SIZE);
    }

    /** Returns how many notes of a kind there are. */
    int count(Kind kind) {
        return all(kind).size();
    }

    private List<ByteBuffer> all(Kind kind) {
        List<ByteBuffer> contents = new ArrayList<>();
        for (int i = 0; i < file.programHeaders(); i++) {
            ProgramHeader header = file.programHeader(i);
            if (header.type() == ElfFile.PT_NOTE) {
                checkInside(header);
                for (long at : starts(header, kind, start -> note(header, start))) {
                    contents.add(content(header, kind, at));
                }
            }
        }
        return contents;
    }

    private ByteBuffer note(ProgramHeader header, long at) {
        return file.bytes(header.offset() + at, HEADER_SIZE);
    }

    private void checkInside(ProgramHeader header) {
        long size = header.fileSize();
        if (Long.compareUnsigned(size, MIN_SIZE) < 0) {
            throw invalid(
                    header,
                    "note does not fall within valid size: has "
                            + size
                            + " bytes, need at least "
                            + MIN_SIZE);
        }
        if (!isInside(header)) {
            throw invalid(
                    header,
                    "is outside the file: offset "
                            + Long.toUnsignedString(header.offset())
                            + ", size "
                            + Long.toUnsignedString(size)
                            + ", file "
                            + file.size()
                            + " bytes");
        }
    }

    private ByteBuffer content(ProgramHeader header, Kind kind, long at) {
        long descriptor = descriptorSize(note(header, at));
        if (descriptor < 1 || descriptor > kind.maxDescriptor) {
            throw invalid(
                    header,
                    "note does not fall within valid size: "
                            + kind.name
                            + " descriptor has "
                            + descriptor
                            + " bytes, need 1 to "
                            + kind.maxDescriptor);
        }
        if (header.fileSize() - at < HEADER_SIZE + descriptor) {
            throw invalid(
                    header,
                    "note does not fall within valid size: has "
                            + (header.fileSize() - at)
                            + " bytes, its "
                            + kind.name
                            + " descriptor needs "
                            + (HEADER_SIZE + descriptor));
        }
        int start = kind.start();
        long length = HEADER_SIZE + descriptor - start;
        if (length <= 0) {
            throw invalid(
                    header,
                    "note does not fall within valid size: "
                            + kind.name
                            + " descriptor has "
                            + descriptor
                            + " bytes, none after its padding of "
                            + (start - HEADER_SIZE));
        }
        return file.bytes(header.offset() + at + start, length);
    }

    private boolean isInside(ProgramHeader header) {
        long offset = header.offset();
        long size = header.fileSize();
        return offset >= 0 && size >= 0 && size <= file.size() && offset <= file.size() - size;
    }

    private static ImageException invalid(ProgramHeader header, String fact) {
        return ImageException.invalid("program header " + header.index() + " (PT_NOTE) " + fact);
    }
}
