package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.DISK;
import static jukvm.hypercall.AttachedGuest.NET;
import static jukvm.hypercall.AttachedGuest.SIZE;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Offsets are as Solo5's hvt_abi.h has them, handle 0, data 8, len 16, ret 24, and as ukvm.h has
 * them, data 0, len 8, ret 16.
 */
class NetTransferTest {
    /** What the two forms of the contract do not share. */
    private enum Form {
        HVT(8, 1, 2, 3),
        UKVM(0, -1, -1, -1);

        final int start;
        final int again;
        final int einval;
        final int eunspec;

        Form(int start, int again, int einval, int eunspec) {
            this.start = start;
            this.again = again;
            this.einval = einval;
            this.eunspec = eunspec;
        }

        int lenAt() {
            return STRUCT + start + 8;
        }

        int retAt() {
            return STRUCT + start + 16;
        }
    }

    private final AttachedGuest guest = new AttachedGuest();

    @AfterEach
    void close() {
        guest.close();
    }

    private NetTransfer read(Form form) {
        return form == Form.HVT
                ? NetTransfer.read(guest.devices)
                : NetTransfer.ukvmRead(guest.devices, NET);
    }

    private NetTransfer write(Form form) {
        return form == Form.HVT
                ? NetTransfer.write(guest.devices)
                : NetTransfer.ukvmWrite(guest.devices, NET);
    }

    private void put(Form form, long gpa, long data, long length) {
        if (form == Form.HVT) {
            guest.put(gpa, NET);
        }
        guest.put(gpa + form.start, data, length);
    }

