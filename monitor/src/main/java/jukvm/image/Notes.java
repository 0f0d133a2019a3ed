package jukvm.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import jukvm.abi.AbiNote;
import jukvm.abi.Manifest;
import jukvm.error.ImageException;

/**
 * Solo5's notes in a file: each alone in a PT_NOTE of its own, of which only the first note counts.
 *
 * <pre>
 * namesz u32 @0, descsz u32 @4, type u32 @8, name "Solo5\0" padded to 8 @12, descriptor @20
 * </pre>
 *
 * The content begins at the next multiple of the note's alignment after the header.
 */
final class Notes {
    static final int HEADER_SIZE = 20;
    static final int MIN_SIZE = 12;
    static final int DESCRIPTOR_SIZE = 4;

    private static final byte[] NAME = "Solo5\0".getBytes(StandardCharsets.US_ASCII);

    private final ElfFile file;

    Notes(ElfFile file) {
        this.file = file;
    }

    /** How one kind of note is laid out. */
    record Kind(String name, int type, int alignment, int maxDescriptor) {
        static final Kind ABI =
                new Kind("ABI1", AbiNote.TYPE, AbiNote.ALIGNMENT, AbiNote.MAX_DESCRIPTOR);
        static final Kind MANIFEST =
                new Kind("MFT1", Manifest.TYPE, Manifest.ALIGNMENT, Manifest.MAX_DESCRIPTOR);

        /** Returns whether a note, of at least a header's size, is of this kind. */
        boolean isKindOf(ByteBuffer note) {
            byte[] found = new byte[NAME.length];
            note.get(12, found);
            return note.getInt(0) == NAME.length
                    && note.getInt(8) == type
                    && Arrays.equals(found, NAME);
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
        for (int i = 0; i < file.programHeaders(); i++) {
            ProgramHeader header = file.programHeader(i);
            if (header.type() == ElfFile.PT_NOTE) {
                Optional<ByteBuffer> content = content(header, kind);
                if (content.isPresent()) {
                    return content;
                }
            }
        }
        return Optional.empty();
    }

    /** Returns how many notes of a kind there are. */
    int count(Kind kind) {
        int count = 0;
        for (int i = 0; i < file.programHeaders(); i++) {
            ProgramHeader header = file.programHeader(i);
            if (header.type() == ElfFile.PT_NOTE && content(header, kind).isPresent()) {
                count++;
            }
        }
        return count;
    }

    /** Returns the content of a header's note, empty if the note is of another kind. */
    private Optional<ByteBuffer> content(ProgramHeader header, Kind kind) {
        checkInside(header);
        if (header.fileSize() < HEADER_SIZE) {
            return Optional.empty();
        }
        ByteBuffer note = file.bytes(header.offset(), header.fileSize());
        return kind.isKindOf(note)
                ? Optional.of(descriptor(header, kind, note.getInt(DESCRIPTOR_SIZE) & 0xffffffffL))
                : Optional.empty();
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

    private ByteBuffer descriptor(ProgramHeader header, Kind kind, long descriptor) {
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
        if (header.fileSize() < HEADER_SIZE + descriptor) {
            throw invalid(
                    header,
                    "note does not fall within valid size: has "
                            + header.fileSize()
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
        return file.bytes(header.offset() + start, length);
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
