package jukvm.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jukvm.abi.AbiNote;
import jukvm.abi.Manifest;

/**
 * Writes ELF guests byte by byte: valid ones to start from, then any field of theirs to anything.
 *
 * <pre>
 * ELF header @0, program headers @64, then each one's bytes at the next multiple of 8
 * </pre>
 */
public final class ElfBuilder {
    /** The name that {@link #parse} gives an image. */
    public static final String NAME = "guest.hvt";

    public static final int PT_NULL = 0;
    public static final int PT_LOAD = 1;
    public static final int PT_INTERP = 3;
    public static final int PT_NOTE = 4;

    public static final int X = 1;
    public static final int W = 2;
    public static final int R = 4;

    /** Program headers of {@link #hvt}; {@link #ukvm} has TEXT and DATA. */
    public static final int TEXT = 0;

    public static final int DATA = 1;
    public static final int OPENBSD_NOTE = 2;
    public static final int ABI_NOTE = 3;
    public static final int MANIFEST_NOTE = 4;

    public static final long TEXT_GPA = 0x100000;
    public static final long DATA_GPA = 0x101000;
    public static final int TEXT_SIZE = 24;
    public static final int DATA_SIZE = 16;
    public static final long DATA_MEMORY = 0x1800;

    private static final int EHDR_SIZE = 64;
    private static final int PHDR_SIZE = 56;

    /** A field of the ELF header: offset and width in bytes. */
    public enum Header {
        CLASS(4, 1),
        DATA(5, 1),
        TYPE(16, 2),
        MACHINE(18, 2),
        VERSION(20, 4),
        ENTRY(24, 8),
        PHOFF(32, 8),
        EHSIZE(52, 2),
        PHENTSIZE(54, 2),
        PHNUM(56, 2);

        private final int offset;
        private final int width;

        Header(int offset, int width) {
            this.offset = offset;
            this.width = width;
        }
    }

    /** A field of a program header: offset and width in bytes. */
    public enum Field {
        TYPE(0, 4),
        FLAGS(4, 4),
        OFFSET(8, 8),
        VADDR(16, 8),
        PADDR(24, 8),
        FILESZ(32, 8),
        MEMSZ(40, 8),
        ALIGN(48, 8);

        private final int offset;
        private final int width;

        Field(int offset, int width) {
            this.offset = offset;
            this.width = width;
        }
    }

    private record Part(int type, int flags, long gpa, Content content, long memory) {}

    /** Bytes of a part; not an array, which would compare by identity. */
    private record Content(ByteBuffer bytes) {}

    private record Patch(int offset, ByteBuffer bytes) {}

    private final List<Part> parts = new ArrayList<>();
    private final List<Patch> patches = new ArrayList<>();
    private int size = -1;

    /** Returns a builder of a file with a header and nothing to load. */
    public static ElfBuilder empty() {
        return new ElfBuilder();
    }

    /** Returns a builder of a valid guest of hvt ABI 2 that declares no device. */
    public static ElfBuilder hvt() {
        return hvt(abi(AbiNote.HVT, 2), manifest(reserved()));
    }

    /** Returns a builder of a guest that is valid but for the notes' content given. */
    public static ElfBuilder hvt(byte[] abi, byte[] manifest) {
        return ukvm().withNotes(abi, manifest);
    }

    /** Adds the notes of a valid guest of hvt ABI 2 that declares no device. */
    public ElfBuilder withNotes() {
        return withNotes(abi(AbiNote.HVT, 2), manifest(reserved()));
    }

    private ElfBuilder withNotes(byte[] abi, byte[] manifest) {
        return add(PT_NOTE, R, 0, openBsdNote(), 0)
                .add(PT_NOTE, R, 0, abiNote(abi), 0)
                .add(PT_NOTE, R, 0, manifestNote(manifest), 0);
    }

    /** Returns a builder of a valid guest without notes, as guests before Solo5 0.6 are. */
    public static ElfBuilder ukvm() {
        return new ElfBuilder()
                .load(R | X, TEXT_GPA, code(TEXT_SIZE), TEXT_SIZE)
                .load(R | W, DATA_GPA, data(DATA_SIZE), DATA_MEMORY);
    }

    /** Returns {@code size} bytes of code: HLT, over and over. */
    public static byte[] code(int size) {
        byte[] code = new byte[size];
        Arrays.fill(code, (byte) 0xf4); // hlt
        return code;
    }

