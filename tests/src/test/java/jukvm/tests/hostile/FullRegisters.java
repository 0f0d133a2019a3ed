package jukvm.tests.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/**
 * What a guest printed that fills its general, vector and x87 registers, waits, and looks at them
 * again.
 */
final class FullRegisters {
    private final byte[] printed;

    private static final int FROM = TinyGuest.SCRATCH;
    private static final int GENERAL = FROM + 32;
    private static final int VECTORS = TinyGuest.SCRATCH + 0x100;
    private static final int PATTERN = TinyGuest.SCRATCH + 0x400;
    private static final int END = VECTORS + 512;

    FullRegisters(byte[] printed) {
        this.printed = printed.clone();
    }

    private static byte[] address(int gpa) {
        return Code.littleEndian(gpa, Integer.BYTES);
    }

    /** Returns the guest's code; how long it waits between filling and printing them. */
    static byte[] code(Duration wait) {
        // The boot info has the frequency of the counter.
        Code code = new Code().op("mov 16(%rdi), %rax", "48 8b 47 10").storeRax(FROM + 16);
        code.store(PATTERN, 0x0123456789abcdefL).store(PATTERN + 8, 0xfedcba9876543210L);
        for (int i = 0; i < 16; i++) {
            code.store(PATTERN, 0x0101010101010101L * i);
            code.raw(i < 8 ? new byte[0] : new byte[] {0x44});
            code.op("movups address, %xmm", "0f 10")
                    .raw((byte) ((i & 7) << 3 | 4), (byte) 0x25)
                    .raw(address(PATTERN));
        }
        code.store(PATTERN, 0x1fa0).op("ldmxcsr address", "0f ae 14 25").raw(address(PATTERN));
        code.op("fldpi", "d9 eb").op("fld1", "d9 e8");
        code.store(TinyGuest.CALL, wait.toNanos());
        for (int register = 8; register < 16; register++) {
            code.raw((byte) 0x49, (byte) (0xb8 + register - 8));
            code.raw(Code.littleEndian(register * 0x0011223344556677L, Long.BYTES));
        }
        for (int register : new int[] {Code.RBX, 5, Code.RSI, Code.RDI}) {
            code.set(register, register * 0x0102030405060708L);
        }
        counter(code, FROM);
        code.op("xor %eax, %eax", "31 c0").op("std", "fd").call(Code.POLL, TinyGuest.CALL);
        code.op("pushfq", "9c").op("cld", "fc");
        counter(code, FROM + 8);
        code.op("pop %rax", "58").storeRax(GENERAL);
        for (int register = 3; register < 16; register++) {
            code.raw((byte) (register < 8 ? 0x48 : 0x4c), (byte) 0x89)
                    .raw((byte) ((register & 7) << 3 | 4), (byte) 0x25)
                    .raw(address(GENERAL + register * Long.BYTES));
        }
        code.op("fxsave64 address", "48 0f ae 04 25").raw(address(VECTORS));
        return code.puts(FROM, END - FROM).done().bytes();
    }

    private static void counter(Code code, int to) {
        code.op("rdtsc", "0f 31")
                .op("shl $32, %rdx", "48 c1 e2 20")
                .op("or %rdx, %rax", "48 09 d0")
                .storeRax(to);
    }

    /** Returns what it printed of its registers. */
    byte[] values() {
        return Arrays.copyOfRange(printed, GENERAL - FROM, printed.length);
    }

    /** Returns for how long it waited by its time-stamp counter, in nanoseconds. */
    double waitedNanos() {
        ByteBuffer at = ByteBuffer.wrap(printed).order(ByteOrder.LITTLE_ENDIAN);
        return (at.getLong(8) - at.getLong(0)) * 1e9 / at.getLong(16);
    }
}
