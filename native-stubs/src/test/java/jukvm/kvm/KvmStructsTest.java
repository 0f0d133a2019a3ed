package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The views of structs that KVM shares, byte by byte. Offsets are as linux/kvm.h has them. */
class KvmStructsTest {
    private static final int JUNK = 0x5a;

    private static ByteBuffer junk(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) JUNK);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer zeroes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void shouldPutAFlatCodeSegment() {
        ByteBuffer at = junk(48);
        new KvmSegment(at, 24).putFlat(0x0b, 11, 3, true);
        ByteBuffer expected = junk(48);
        expected.putLong(24, 0).putInt(32, -1).putShort(36, (short) 0x0b);
        // type, present, dpl, db, s, l, g, avl, unusable, padding
        expected.put(38, new byte[] {11, 1, 3, 0, 1, 1, 1, 0, 0, 0});
        assertEquals(expected, at);
    }

    @Test
    void shouldPutAFlatDataSegment() {
        ByteBuffer at = junk(24);
        new KvmSegment(at, 0).putFlat(0x10, 3, 0, false);
        ByteBuffer expected = zeroes(24).putInt(8, -1).putShort(12, (short) 0x10);
        expected.put(14, new byte[] {3, 1, 0, 1, 1, 0, 1, 0, 0, 0});
        assertEquals(expected, at);
    }

    @Test
    void shouldPutATaskState() {
        ByteBuffer at = junk(24);
        new KvmSegment(at, 0).putTaskState(0x18, 0x1122334455667788L, 103);
        ByteBuffer expected = zeroes(24).putLong(0, 0x1122334455667788L);
        expected.putInt(8, 103).putShort(12, (short) 0x18);
        expected.put(14, new byte[] {11, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        assertEquals(expected, at);
    }

    @Test
    void shouldPutAnUnusableSegment() {
        ByteBuffer at = junk(24);
        new KvmSegment(at, 0).putUnusable();
        assertEquals(zeroes(24).put(22, (byte) 1), at);
    }

    @Test
    void shouldTellBaseAndSelector() {
        ByteBuffer at = zeroes(24).putLong(0, -1).putShort(12, (short) 0xfff8);
        KvmSegment segment = new KvmSegment(at, 0);
        assertEquals(-1, segment.base());
        assertEquals(0xfff8, segment.selector());
        segment.putBase(0x8000000000000001L);
        assertEquals(0x8000000000000001L, at.getLong(0));
        assertEquals(0xfff8, segment.selector());
    }

    @Test
    void shouldFindEachSegmentWhereItIs() {
        ByteBuffer at = zeroes(312);
        for (int segment = 0; segment < 8; segment++) {
            at.putLong(24 * segment, segment);
        }
        KvmSregs sregs = new KvmSregs(at);
        assertEquals(0, sregs.cs().base());
        long[] data = Arrays.stream(sregs.data()).mapToLong(KvmSegment::base).toArray();
        assertEquals("[1, 2, 3, 4, 5]", Arrays.toString(data));
        assertEquals(3, sregs.fs().base());
        assertEquals(4, sregs.gs().base());
        assertEquals(6, sregs.tr().base());
        assertEquals(7, sregs.ldt().base());
    }

    @Test
    void shouldPutTablesAndControlRegisters() {
        ByteBuffer at = junk(312);
        KvmSregs sregs = new KvmSregs(at);
        sregs.putGdt(0x1000, 0xffff).putIdt(0x2000, 0x8001).putCr2(-1);
        sregs.putControl(0x80000011L, 0x3000, 0x620, 0xd01);
        ByteBuffer expected = junk(312);
        expected.putLong(192, 0x1000).putShort(200, (short) 0xffff);
        expected.putLong(208, 0x2000).putShort(216, (short) 0x8001);
        expected.putLong(224, 0x80000011L).putLong(232, -1).putLong(240, 0x3000);
        expected.putLong(248, 0x620).putLong(264, 0xd01);
        assertEquals(expected, at);
        assertEquals(0x80000011L, sregs.cr0());
        assertEquals(-1, sregs.cr2());
        assertEquals(0x3000, sregs.cr3());
        assertEquals(0x620, sregs.cr4());
    }

    @Test
    void shouldClearSpecialRegisters() {
        ByteBuffer at = junk(320);
        new KvmSregs(at).clear();
        assertEquals(zeroes(312), at.slice(0, 312));
        assertEquals(JUNK, at.get(312));
    }

    @ParameterizedTest
    @EnumSource
    void shouldPutEachRegisterIntoItsPlace(KvmRegs.Reg reg) {
        ByteBuffer at = zeroes(144);
        KvmRegs regs = new KvmRegs(at);
        regs.put(reg, 0x8877665544332211L);
        assertEquals(zeroes(144).putLong(reg.offset, 0x8877665544332211L), at);
        assertEquals(0x8877665544332211L, regs.get(reg));
    }

    @Test
    void shouldClearGeneralRegisters() {
        ByteBuffer at = junk(152);
        new KvmRegs(at).clear();
        assertEquals(zeroes(144), at.slice(0, 144));
        assertEquals(JUNK, at.get(144));
    }

    @ParameterizedTest
    @CsvSource({
        "2, IO",
        "4, DEBUG",
        "5, HLT",
        "6, MMIO",
        "8, SHUTDOWN",
        "9, FAIL_ENTRY",
        "17, INTERNAL_ERROR",
        "0, UNSUPPORTED",
        "1, UNSUPPORTED",
        "10, UNSUPPORTED",
        "39, UNSUPPORTED",
        "-1, UNSUPPORTED",
        "2147483647, UNSUPPORTED"
    })
    void shouldTellWhyTheGuestWasLeft(int number, ExitReason reason) {
        KvmRun run = new KvmRun(zeroes(2352).putInt(8, number));
        assertEquals(reason, run.exitReason());
        assertEquals(number, run.exitReasonNumber());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x499, 0x501, 0x7fff, 0x8000, 0xffff})
    void shouldTellAnAccessToAPort(int port) {
        ByteBuffer at = junk(8192);
        at.put(32, (byte) 1).put(33, (byte) 4).putShort(34, (short) port);
        at.putInt(36, 1).putLong(40, 4096).putInt(4096, 0xfffffff0);
        KvmRun run = new KvmRun(at);
        assertTrue(run.ioIsOut());
        assertEquals(4, run.ioSize());
        assertEquals(port, run.ioPort());
        assertEquals(1, run.ioCount());
        assertEquals(0xfffffff0L, run.ioValue());
        at.put(32, (byte) 0);
        assertFalse(run.ioIsOut());
    }

    @Test
    void shouldTellAnAccessToMemory() {
        ByteBuffer at = zeroes(2352).putLong(32, 0xfee00020L).put(52, (byte) 1);
        KvmRun run = new KvmRun(at);
        assertEquals(0xfee00020L, run.mmioAddress());
        assertTrue(run.mmioIsWrite());
        at.put(52, (byte) 0);
        assertFalse(run.mmioIsWrite());
    }

    @Test
    void shouldTellWhatWentWrong() {
        KvmRun run = new KvmRun(zeroes(2352).putLong(32, 0x8000000000000021L));
        assertEquals(0x8000000000000021L, run.failEntryReason());
        assertEquals(0x21, run.internalSuberror());
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "true, 2"})
    void shouldPutAMemorySlot(boolean readOnly, int flags) {
        ByteBuffer at = junk(40);
        new KvmUserspaceMemoryRegion(at).put(3, readOnly, 0x100000, 0x200000, 0x7f0011223000L);
        ByteBuffer expected = junk(40).putInt(0, 3).putInt(4, flags);
        expected.putLong(8, 0x100000).putLong(16, 0x200000).putLong(24, 0x7f0011223000L);
        assertEquals(expected, at);
    }

    @Test
    void shouldPutModelSpecificRegisters() {
        ByteBuffer at = zeroes(48);
        KvmMsrs msrs = new KvmMsrs(at).count(2).put(0, 0xc0000082, -2).put(1, 0x277, 3);
        ByteBuffer expected = zeroes(48).putInt(0, 2).putInt(8, 0xc0000082).putLong(16, -2);
        assertEquals(expected.putInt(24, 0x277).putLong(32, 3), at);
        assertEquals(3, msrs.data(1));
    }

    @Test
    void shouldPutTheTaskPriorityWhereKvmRunTakesIt() {
        ByteBuffer at = zeroes(KvmRun.SIZE);
        new KvmRun(at).putCr8(15);
        assertEquals(zeroes(KvmRun.SIZE).putLong(16, 15), at);
    }

    @Test
    void shouldPutACapabilityToSwitchOn() {
        ByteBuffer at = zeroes(KvmEnableCap.SIZE);
        new KvmEnableCap(at).put(Capability.X86_TRIPLE_FAULT_EVENT);
        assertEquals(zeroes(KvmEnableCap.SIZE).putInt(0, 218).putLong(8, 1), at);
    }

    @Test
    void shouldHaveRoomForEveryEntryOfTheCpuidTable() {
        try (Mapping table = KvmCpuid2.allocate()) {
            assertEquals(256, KvmCpuid2.over(table).entries());
            assertEquals(8 + 256 * 40, table.length());
        }
    }
}
