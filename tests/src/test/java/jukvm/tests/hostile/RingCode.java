package jukvm.tests.hostile;

import java.util.function.UnaryOperator;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/**
 * What a tiny guest does with its network ring, which lies after its {@link #MEMORY}. Source:
 * Solo5's hvt_ring.h; see {@link jukvm.device.NetRing}.
 */
final class RingCode {
    static final long MEMORY = Hostile.MEMORY;
    static final int RING = (int) MEMORY;
    static final int HEAD = RING + 64;
    static final int COMPLETED = RING + 68;
    static final int NEEDS_KICK = RING + 72;
    static final int SUBMISSIONS = RING + 128;
    static final int ENTRIES = 1024;
    static final int KICK = 0x600;
    static final int NET_WRITE = 0x506;
    static final int WRITE = 1;
    static final int READ = 2;
    static final int HANDLE = 1;

    /** Frames begin here, 64 bytes apart: broadcast, with a number from 14 on. */
    static final int FRAMES = TinyGuest.HEAP;

    static final int FRAME_SIZE = 60;
    private static final int LARGE = 0x180000;

    private RingCode() {}

    /** Tells the monitor that submissions wait. */
    static Code kick(Code code) {
        return code.call(KICK, 0);
    }

    /** Says that so many were submitted, from the guest's start on. */
    static Code tail(Code code, long tail) {
        return code.store(RING, tail & 0xffffffffL);
    }

    /** Fills in a submission. */
    static Code submission(Code code, int slot, int op, long data, long length) {
        int at = SUBMISSIONS + slot * 32;
        return code.store(at, op | (long) HANDLE << 32).store(at + 8, data).store(at + 16, length);
    }

    /** Fills all submissions with one word: operation, handle, address, length. */
    static Code fill(Code code, long word) {
        return code.set(Code.RAX, word)
                .set(Code.RDI, SUBMISSIONS)
                .set(Code.RCX, ENTRIES * 32 / 8)
                .op("rep stosq", "f3 48 ab");
    }

    /** Waits until the monitor says that it has taken so many. */
    static Code awaitHead(Code code, int head) {
        int start = code.here();
        code.op("pause", "f3 90").load(HEAD);
        code.op("cmp $head, %eax", "3d").raw(Code.littleEndian(head, Integer.BYTES));
        return backTo(code, start);
    }

    /** jne, to an earlier instruction. */
    private static Code backTo(Code code, int start) {
        int distance = start - (code.here() + 6);
        return code.op("jne start", "0f 85").raw(Code.littleEndian(distance, Integer.BYTES));
    }

    /** Does something so many times; RBX counts down to 1. */
    static Code times(Code code, int count, UnaryOperator<Code> body) {
        code.set(Code.RBX, count);
        int start = code.here();
        return backTo(body.apply(code).op("dec %rbx", "48 ff cb"), start);
    }

    /** Does something for ever. */
    static Code forever(Code code, UnaryOperator<Code> body) {
        int start = code.here();
        return body.apply(code).jump(start);
    }

    /** Sets where {@link #sendOne} starts. */
    static Code startSending(Code code) {
        return code.set(Code.RSI, SUBMISSIONS).set(Code.RDI, FRAMES);
    }

    /** Submits a frame whose number is RBX, without a kick. */
    static Code sendOne(Code code) {
        return code.set(Code.RAX, -1)
                .op("mov %rax, (%rdi)", "48 89 07")
                .op("mov %rbx, 14(%rdi)", "48 89 5f 0e")
                .set(Code.RAX, WRITE | (long) HANDLE << 32)
                .op("mov %rax, (%rsi)", "48 89 06")
                .op("mov %rdi, 8(%rsi)", "48 89 7e 08")
                .set(Code.RAX, FRAME_SIZE)
                .op("mov %rax, 16(%rsi)", "48 89 46 10")
                .op("add $64, %rdi", "48 83 c7 40")
                .op("add $32, %rsi", "48 83 c6 20")
                .op("incl tail", "ff 04 25")
                .raw(Code.littleEndian(RING, Integer.BYTES));
    }

    /** Submits the next few entries as they are. */
    static Code submitFew(Code code) {
        return code.load(HEAD)
                .op("add $8, %eax", "83 c0 08")
                .op("mov %eax, tail", "89 04 25")
                .raw(Code.littleEndian(RING, Integer.BYTES));
    }

    /** Writes a frame of any size by hypercall; it is numbered 0. */
    static Code sendLarge(Code code, int size) {
        return code.store(LARGE, -1)
                .store(TinyGuest.CALL, HANDLE)
                .store(TinyGuest.CALL + 8, LARGE)
                .store(TinyGuest.CALL + 16, size)
                .call(NET_WRITE, TinyGuest.CALL);
    }
}