    /** Returns {@code size} bytes that are easy to recognise: 1, 2, 3 and so on. */
    public static byte[] data(int size) {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
            data[i] = (byte) (i + 1);
        }
        return data;
    }

    /** Adds a PT_LOAD. */
    public ElfBuilder load(int flags, long gpa, byte[] content, long memory) {
        return add(PT_LOAD, flags, gpa, content, memory);
    }

    /** Adds a program header with its bytes. */
    public ElfBuilder add(int type, int flags, long gpa, byte[] content, long memory) {
        parts.add(new Part(type, flags, gpa, new Content(ByteBuffer.wrap(content)), memory));
        return this;
    }

    /** Returns how many program headers there are. */
    public int count() {
        return parts.size();
    }

    /** Sets a field of the header. */
    public ElfBuilder set(Header field, long value) {
        return patch(field.offset, littleEndian(value, field.width));
    }

    /** Sets a field of a program header. */
    public ElfBuilder set(int index, Field field, long value) {
        return patch(
                EHDR_SIZE + index * PHDR_SIZE + field.offset, littleEndian(value, field.width));
    }

    /** Overwrites bytes of the file. */
    public ElfBuilder patch(int offset, byte... bytes) {
        patches.add(new Patch(offset, ByteBuffer.wrap(bytes)));
        return this;
    }

    /** Overwrites a 32-bit value in the bytes of a program header. */
    public ElfBuilder patchPart(int index, int offset, int value) {
        return patch(offsetOf(index) + offset, littleEndian(value, Integer.BYTES));
    }

    /** Cuts the file to a size, or makes it longer with zeroes. */
    public ElfBuilder resize(int bytes) {
        size = bytes;
        return this;
    }

    /** Returns where in the file a program header's bytes are; no part may be added after. */
    public int offsetOf(int index) {
        int offset = EHDR_SIZE + parts.size() * PHDR_SIZE;
        for (int i = 0; i < index; i++) {
            offset += align(parts.get(i).content.bytes.capacity());
        }
        return offset;
    }

    private static int align(int size) {
        return (size + 7) & -8;
    }

    /** Returns the file. */
    public byte[] build() {
        ByteBuffer at = ByteBuffer.allocate(offsetOf(parts.size())).order(ByteOrder.LITTLE_ENDIAN);
        at.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        at.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        at.putLong(24, parts.isEmpty() ? TEXT_GPA : parts.get(0).gpa).putLong(32, EHDR_SIZE);
        at.putShort(52, (short) EHDR_SIZE).putShort(54, (short) PHDR_SIZE);
        at.putShort(56, (short) parts.size());
        int offset = offsetOf(0);
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            ByteBuffer content = part.content.bytes;
            int start = EHDR_SIZE + i * PHDR_SIZE;
            at.putInt(start, part.type).putInt(start + 4, part.flags).putLong(start + 8, offset);
            at.putLong(start + 16, part.gpa).putLong(start + 24, part.gpa);
            at.putLong(start + 32, content.capacity()).putLong(start + 40, part.memory);
            at.putLong(start + 48, part.type == PT_LOAD ? 4096 : 4);
            at.put(offset, content, 0, content.capacity());
            offset += align(content.capacity());
        }
        for (Patch patch : patches) {
            at.put(patch.offset, patch.bytes, 0, patch.bytes.capacity());
        }
        return size < 0 ? at.array() : Arrays.copyOf(at.array(), size);
    }

    /** Returns the image that the file is. */
    public GuestImage parse() {
        return GuestImage.of(NAME, build());
    }

    private static byte[] littleEndian(long value, int width) {
        byte[] bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] u32(long value) {
        return littleEndian(value, Integer.BYTES);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns a note: the name is padded to 8 bytes, the descriptor follows. */
    public static byte[] note(String name, int type, byte[] descriptor) {
        byte[] padded = Arrays.copyOf(ascii(name), 8);
        return join(u32(name.length()), u32(descriptor.length), u32(type), padded, descriptor);
    }

    /** Returns the note that every guest since Solo5 0.6.5 begins with. */
    public static byte[] openBsdNote() {
        return note("OpenBSD\0", 1, new byte[4]);
    }

    /** Returns an ABI1 note. */
    public static byte[] abiNote(byte[] content) {
        return note("Solo5\0", AbiNote.TYPE, content);
    }

    /** Returns an MFT1 note, with the padding that aligns its content to 8 bytes. */
    public static byte[] manifestNote(byte[] content) {
        return note("Solo5\0", Manifest.TYPE, join(new byte[4], content));
    }

    /** Returns the content of an ABI1 note. */
    public static byte[] abi(int target, int version) {
        return join(u32(target), u32(version), new byte[8]);
    }

    /** Returns a manifest of these entries. */
    public static byte[] manifest(byte[]... entries) {
        return manifest(1, entries.length, entries);
    }

    /** Returns a manifest whose header says what it is told to. */
    public static byte[] manifest(int version, int count, byte[]... entries) {
        return join(u32(version), u32(count), join(entries));
    }

    /** Returns the entry that every manifest begins with. */
    public static byte[] reserved() {
        return entry("", 0x40000000, 0);
    }

    /** Returns a manifest entry; the name, in ISO 8859-1, is cut after 68 bytes. */
    public static byte[] entry(String name, int type, int attached) {
        byte[] entry = Arrays.copyOf(Arrays.copyOf(ascii(name), 68), 104);
        System.arraycopy(u32(type), 0, entry, 68, Integer.BYTES);
        entry[96] = (byte) attached;
        return entry;
    }
}
