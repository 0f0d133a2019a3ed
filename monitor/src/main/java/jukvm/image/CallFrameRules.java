package jukvm.image;

import java.util.ArrayDeque;
import java.util.Deque;
import jukvm.memory.GuestMemory;

/**
 * Where a caller's registers are while some code runs: a program of {@code .eh_frame} says how that
 * changes from one instruction of the code to the next. What takes a computation to find is taken
 * for lost. Source: DWARF 5, section 6.4.2.
 */
final class CallFrameRules {
    private static final int MAX_REMEMBERED = 64;
    private static final int NONE = -1;

    // Of a register: as it was, not known any more, or in memory at an offset from the frame.
    private static final byte SAME = 0;
    private static final byte LOST = 1;
    private static final byte SAVED = 2;

    private final CallFrames.Common common;
    private final Deque<Rules> remembered = new ArrayDeque<>();
    private Rules now = new Rules();
    private Rules initial = now;
    private long location; // In bytes from the code's first.

    /** What holds for an instruction. */
    private static final class Rules {
        int frameRegister = NONE;
        long frameOffset;
        final byte[] kinds = new byte[CallFrames.COUNT];
        final long[] offsets = new long[CallFrames.COUNT];

        Rules copy() {
            Rules copy = new Rules();
            copy.frameRegister = frameRegister;
            copy.frameOffset = frameOffset;
            System.arraycopy(kinds, 0, copy.kinds, 0, kinds.length);
            System.arraycopy(offsets, 0, copy.offsets, 0, offsets.length);
            return copy;
        }
    }

    CallFrameRules(CallFrames.Common common) {
        this.common = common;
    }

    /** Says that what is common has been run, and the code's own comes. */
    void begin() {
        initial = now.copy();
        location = 0;
    }

    /**
     * Runs a program up to an instruction of the code.
     *
     * @param place of that, in bytes from the code's first
     */
    void run(DwarfReader program, long place) {
        while (program.hasMore() && location <= place) {
            int operation = program.u8();
            int operand = operation & 0x3f;
            switch (operation & 0xc0) {
                case 0x40 -> advance(operand);
                case 0x80 -> save(operand, program.unsigned() * common.dataUnit());
                case 0xc0 -> restore(operand);
                default -> extended(operation, program);
            }
        }
    }

    private void advance(long units) {
        location += units * common.codeUnit();
    }

    private void extended(int operation, DwarfReader program) {
        switch (operation) {
            case 0x00 -> {} // DW_CFA_nop
            case 0x02 -> advance(program.u8());
            case 0x03 -> advance(program.u16());
            case 0x04 -> advance(program.u32());
            case 0x05 -> save(program.unsigned(), program.unsigned() * common.dataUnit());
            case 0x06 -> restore(program.unsigned());
            case 0x07 -> rule(program.unsigned(), LOST, 0); // DW_CFA_undefined
            case 0x08 -> rule(program.unsigned(), SAME, 0);
            case 0x0a -> remember();
            case 0x0b -> now = remembered.pop();
            case 0x0c -> frame(program.unsigned(), program.unsigned());
            case 0x0d -> frame(program.unsigned(), now.frameOffset);
            case 0x0e -> now.frameOffset = program.unsigned();
            case 0x11 -> save(program.unsigned(), program.signed() * common.dataUnit());
            case 0x12 -> frame(program.unsigned(), program.signed() * common.dataUnit());
            case 0x13 -> now.frameOffset = program.signed() * common.dataUnit();
            case 0x2e -> program.unsigned(); // DW_CFA_GNU_args_size
            case 0x2f -> save(program.unsigned(), -program.unsigned() * common.dataUnit());
            default -> computed(operation, program);
        }
    }

    private void computed(int operation, DwarfReader program) {
        switch (operation) {
            case 0x0f -> { // DW_CFA_def_cfa_expression
                now.frameRegister = NONE;
                program.skip(program.unsigned());
            }
            case 0x10, 0x16 -> { // DW_CFA_expression, DW_CFA_val_expression
                rule(program.unsigned(), LOST, 0);
                program.skip(program.unsigned());
            }
            case 0x09, 0x14, 0x15 -> { // In another register, or the frame itself.
                rule(program.unsigned(), LOST, 0);
                program.unsigned();
            }
            default -> throw new IllegalArgumentException("operation " + operation);
        }
    }

    private void remember() {
        if (remembered.size() >= MAX_REMEMBERED) {
            throw new IllegalArgumentException("remembers too much");
        }
        remembered.push(now);
        now = now.copy();
    }

    private void frame(long register, long offset) {
        now.frameRegister = isKnown(register) ? (int) register : NONE;
        now.frameOffset = offset;
    }

    private static boolean isKnown(long register) {
        return register >= 0 && register < CallFrames.COUNT;
    }

    private void save(long register, long offset) {
        rule(register, SAVED, offset);
    }

    private void restore(long register) {
        if (isKnown(register)) {
            int number = (int) register;
            rule(register, initial.kinds[number], initial.offsets[number]);
        }
    }

    private void rule(long register, byte kind, long offset) {
        if (isKnown(register)) { // Others are of vectors.
            now.kinds[(int) register] = kind;
            now.offsets[(int) register] = offset;
        }
    }

    /** Makes registers those of the caller; false if there is none, or it cannot be found. */
    boolean apply(long[] registers, GuestMemory memory) {
        if (now.frameRegister == NONE || now.kinds[CallFrames.RIP] != SAVED) {
            return false;
        }
        long frame = registers[now.frameRegister] + now.frameOffset;
        if (Long.compareUnsigned(frame, registers[CallFrames.RSP]) <= 0
                || !isReadable(memory, frame + now.offsets[CallFrames.RIP])) {
            return false;
        }
        for (int i = 0; i < CallFrames.COUNT; i++) {
            long place = frame + now.offsets[i];
            if (now.kinds[i] == SAVED) {
                registers[i] = isReadable(memory, place) ? memory.u64(place) : 0;
            } else if (now.kinds[i] == LOST) {
                registers[i] = 0;
            }
        }
        registers[CallFrames.RSP] = frame;
        return true;
    }

    private static boolean isReadable(GuestMemory memory, long gpa) {
        return memory.isReadable(gpa, Long.BYTES);
    }
}
