package jukvm.tests.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A prebuilt guest, changed in single fields of its file. */
public final class Bent {
    public static final String ABI = "ABI1";
    public static final String MANIFEST = "MFT1";

    public static final int PT_LOAD = 1;
    public static final int PT_NOTE = 4;

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int ENTRY = 104;

    private final ByteBuffer file;

    private Bent(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static Bent prebuilt(String name) throws IOException {
        return new Bent(Files.readAllBytes(Guests.prebuilt(name)));
    }

    /** Returns a guest that declares disks 'storage0', 'storage1' and so on, up to 63. */
    public static Bent withDisks(int count) throws IOException {
        Bent bent = prebuilt("many-devices.hvt");
        return bent.note(MANIFEST, 4, 12 + ENTRY * (count + 1)).content(MANIFEST, 4, count + 1);
    }

    /** Sets bytes of the ELF header. */
    public Bent header(int offset, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            file.put(offset + i, (byte) bytes[i]);
        }
        return this;
    }

    /** Sets a u64 of the last program header of a type. */
    public Bent programHeader(int type, int offset, long value) {
        file.putLong(programHeader(type) + offset, value);
        return this;
    }

    private int programHeader(int type) {
        for (int i = file.getShort(56) - 1; i >= 0; i--) {
            if (file.getInt(EHDR + i * PHDR) == type) {
                return EHDR + i * PHDR;
            }
        }
        throw new IllegalStateException("no program header of type " + type);
    }

    /** Sets a u32 of a note's header: name size, descriptor size, type. */
    public Bent note(String kind, int offset, int value) {
        file.putInt(noteOf(kind) + offset, value);
        return this;
    }

    /** Sets a u32 of a note's content. */
    public Bent content(String kind, int offset, int value) {
        file.putInt(noteOf(kind) + (kind.equals(ABI) ? 20 : 24) + offset, value);
        return this;
    }

    /** Gives the first device another name. */
    public Bent rename(String name) {
        byte[] bytes = Arrays.copyOf(name.getBytes(StandardCharsets.ISO_8859_1), 68);
        file.put(noteOf(MANIFEST) + 24 + 8 + ENTRY, bytes);
        return this;
    }

    private int noteOf(String kind) {
        byte[] mark = (kind + "Solo5\0").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 8; i < file.capacity() - mark.length; i++) {
            byte[] found = new byte[mark.length];
            file.get(i, found);
            if (Arrays.equals(found, mark)) {
                return i - 8;
            }
        }
        throw new IllegalStateException("no note " + kind);
    }

    /** Cuts the file. */
    public Bent cut(int size) {
        return new Bent(Arrays.copyOf(file.array(), size));
    }

    public Path write(Path path) throws IOException {
        return Files.write(path, file.array());
    }
}
