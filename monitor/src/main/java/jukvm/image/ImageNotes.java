package jukvm.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import jukvm.abi.AbiNote;
import jukvm.error.ImageException;

/**
 * The notes of a Solo5 executable of any target, which need not be one that can run here. Only the
 * headers and the notes are read, and refusals are in the words of Solo5's own tools.
 *
 * <p>Every byte of the file is hostile.
 */
public final class ImageNotes {
    private final FileChannel file;
    private final ByteBuffer table;

    private ImageNotes(FileChannel file) throws IOException {
        this.file = file;
        this.table = table(file, header(file));
    }

    /**
     * Reads the headers of an executable.
     *
     * @param file open for reading; it must stay so
     * @throws ImageException if it is not an executable for this machine
     * @throws IOException if the host cannot read it
     */
    public static ImageNotes of(FileChannel file) throws IOException {
        return new ImageNotes(file);
    }

    private static ByteBuffer header(FileChannel file) throws IOException {
        ByteBuffer header = read(file, 0, ElfFile.HEADER_SIZE);
        if (header.capacity() != ElfFile.HEADER_SIZE) {
            throw invalid(
                    "elf header does not match the expected size ("
                            + header.capacity()
                            + " != "
                            + ElfFile.HEADER_SIZE
                            + ")");
        }
        try {
            ElfFile.checkHeader(header);
        } catch (ImageException e) {
            throw invalid(
                    "invalid or unsupported executable (elf header invalid while loading note)");
        }
        return header;
    }

    private static ByteBuffer table(FileChannel file, ByteBuffer header) throws IOException {
        int size = (header.getShort(ElfFile.PHNUM) & 0xffff) * ElfFile.PHDR_SIZE;
        ByteBuffer table = read(file, header.getLong(ElfFile.PHOFF), size);
        if (table.capacity() != size) {
            throw invalid(
                    "program header does not match the expected size ("
                            + table.capacity()
                            + " != "
                            + size
                            + " while loading note)");
        }
        return table;
    }

    /** Returns what the file has of {@code length} bytes from an offset. */
    private static ByteBuffer read(FileChannel file, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (offset >= 0 && offset <= Long.MAX_VALUE - length) {
            while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) >= 0) {
                // Until all is read, or the file ends.
            }
        }
        return bytes.flip().slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns the ABI note, if there is one.
     *
     * @throws ImageException if it is malformed, or a note before it is
     * @throws IOException if the host cannot read it
     */
    public Optional<AbiNote> abi() throws IOException {
        return find(Notes.Kind.ABI).map(AbiNote::parse);
    }

    /**
     * Returns the content of the manifest note, if there is one.
     *
     * @throws ImageException if it is malformed, or a note before it is
     * @throws IOException if the host cannot read it
     */
    public Optional<ByteBuffer> manifest() throws IOException {
        return find(Notes.Kind.MANIFEST);
    }

    private Optional<ByteBuffer> find(Notes.Kind kind) throws IOException {
        for (int i = 0; i < table.capacity() / ElfFile.PHDR_SIZE; i++) {
            ProgramHeader header = ProgramHeader.of(i, table, i * ElfFile.PHDR_SIZE);
            if (header.type() == ElfFile.PT_NOTE) {
                Optional<ByteBuffer> content = content(header, kind);
                if (content.isPresent()) {
                    return content;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<ByteBuffer> content(ProgramHeader header, Notes.Kind kind) throws IOException {
        long size = header.fileSize();
        if (Long.compareUnsigned(size, Notes.MIN_SIZE) < 0) {
            throw invalid(
                    "phdr["
                            + header.index()
                            + "].p_filesz note does not fall within valid size ("
                            + size
                            + " < "
                            + Notes.MIN_SIZE
                            + ")");
        }
        if (Long.compareUnsigned(size, Notes.HEADER_SIZE) < 0) {
            return Optional.empty();
        }
        List<Long> starts = Notes.starts(header, kind, at -> note(header, at));
        if (starts.isEmpty()) {
            return Optional.empty();
        }
        long at = starts.get(0);
        int content = contentSize(header, kind, at, Notes.descriptorSize(note(header, at)));
        return Optional.of(readWhole(header, at + kind.start(), content));
    }

    private ByteBuffer note(ProgramHeader header, long at) throws IOException {
        return readWhole(header, at, Notes.HEADER_SIZE);
    }

    private ByteBuffer readWhole(ProgramHeader header, long start, int length) throws IOException {
        ByteBuffer bytes = read(file, header.offset() + start, length);
        if (bytes.capacity() != length) {
            throw ImageException.invalid(
                    "phdr["
                            + header.index()
                            + "] bytes read mismatches note size ("
                            + bytes.capacity()
                            + " != "
                            + length
                            + ")");
        }
        return bytes;
    }

    private static int contentSize(
            ProgramHeader header, Notes.Kind kind, long at, long descriptor) {
        int max = kind.maxDescriptor();
        if (descriptor < 1 || descriptor > max) {
            throw outOfRange(header, descriptor + " < 1 || " + descriptor + " > " + max);
        }
        long need = Notes.HEADER_SIZE + descriptor;
        long left = header.fileSize() - at;
        if (Long.compareUnsigned(left, need) < 0) {
            throw outOfRange(header, left + " < " + need);
        }
        long size = need - kind.start();
        if (size <= 0) {
            String unsigned = Long.toUnsignedString(size);
            throw ImageException.invalid(
                    "INV_EXE: "
                            + range(
                                    header,
                                    unsigned + " <= 0 || " + unsigned + " > " + descriptor));
        }
        return (int) size;
    }

    private static ImageException outOfRange(ProgramHeader header, String comparison) {
        return invalid(range(header, comparison));
    }

    private static String range(ProgramHeader header, String comparison) {
        return "phdr["
                + header.index()
                + "] note does not fall within valid size ("
                + comparison
                + ")";
    }

    private static ImageException invalid(String fact) {
        return ImageException.invalid("invalid executable: " + fact);
    }
}
