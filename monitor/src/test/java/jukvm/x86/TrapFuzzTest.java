package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Hostile traps of a guest at ring 3: any code, registers and tables, at any address. What the
 * monitor reads is inside memory, and what it writes is the guest's own to write, or the trap's
 * frame.
 */
class TrapFuzzTest {
    private static final int SIZE = 1 << 20;
    private static final int MONITORS = 0x10000; // what the guest may not write, with the frame
    private static final int FRAME = 0x2000 - 48;
    private static final int FRAME_SIZE = 48;
    private static final int REGISTERS = 16;
    private static final int LONGEST = 15; // bytes of an instruction

    /** An input is an address (u64), registers (16 times u64), and code, which is put there. */
    @FuzzTest(maxDuration = "2m")
    void shouldDecodeAnyInstruction(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length < 8 + 8 * REGISTERS) {
            return;
        }
        ByteBuffer input = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long rip = input.getLong();
        long[] registers = new long[REGISTERS];
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = input.getLong();
        }
        byte[] code = new byte[input.remaining()];
        input.get(code);
        try (GuestMemory memory = GuestMemory.allocate(SIZE)) {
            if (memory.contains(rip, code.length)) {
                memory.owned(rip, code.length).put(code);
            }
            Instruction instruction = new Instruction(memory, number -> registers[number]);
            Instruction.Kind kind = instruction.decode(rip);
            assertNotNull(kind);
            if (kind != Instruction.Kind.OTHER) {
                assertTrue(memory.contains(rip, instruction.nextRip() - rip), kind::toString);
                assertTrue(instruction.portNumber() <= 0xffff);
                switch (kind) {
                    case LGDT, LIDT, INVLPG -> instruction.operandAddress();
                    default -> {}
                }
                assertTrue(instruction.nextRip() - rip <= LONGEST, kind::toString);
            }
            assertEquals(kind, instruction.decode(rip), "the same once more");
        }
    }

    /**
     * An input is a byte for the vector, tables and frame (12 times u64), and what lies in memory
     * from where the guest may write.
     */
    @FuzzTest(maxDuration = "2m")
    void shouldReflectToTheGuestsHandlerOrNot(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length < 1 + 8 * 12) {
            return;
        }
        ByteBuffer input = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int vector = (input.get() & 0xff) % Descriptors.VECTORS;
        try (GuestMemory memory = GuestMemory.allocate(SIZE)) {
            memory.protect(0, MONITORS);
            Reflector reflector = new Reflector(memory, new TrapFrame(memory));
            reflector.setGdt(input.getLong(), input.getInt());
            reflector.setIdt(input.getLong(), input.getInt());
            int selector = (int) input.getLong();
            ByteBuffer frame = memory.owned(FRAME, FRAME_SIZE);
            for (int at = 0; at < FRAME_SIZE; at += 8) {
                frame.putLong(at, input.getLong());
            }
            byte[] laid = new byte[Math.min(input.remaining(), SIZE - MONITORS)];
            input.get(laid);
            memory.owned(MONITORS, laid.length).put(laid);
            byte[] before = monitors(memory);
            reflector.setTask(selector);
            boolean isReflected = reflector.reflect(vector, 0);
            byte[] after = monitors(memory);
            // The frame is where the trap returns to; nothing else is changed, and it only then.
            if (isReflected) {
                assertTrue(Reflector.isCanonical(frame.getLong(8)), "rip");
                System.arraycopy(before, FRAME, after, FRAME, FRAME_SIZE);
            }
            assertArrayEquals(before, after);
        }
    }

    private static byte[] monitors(GuestMemory memory) {
        byte[] contents = new byte[MONITORS];
        memory.owned(0, MONITORS).get(contents);
        return contents;
    }
}
