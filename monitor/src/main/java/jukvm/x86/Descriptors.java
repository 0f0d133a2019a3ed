package jukvm.x86;

import java.nio.ByteBuffer;
import java.util.function.IntPredicate;
import jukvm.memory.GuestMemory;

/**
 * The descriptor tables a guest starts with, and at ring 3 the trap stubs, all in one page so that
 * a start touches few.
 *
 * <pre>
 * 0x1000  GDT: null, guest code, guest data, supervisor code, TSS (16 bytes)
 * 0x1040  TSS with the I/O permission bitmap
 * 0x1200  IDT: 32 interrupt gates to the stubs
 * 0x1400  trap stubs, 8 bytes each
 * 0x2000  top of the trap stack; the frame of the trap being handled ends here
 * </pre>
 *
 * <p>A trap stub tells the monitor of its exception by writing to a port of its own, drops the
 * error code if its vector has one, and returns to wherever the monitor has made the frame point.
 * On KVM hosts that emulate supervisor code, every instruction in it counts.
 *
 * <p>Source: SDM volume 3, sections 3.4.5 (segments), 6.14 (gates and stack frames in 64-bit mode),
 * 7.7 (TSS); volume 1, section 19.5.2 (I/O permission bitmap).
 */
final class Descriptors {
    static final int CODE = 0x08;
    static final int DATA = 0x10;
    static final int SUPERVISOR_CODE = 0x18;
    static final int TASK = 0x20;

    static final int VECTORS = 32;
    private static final int BREAKPOINT = 3;
    static final int FIRST_TRAP_PORT = 0xe0;
    static final long TRAP_STACK_TOP = GuestLayout.DESCRIPTORS + GuestMemory.PAGE;

    static final long GDT = GuestLayout.DESCRIPTORS;
    static final int GDT_LIMIT_RING_0 = 0x17;
    static final int GDT_LIMIT_RING_3 = 0x2f;
    static final long IDT = GuestLayout.DESCRIPTORS + 0x200;
    static final int IDT_LIMIT = VECTORS * 16 - 1;
    static final long TSS = GuestLayout.DESCRIPTORS + 0x40;

    private static final long STUBS = GuestLayout.DESCRIPTORS + 0x400;
    private static final long STUB_SIZE = 8;

    private static final int TSS_RSP0 = 4;
    private static final int TSS_IST1 = 36;
    private static final int TSS_IO_MAP = 102;
    private static final int TSS_SIZE = 104;
    static final int PORTS = 0x610;
    // The processor reads two bytes for every port, so a last byte of ones ends the bitmap.
    static final int TSS_LIMIT = TSS_SIZE + PORTS / 8;

    // 64-bit code and flat data as solo5-hvt has them, at privilege level 0 and 3.
    private static final long CODE_0 = 0x00AF99000000FFFFL;
    private static final long DATA_0 = 0x00CF93000000FFFFL;
    private static final long SUPERVISOR = 0x00AF9B000000FFFFL;
    private static final long LEVEL_3 = 0x0000600000000000L;

    // Vectors that push an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX.
    private static final int WITH_ERROR =
            1 << 8 | 0x1f << 10 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30;

    private Descriptors() {}

    /** Returns whether the processor pushes an error code for a vector of 0 to 31. */
    static boolean hasErrorCode(int vector) {
        return (WITH_ERROR >>> vector & 1) != 0;
    }

    static void writeRing0(GuestMemory memory) {
        memory.owned(GDT, 24).putLong(8, CODE_0).putLong(16, DATA_0);
    }

    /** Writes the tables of ring 3, which let the guest use the ports of its hypercalls only. */
    static void writeRing3(GuestMemory memory, IntPredicate ports) {
        ByteBuffer page = memory.owned(GuestLayout.DESCRIPTORS, GuestMemory.PAGE);
        page.putLong(8, CODE_0 | LEVEL_3 | 1L << 41).putLong(16, DATA_0 | LEVEL_3);
        page.putLong(24, SUPERVISOR);
        page.putLong(32, (long) TSS_LIMIT | TSS << 16 | 0x8bL << 40);
        writeTaskState(page, (int) (TSS - GuestLayout.DESCRIPTORS), ports);
        for (int vector = 0; vector < VECTORS; vector++) {
            writeGate(page, vector);
            writeStub(page, vector);
        }
    }

    private static void writeTaskState(ByteBuffer page, int start, IntPredicate ports) {
        // By IST1 a trap's frame is at the top whatever ran before, a trap stub included.
        page.putLong(start + TSS_RSP0, TRAP_STACK_TOP).putLong(start + TSS_IST1, TRAP_STACK_TOP);
        page.putShort(start + TSS_IO_MAP, (short) TSS_SIZE);
        for (int i = 0; i <= PORTS / 8; i++) {
            page.put(start + TSS_SIZE + i, (byte) 0xff);
        }
        for (int port = 0; port < PORTS - Integer.BYTES; port++) {
            if (ports.test(port)) {
                allow(page, start + TSS_SIZE, port);
            }
        }
    }

    // A write of four bytes needs the bits of four ports.
    private static void allow(ByteBuffer page, int bitmap, int firstPort) {
        for (int port = firstPort; port < firstPort + Integer.BYTES; port++) {
            int at = bitmap + port / 8;
            page.put(at, (byte) (page.get(at) & ~(1 << port % 8)));
        }
    }

    private static void writeGate(ByteBuffer page, int vector) {
        long stub = STUBS + vector * STUB_SIZE;
        int at = (int) (IDT - GuestLayout.DESCRIPTORS) + vector * 16;
        // int3 is the one vector a guest raises by an instruction of its own: level 3 may use it.
        long present = vector == BREAKPOINT ? 0xeeL : 0x8eL;
        page.putLong(at, stub | (long) SUPERVISOR_CODE << 16 | 1L << 32 | present << 40);
    }

    private static void writeStub(ByteBuffer page, int vector) {
        int at = (int) (STUBS - GuestLayout.DESCRIPTORS + vector * STUB_SIZE);
        page.put(at, (byte) 0xe7).put(at + 1, (byte) (FIRST_TRAP_PORT + vector)); // out %eax, $port
        at += 2;
        if (hasErrorCode(vector)) {
            page.putInt(at, 0x08c48348); // add $8, %rsp
            at += 4;
        }
        page.putShort(at, (short) 0xcf48); // iretq
    }
}
