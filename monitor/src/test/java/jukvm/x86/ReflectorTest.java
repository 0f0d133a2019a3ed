package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReflectorTest {
    private static final int SIZE = 4 << 20;
    private static final long FRAME = 0x2000 - 48;
    private static final long TEXT = 0x100000;
    private static final long TEXT_END = 0x101000;
    private static final long GDT = 0x200000;
    private static final long TSS = 0x201000;
    private static final long IDT = 0x202000;
    private static final long STACK = 0x300000;
    private static final long IST_STACK = 0x310000;
    private static final long HANDLER = 0x100040;

    private static final long RIP = 0x100123;
    private static final long CS = 0x0b;
    private static final long SS = 0x13;
    private static final long FLAGS = 0x202;
    private static final int UD = 6;
    private static final int GP = 13;

    private GuestMemory memory;
    private Reflector reflector;

    @BeforeEach
    void layOut() {
        memory = GuestMemory.allocate(SIZE);
        memory.protect(0, TEXT);
        memory.protect(TEXT, TEXT_END - TEXT);
        reflector = new Reflector(memory, new TrapFrame(memory));
        reflector.setIdt(IDT, 32 * 16 - 1);
        for (int vector = 0; vector < 32; vector++) {
            putGate(vector, 0x8e, 0, HANDLER + vector);
        }
        putFrame(STACK, FLAGS);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    private void putFrame(long rsp, long flags) {
        memory.owned(FRAME, 48)
                .putLong(0, 0x5555) // error code of the trap, which is not the one handed on
                .putLong(8, RIP)
                .putLong(16, CS)
                .putLong(24, flags)
                .putLong(32, rsp)
                .putLong(40, SS);
    }

    // SDM volume 3, figure 6-8: offset 15..0, selector, IST, type and level, offset 63..16.
    private void putGate(int vector, int type, int ist, long handler) {
        long low = handler & 0xffff | 0x08L << 16 | (long) ist << 32 | (long) type << 40;
        memory.owned(IDT + vector * 16L, 16)
                .putLong(0, low | (handler >>> 16 & 0xffff) << 48)
                .putLong(8, handler >>> 32);
    }

    // SDM volume 3, figures 7-4 and 7-11: a TSS descriptor of 16 bytes, IST1 at 36 in the TSS.
    private void putTask(long tss, int ist, long stack) {
        long low = 0x67 | (tss & 0xffffff) << 16 | 0x89L << 40 | (tss >>> 24 & 0xff) << 56;
        memory.owned(GDT + 0x18, 16).putLong(0, low).putLong(8, tss >>> 32);
        if (memory.isWritable(tss, 104)) {
            memory.owned(tss + 36 + (ist - 1) * 8L, 8).putLong(0, stack);
        }
        reflector.setGdt(GDT, 0x27);
        reflector.setTask(0x18);
    }

    private long frame(int offset) {
        return memory.u64(FRAME + offset);
    }

    private byte[] contents() {
        byte[] bytes = new byte[SIZE];
        memory.readable(0, SIZE).get(bytes);
        return bytes;
    }

    private void assertPushed(long rsp, long oldRsp, long flags) {
        assertEquals(RIP, memory.u64(rsp));
        assertEquals(CS, memory.u64(rsp + 8));
        assertEquals(flags, memory.u64(rsp + 16));
        assertEquals(oldRsp, memory.u64(rsp + 24));
        assertEquals(SS, memory.u64(rsp + 32));
    }

    private void assertRefused(int vector) {
        byte[] before = contents();
        assertFalse(reflector.reflect(vector, 0));
        assertArrayEquals(before, contents());
    }

    @Test
    void shouldPushFrameBelowTheRedZoneAndReturnToTheHandler() {
        byte[] expected = contents();
        assertTrue(reflector.reflect(UD, 0));
        long rsp = STACK - 128 - 40;
        assertPushed(rsp, STACK, FLAGS);
        assertEquals(HANDLER + UD, frame(8));
        assertEquals(CS, frame(16));
        assertEquals(FLAGS & ~0x200, frame(24)); // IF
        assertEquals(rsp, frame(32));
        assertEquals(SS, frame(40));
        // Nothing but the pushed frame and the trap's has changed.
        byte[] found = contents();
        System.arraycopy(found, (int) rsp, expected, (int) rsp, 40);
        System.arraycopy(found, (int) FRAME, expected, (int) FRAME, 48);
        assertArrayEquals(expected, found);
    }

    static IntStream vectors() {
        return IntStream.range(0, 32);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void shouldPushErrorCodeForVectorsThatHaveOne(int vector) {
        boolean hasError =
                IntStream.of(8, 10, 11, 12, 13, 14, 17, 21, 29, 30).anyMatch(v -> v == vector);
        assertTrue(reflector.reflect(vector, 0x1234));
        long rsp = STACK - 128 - (hasError ? 48 : 40);
        assertEquals(rsp, frame(32));
        assertEquals(HANDLER + vector, frame(8));
        if (hasError) {
            assertEquals(0x1234, memory.u64(rsp));
        }
        assertPushed(hasError ? rsp + 8 : rsp, STACK, FLAGS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17})
    void shouldAlignTheStackAsTheProcessorDoes(int odd) {
        putFrame(STACK + odd, FLAGS);
        assertTrue(reflector.reflect(GP, 0));
        long top = (STACK + odd - 128) / 16 * 16;
        assertEquals(top - 48, frame(32));
        assertPushed(top - 40, STACK + odd, FLAGS);
    }

    @Test
    void shouldClearTheFlagsThatAnInterruptGateClears() {
        long all = 0x3f7fd7;
        putFrame(STACK, all);
        assertTrue(reflector.reflect(UD, 0));
        assertPushed(STACK - 128 - 40, STACK, all);
        assertEquals(all & ~0x14300, frame(24)); // TF, IF, NT, RF
    }

    @ParameterizedTest(name = "type {0}")
    @CsvSource({
        "8e, true", // interrupt gate
        "8f, true", // trap gate
        "ee, true", // interrupt gate that level 3 may use
        "ef, true",
        "0e, false", // not present
        "0f, false",
        "00, false",
        "85, false", // task gate
        "86, false", // 16-bit interrupt gate
        "8c, false", // call gate
        "89, false", // TSS
        "9e, false", // code segment
        "9f, false",
        "ff, false"
    })
    void shouldTakeInterruptAndTrapGatesOnly(String type, boolean taken) {
        putGate(UD, Integer.parseInt(type, 16), 0, HANDLER);
        if (taken) {
            assertTrue(reflector.reflect(UD, 0));
            assertEquals(HANDLER, frame(8));
        } else {
            assertRefused(UD);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x12345, 0x89abcdefL, 0x123456789abcL, 0xffff8000deadbeefL, -1})
    void shouldTakeEveryBitOfTheHandlersAddress(long handler) {
        putGate(UD, 0x8e, 0, handler);
        assertTrue(reflector.reflect(UD, 0));
        assertEquals(handler, frame(8));
    }

    // The stub's return to it would itself fault, at ring 0.
    @ParameterizedTest
    @ValueSource(longs = {0x123456789abcdef0L, 1L << 47, 0xffff7fffffffffffL})
    void shouldNotGoWhereTheProcessorCannot(long handler) {
        putGate(UD, 0x8e, 0, handler);
        assertRefused(UD);
    }

    @Test
    void shouldNeedAnIdt() {
        reflector = new Reflector(memory, new TrapFrame(memory));
        assertRefused(UD);
        reflector.setIdt(IDT, 0);
        assertRefused(0);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 15, true",
        "0, 14, false",
        "13, 223, true",
        "13, 222, false",
        "31, 511, true",
        "31, 510, false",
        "31, 65535, true"
    })
    void shouldKeepToTheLimitOfTheIdt(int vector, int limit, boolean taken) {
        reflector.setIdt(IDT, limit);
        assertEquals(taken, reflector.reflect(vector, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE, SIZE - 15, -1, -16, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32})
    void shouldRefuseIdtOutsideMemory(long base) {
        reflector.setIdt(base, 0xffff);
        assertRefused(0);
        assertRefused(31);
    }

    @Test
    void shouldTakeGateAtTheEndOfMemory() {
        memory.owned(SIZE - 16, 16).putLong(0, 0x0000_8e00_0008_4000L);
        reflector.setIdt(SIZE - 16, 15);
        assertTrue(reflector.reflect(0, 0));
        assertEquals(0x4000, frame(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void shouldUseStackOfTheTaskStateIfTheGateSaysSo(int ist) {
        putTask(TSS, ist, IST_STACK + 9);
        putGate(UD, 0x8e, ist, HANDLER);
        assertTrue(reflector.reflect(UD, 0));
        assertEquals(IST_STACK - 40, frame(32));
        assertPushed(IST_STACK - 40, STACK, FLAGS);
    }

    @Test
    void shouldUseTheStackOfTheGuestsOtherwise() {
        putTask(TSS, 1, IST_STACK);
        assertTrue(reflector.reflect(UD, 0));
        assertEquals(STACK - 128 - 40, frame(32));
    }

    @Test
    void shouldRefuseStackOfTaskStateThatWasNeverLoaded() {
        putGate(UD, 0x8e, 1, HANDLER);
        assertRefused(UD);
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE, SIZE - 43, -37, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32})
    void shouldRefuseTaskStateThatReachesOutsideMemory(long tss) {
        putTask(tss, 1, IST_STACK);
        putGate(UD, 0x8e, 1, HANDLER);
        assertRefused(UD);
    }

    @ParameterizedTest
    @ValueSource(longs = {TSS | 1 << 24, TSS | 1L << 32, TSS | 1L << 63})
    void shouldTakeEveryBitOfTheTaskStatesAddress(long elsewhere) {
        putTask(TSS, 1, IST_STACK);
        putTask(elsewhere, 1, IST_STACK);
        putGate(UD, 0x8e, 1, HANDLER);
        assertRefused(UD);
    }

    @Test
    void shouldTakeTaskStateWhoseStackEndsWithMemory() {
        putTask(SIZE - 44, 1, 0);
        memory.owned(SIZE - 8, 8).putLong(0, IST_STACK);
        putGate(UD, 0x8e, 1, HANDLER);
        assertTrue(reflector.reflect(UD, 0));
        assertEquals(IST_STACK - 40, frame(32));
    }

    @ParameterizedTest
    @CsvSource({
        "200000, 26, 18", // the limit cuts the descriptor
        "200000, 27, 20", // beyond the limit
        "200000, 27, fff8",
        "3ffff0, ffff, 18", // the table reaches outside memory
        "3fffd9, ffff, 18",
        "fffffffffffff000, ffff, 18",
        "7fffffffffffffff, ffff, 18"
    })
    void shouldKeepTheTaskStateWhenTheSelectorIsImpossible(
            String gdt, String limit, String selector) {
        putTask(TSS, 1, IST_STACK);
        reflector.setGdt(Long.parseUnsignedLong(gdt, 16), Integer.parseInt(limit, 16));
        reflector.setTask(Integer.parseInt(selector, 16));
        putGate(UD, 0x8e, 1, HANDLER);
        assertTrue(reflector.reflect(UD, 0));
        assertEquals(IST_STACK - 40, frame(32));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                40,
                168,
                0x2000, // the trap stack
                0x8800, // page tables
                TEXT,
                TEXT_END,
                TEXT_END + 128, // the frame would end where text does
                TEXT_END + 128 + 32, // half in text
                SIZE + 0x1000,
                1L << 32,
                -8,
                Long.MIN_VALUE,
                Long.MIN_VALUE + 16,
                Long.MAX_VALUE
            })
    void shouldRefuseStackThatTheGuestMayNotWrite(long rsp) {
        putFrame(rsp, FLAGS);
        assertRefused(UD);
        assertRefused(GP);
        putFrame(STACK, FLAGS);
        putTask(TSS, 1, rsp - 128);
        putGate(UD, 0x8e, 1, HANDLER);
        assertRefused(UD);
    }

    @ParameterizedTest
    @CsvSource({"400000, 3fff58", "400080, 3fffd8", "10108f, 0", "1010b0, 101008"})
    void shouldUseStackUpToTheLastByteThatTheGuestMayWrite(String rsp, String pushed) {
        long expected = Long.parseLong(pushed, 16);
        putFrame(Long.parseLong(rsp, 16), FLAGS);
        assertEquals(expected != 0, reflector.reflect(UD, 0));
        if (expected != 0) {
            assertEquals(expected, frame(32));
        }
    }

    @Test
    void shouldNeverWriteWhereTheGuestMayNot() {
        Random random = new Random(1);
        long[] odd = {0, 0x2000, 0x8000, TEXT, TEXT_END, STACK, SIZE, 1L << 32, -1, 1L << 63};
        byte[] before = contents();
        int reflected = 0;
        for (int i = 0; i < 200_000; i++) {
            long at = odd[random.nextInt(odd.length)] + random.nextInt(512) - 256;
            long stack = odd[random.nextInt(odd.length)] + random.nextInt(512) - 256;
            int vector = random.nextInt(32);
            putFrame(random.nextBoolean() ? stack : STACK, random.nextLong());
            switch (random.nextInt(6)) {
                case 0 -> reflector.setIdt(at, random.nextInt(0x10000));
                case 1 -> reflector.setGdt(at, random.nextInt(0x10000));
                case 2 -> reflector.setTask(random.nextInt(0x10000));
                case 3 -> putTask(at, 1 + random.nextInt(7), stack);
                default -> reflector.setIdt(IDT, 32 * 16 - 1);
            }
            putGate(vector, random.nextInt(4) == 0 ? random.nextInt(256) : 0x8e, i & 7, at);
            reflected += reflector.reflect(vector, random.nextLong()) ? 1 : 0;
        }
        assertTrue(reflected > 5_000, "reflected " + reflected);
        byte[] after = contents();
        System.arraycopy(before, (int) FRAME, after, (int) FRAME, 48);
        assertArrayEquals(
                java.util.Arrays.copyOf(before, (int) TEXT_END),
                java.util.Arrays.copyOf(after, (int) TEXT_END));
    }
}
