package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.BLOCK;
import static jukvm.hypercall.AttachedGuest.BLOCKS;
import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;

/**
 * The two calls of a guest for its disk, in either generation of them.
 *
 * @param ret the offset of the result in their struct, which is u32
 */
record DiskCalls(AttachedGuest guest, HypercallHandler read, HypercallHandler write, int ret) {
    /** Calls, and checks that of all memory only ret changed. */
    void assertReturns(int result, HypercallHandler call, long... fields) {
        guest.put(STRUCT, fields);
        ByteBuffer expected = guest.copy().putInt(STRUCT + ret, result);
        assertTrue(call.handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    /** Reads, and checks that the disk's bytes are where they should be, and ret over them. */
    void assertReads(int offset, int length, int data, long... fields) {
        guest.put(STRUCT, fields);
        ByteBuffer expected = guest.copy();
        for (int i = 0; i < length; i++) {
            expected.put(data + i, guest.disk.original(offset + i));
        }
        expected.putInt(STRUCT + ret, 0);
        assertTrue(read.handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    /** Writes what is at DATA, and checks that of all the disk only this changed. */
    void assertWrites(int offset, int length, long... fields) {
        assertReturns(0, write, fields);
        for (int i = 0; i < BLOCKS * BLOCK; i++) {
            boolean isWritten = i >= offset && i < offset + length;
            byte expected =
                    isWritten ? (byte) guest.memory.u8(DATA + i - offset) : guest.disk.original(i);
            assertEquals(expected, guest.disk.at(i));
        }
    }

    /** Checks that either call ends the guest for an access. */
    void assertRefused(long gpa, String access) {
        guest.assertRefused(read, gpa, access);
        guest.assertRefused(write, gpa, access);
    }
}