    /** Calls, and checks that of all memory only ret changed. */
    private void assertReturns(int ret, Form form, NetTransfer call, long data, long length) {
        put(form, STRUCT, data, length);
        ByteBuffer expected = guest.copy().putInt(form.retAt(), ret);
        assertTrue(call.handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    private static void putFrame(ByteBuffer expected, int gpa, int length) {
        for (int i = 0; i < length; i++) {
            expected.put(gpa + i, (byte) (i + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Frame, buffer, what is read.
        "HVT, 60, 1518, 60",
        "HVT, 1518, 1518, 1518",
        "HVT, 1514, 100, 100",
        "HVT, 60, 1, 1",
        "HVT, 60, 8192, 60",
        "UKVM, 60, 1518, 60",
        "UKVM, 1514, 100, 100",
        "UKVM, 60, 1, 1"
    })
    void shouldReadAFrameAndItsLengthAndNoMore(Form form, int frame, int length, int read) {
        guest.loop.arrive(frame);
        put(form, STRUCT, DATA, length);
        ByteBuffer expected = guest.copy();
        putFrame(expected, DATA, read);
        expected.putLong(form.lenAt(), read).putInt(form.retAt(), 0);
        assertTrue(read(form).handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
        assertEquals(0, guest.loop.waiting());
    }

    @ParameterizedTest
    @CsvSource({"HVT, 14", "HVT, 1518", "UKVM, 14", "UKVM, 1518"})
    void shouldWriteAFrameAndLeaveItsLength(Form form, int length) {
        assertReturns(0, form, write(form), DATA, length);
        assertEquals(length, guest.net.read(guest.memory, 0x4000, 1518));
        for (int i = 0; i < length; i++) {
            assertEquals(guest.memory.u8(DATA + i), guest.memory.u8(0x4000 + i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatNoFrameWaits(Form form) {
        assertReturns(form.again, form, read(form), DATA, 1518);
        guest.loop.arrive(60);
        assertReturns(form.again, form, read(form), DATA, 0);
        assertEquals(1, guest.loop.waiting());
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteFramesThatTheNetworkDrops(Form form) {
        for (int i = 0; i < 6; i++) {
            assertReturns(0, form, write(form), DATA, 60);
        }
        assertEquals(2, guest.net.counters().framesDropped());
    }

    @ParameterizedTest
    @CsvSource({"HVT, 0", "HVT, 13", "HVT, 1519", "HVT, 4096", "UKVM, 0", "UKVM, 13", "UKVM, 1519"})
    void shouldRefuseLengthsThatNoFrameHas(Form form, long length) {
        assertReturns(form.einval, form, write(form), DATA, length);
        assertEquals(0, guest.loop.requests());
        assertEquals(1, guest.net.counters().framesRefused());
    }

    @ParameterizedTest
    @EnumSource
    void shouldReturnThatTheDeviceIsGone(Form form) {
        guest.loop.fail(new IOException("unplugged"));
        for (int i = 0; i < 2; i++) {
            assertReturns(form.eunspec, form, read(form), DATA, 1518);
            assertReturns(form.eunspec, form, write(form), DATA, 60);
        }
        assertEquals(
                List.of("device 'service': unplugged; the guest goes on without it"), guest.lines);
        assertEquals(1, guest.loop.requests());
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 32 | NET, 0xffffffff00000000L | NET, Long.MIN_VALUE | NET})
    void shouldLookAtTheLow32BitsOfTheHandle(long handle) {
        guest.put(STRUCT, handle, DATA, 60);
        assertTrue(write(Form.HVT).handle(guest.memory, STRUCT));
        assertEquals(0, guest.memory.u32(STRUCT + 24));
        assertEquals(handle, guest.memory.u64(STRUCT));
        assertEquals(1, guest.loop.waiting());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                DISK,
                63,
                64,
                NET + 64,
                0x7fffffff,
                0x80000000L | NET,
                0xffffffffL,
                (1L << 32) + 1,
                -1,
                (long) NET << 32
            })
    void shouldRefuseHandlesOfNoNetworkDevice(long handle) {
        guest.loop.arrive(60);
        for (NetTransfer call : List.of(read(Form.HVT), write(Form.HVT))) {
            // The handle comes first: the buffer may be anywhere.
            for (long data : new long[] {DATA, -1}) {
                guest.put(STRUCT, handle, data, 60);
                ByteBuffer expected = guest.copy().putInt(STRUCT + 24, Form.HVT.einval);
                assertTrue(call.handle(guest.memory, STRUCT));
                guest.assertMemory(expected);
            }
        }
        assertEquals(0, guest.loop.requests());
        assertEquals(0, guest.disk.requests());
    }

    @ParameterizedTest
    @CsvSource({
        "HVT, 0xffe5, 'gpa=0xfff5, sz=12, memory=0x10000'",
        "HVT, 0xfff0, 'gpa=0x10000, sz=12, memory=0x10000'",
        "HVT, 0xfff9, 'gpa=0xfff9, sz=8, memory=0x10000'",
        "HVT, 0xffffffff, 'gpa=0xffffffff, sz=8, memory=0x10000'",
        // The read-only page begins with len, with ret, after its first byte; or ends within ret.
        "HVT, 0x7ff0, 'gpa=0x8000, sz=12, the guest may not write 0x8000..0x9000'",
        "HVT, 0x7fe8, 'gpa=0x7ff8, sz=12, the guest may not write 0x8000..0x9000'",
        "HVT, 0x7fe5, 'gpa=0x7ff5, sz=12, the guest may not write 0x8000..0x9000'",
        "HVT, 0x8fe7, 'gpa=0x8ff7, sz=12, the guest may not write 0x8000..0x9000'",
        "HVT, 0x8000, 'gpa=0x8010, sz=12, the guest may not write 0x8000..0x9000'",
        "UKVM, 0xffed, 'gpa=0xfff5, sz=12, memory=0x10000'",
        "UKVM, 0xffffffff, 'gpa=0x100000007, sz=12, memory=0x10000'",
        "UKVM, 0x7ff8, 'gpa=0x8000, sz=12, the guest may not write 0x8000..0x9000'",
        "UKVM, 0x7ff0, 'gpa=0x7ff8, sz=12, the guest may not write 0x8000..0x9000'",
        "UKVM, 0x8fef, 'gpa=0x8ff7, sz=12, the guest may not write 0x8000..0x9000'",
        "UKVM, 0x8000, 'gpa=0x8008, sz=12, the guest may not write 0x8000..0x9000'"
    })
    void shouldEndTheGuestForAStructItMayNotHave(Form form, long gpa, String access) {
        guest.loop.arrive(60);
        if (gpa <= SIZE - 24) {
            put(form, gpa, DATA, 60);
        }
        guest.assertRefused(read(form), gpa, access);
        guest.assertRefused(write(form), gpa, access);
        assertEquals(1, guest.loop.waiting());
    }

    @ParameterizedTest
    @CsvSource({"HVT, 28", "UKVM, 20"})
    void shouldKnowWhereItsStructEnds(Form form, int size) {
        for (int gpa : new int[] {0, SIZE - size, 0x8000 - size, 0x9000}) {
            put(form, gpa, DATA, 60);
            guest.memory.putU32(gpa + size - 4, 0x5a5a5a5a);
            assertTrue(write(form).handle(guest.memory, gpa));
            assertEquals(0, guest.memory.u32(gpa + size - 4));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HVT, 0xfff3, 14, 'gpa=0xfff3, sz=14, memory=0x10000'",
        "HVT, 0x2000, 4294967296, 'gpa=0x2000, sz=4294967296, memory=0x10000'",
        "HVT, 0x2000, -1, 'gpa=0x2000, sz=18446744073709551615, memory=0x10000'",
        "HVT, -14, 14, 'gpa=0xfffffffffffffff2, sz=14, memory=0x10000'",
        "UKVM, 0xfff3, 14, 'gpa=0xfff3, sz=14, memory=0x10000'",
        "UKVM, 0x2000, -1, 'gpa=0x2000, sz=18446744073709551615, memory=0x10000'"
    })
    void shouldEndTheGuestForABufferOutsideMemory(
            Form form, long data, long length, String access) {
        guest.loop.arrive(60);
        put(form, STRUCT, data, length);
        guest.assertRefused(read(form), STRUCT, access);
        guest.assertRefused(write(form), STRUCT, access);
    }

    @ParameterizedTest
    @CsvSource({"HVT, 0x7fff", "HVT, 0x8000", "HVT, 0x8fff", "UKVM, 0x7fff", "UKVM, 0x8fff"})
    void shouldReadOnlyWhereTheGuestMayWrite(Form form, long data) {
        guest.loop.arrive(60);
        put(form, STRUCT, data, 60);
        String access = "gpa=0x" + Long.toHexString(data) + ", sz=60, the guest may not write";
        guest.assertRefused(read(form), STRUCT, access + " 0x8000..0x9000");
        assertReturns(0, form, write(form), data, 60);
    }

    // Over the whole struct, over its results, over a part of each.
    @ParameterizedTest
    @CsvSource({
        "HVT, 0",
        "HVT, 8",
        "HVT, 16",
        "HVT, 19",
        "HVT, 24",
        "HVT, 27",
        "HVT, -59",
        "UKVM, 0",
        "UKVM, 8",
        "UKVM, 16",
        "UKVM, 19",
        "UKVM, -59"
    })
    void shouldReadOverItsOwnStruct(Form form, int offset) {
        guest.loop.arrive(60);
        put(form, STRUCT, STRUCT + offset, 1518);
        ByteBuffer expected = guest.copy();
        putFrame(expected, STRUCT + offset, 60);
        expected.putLong(form.lenAt(), 60).putInt(form.retAt(), 0);
        assertTrue(read(form).handle(guest.memory, STRUCT));
        guest.assertMemory(expected);
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteItsOwnStructAsItWasWhenCalled(Form form) {
        guest.memory.putU32(form.retAt(), 0x5a5a5a5a);
        assertReturns(0, form, write(form), STRUCT, 60);
        assertEquals(60, guest.net.read(guest.memory, 0x4000, 60));
        assertEquals(0x5a5a5a5a, guest.memory.u32(0x4000 + form.start + 16));
    }
}
