package jukvm.tests.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jukvm.abi.AbiNote;
import jukvm.abi.Manifest;
import jukvm.image.GuestImage;

/**
 * A guest of a few instructions in a valid file of hvt ABI 2.
 *
 * <pre>
 * 0x100000  text: the code; at 0x100800 a stub for each exception that halts with its vector
 * 0x101000  read-only data
 * 0x102000  data: gates to the stubs, a pointer to them for lidt, arguments of calls, scratch
 * </pre>
 */
public final class TinyGuest {
    public static final int PAGE = 4096;
    public static final int TEXT = 0x100000;
    public static final int STUBS = TEXT + 0x800;
    public static final int RODATA = 0x101000;
    public static final int DATA = 0x102000;
    public static final int IDT_POINTER = DATA + 0x200;
    public static final int GDT_POINTER = DATA + 0x230;
    public static final int GDT = DATA + 0x240;
    public static final int CALL = DATA + 0x210;
    public static final int SCRATCH = DATA + 0x400;
    public static final int HEAP = DATA + PAGE;
    public static final String NIC = "service";
    public static final String DISK = "storage";

    private static final int VECTORS = 32;
    private static final int STUB_SIZE = 16;
    private static final int HALT_WITH_RAX = STUBS - TEXT + VECTORS * STUB_SIZE;

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;
    private static final int NOTES = PAGE / 2;

    private TinyGuest() {}

    /** Returns the image of a guest that starts with this code, at most 2 KiB. */
    public static GuestImage image(String name, byte[] code) {
        return GuestImage.of(name, file(code));
    }

    /** Returns the image of a guest that declares the network device {@code service}, handle 1. */
    public static GuestImage withNic(String name, byte[] code) {
        return withDevice(name, code, NIC, 2);
    }

    /** Returns the image of a guest that declares the block device {@code storage}, handle 1. */
    public static GuestImage withDisk(String name, byte[] code) {
        return withDevice(name, code, DISK, 1);
    }

    private static GuestImage withDevice(String name, byte[] code, String device, int type) {
        ByteBuffer manifest = ByteBuffer.allocate(4 + 8 + 2 * 104).order(ByteOrder.LITTLE_ENDIAN);
        manifest.put(0, manifest()).putInt(8, 2);
        manifest.put(4 + 8 + 104, device.getBytes(StandardCharsets.US_ASCII));
        manifest.putInt(4 + 8 + 104 + 68, type);
        return GuestImage.of(name, file(code, manifest.array()));
    }

    /** Returns the image of a guest of ukvm 0.2, which has no notes, and memory from 0. */
    public static GuestImage legacy(String name, byte[] code) {
        byte[] file = file(code);
        file[56] = 3;
        return GuestImage.of(name, file);
    }

    /**
     * Returns the image of a guest without notes as IncludeOS links them: one segment with all
     * rights, far above 1 MiB.
     *
     * @param gpa of its first instruction
     */
    public static GuestImage includeOs(String name, long gpa, byte[] code) {
        byte[] bytes = file(code);
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        putHeader(file, 0, PT_LOAD, 7, PAGE, gpa, PAGE);
        file.putShort(56, (short) 1).putLong(24, gpa).putLong(EHDR + 40, 0x455f10);
        file.putLong(EHDR + 48, 0x80);
        return GuestImage.of(name, bytes);
    }

    /** Returns the file of a guest that starts with this code, at most 2 KiB. */
    public static byte[] file(byte[] code) {
        return file(code, manifest());
    }

    private static byte[] file(byte[] code, byte[] manifest) {
        ByteBuffer file = ByteBuffer.allocate(4 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        file.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        file.putLong(24, TEXT).putLong(32, EHDR);
        file.putShort(52, (short) EHDR).putShort(54, (short) PHDR).putShort(56, (short) 5);
        putHeader(file, 0, PT_LOAD, 5, PAGE, TEXT, PAGE);
        putHeader(file, 1, PT_LOAD, 4, 2 * PAGE, RODATA, PAGE);
        putHeader(file, 2, PT_LOAD, 6, 3 * PAGE, DATA, PAGE);
        int abi =
                putNote(
                        file,
                        NOTES,
                        AbiNote.TYPE,
                        Arrays.copyOf(Code.littleEndian(0x200000001L, Long.BYTES), 16));
        putHeader(file, 3, PT_NOTE, 4, NOTES, 0, abi);
        putHeader(
                file,
                4,
                PT_NOTE,
                4,
                NOTES + abi,
                0,
                putNote(file, NOTES + abi, Manifest.TYPE, manifest));
        file.put(PAGE, code);
        putStubs(file);
        return file.array();
    }

    private static void putHeader(
            ByteBuffer file, int index, int type, int flags, int offset, long gpa, int size) {
        int at = EHDR + index * PHDR;
        file.putInt(at, type).putInt(at + 4, flags).putLong(at + 8, offset);
        file.putLong(at + 16, gpa).putLong(at + 24, gpa);
        file.putLong(at + 32, size).putLong(at + 40, size);
        file.putLong(at + 48, type == PT_LOAD ? PAGE : 4);
    }

    private static int putNote(ByteBuffer file, int at, int type, byte[] content) {
        byte[] name = "Solo5\0".getBytes(StandardCharsets.US_ASCII);
        file.putInt(at, name.length).putInt(at + 4, content.length).putInt(at + 8, type);
        file.put(at + 12, name).put(at + 20, content);
        return 20 + content.length;
    }

    // Four bytes align it; version, count, and the one entry that every manifest begins with.
    private static byte[] manifest() {
        ByteBuffer manifest = ByteBuffer.allocate(4 + 8 + 104).order(ByteOrder.LITTLE_ENDIAN);
        return manifest.putInt(4, 1).putInt(8, 1).putInt(12 + 68, 0x40000000).array();
    }

    private static void putStubs(ByteBuffer file) {
        for (int vector = 0; vector < VECTORS; vector++) {
            int at = STUBS - TEXT + vector * STUB_SIZE;
            Code stub = new Code().set(Code.RAX, vector);
            int jump = HALT_WITH_RAX - (at + stub.bytes().length + 5);
            stub.op("jmp", "e9").raw(Code.littleEndian(jump, Integer.BYTES));
            file.put(PAGE + at, stub.bytes());
            file.putLong(3 * PAGE + vector * 16, gate(TEXT + at));
        }
        file.put(PAGE + HALT_WITH_RAX, new Code().haltWithRax().bytes());
        int pointer = 3 * PAGE + IDT_POINTER - DATA;
        file.putShort(pointer, (short) (VECTORS * 16 - 1)).putLong(pointer + 2, DATA);
        // At ring 0 the monitor's GDT is not mapped, and an exception needs one that is.
        int gdt = 3 * PAGE + GDT_POINTER - DATA;
        file.putShort(gdt, (short) 0x17).putLong(gdt + 2, GDT);
        file.putLong(gdt + 0x18, 0x00AF99000000FFFFL).putLong(gdt + 0x20, 0x00CF93000000FFFFL);
    }

    /** Returns the first half of an interrupt gate to a handler below 4 GiB. */
    public static long gate(long handler) {
        return handler & 0xffff | 0x8L << 16 | 0x8eL << 40 | (handler & 0xffff0000L) << 32;
    }
}
