package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import jukvm.error.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuestMemoryTest {
    private static final long GIB = 1L << 30;
    private static final long SIZE = 1L << 20;
    private static final int PAGE = GuestMemory.PAGE;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {PAGE, 3 * PAGE, SIZE, GIB - PAGE, GIB, GIB + PAGE, 4 * GIB})
    void shouldHaveTheSizeAskedFor(long size) {
        try (GuestMemory other = GuestMemory.allocate(size)) {
            assertEquals(size, other.size());
            assertEquals(0, other.u8(size - 1));
            assertThrows(GuestException.class, () -> other.u8(size));
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, 1, 4095, 4097, -4096, 4 * GIB + PAGE, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldRefuseSizesNoGuestHas(long size) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> GuestMemory.allocate(size));
        assertEquals("guest memory of " + size + " bytes", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 1",
        "0, 1048576",
        "1, 1048575",
        "1048575, 1",
        "1048576, 0",
        "4095, 2",
    })
    void shouldGiveRangesInside(long gpa, long length) {
        assertTrue(memory.contains(gpa, length));
        assertTrue(memory.isWritable(gpa, length));
        assertTrue(memory.isReadable(gpa, length));
        memory.requireReadable(gpa, length);
        memory.requireWritable(gpa, length);
        assertEquals(length, memory.readable(gpa, length).remaining());
        assertEquals(length, memory.writable(gpa, length).remaining());
        assertEquals(length, memory.owned(gpa, length).remaining());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1048577",
        "1, 1048576",
        "1048575, 2",
        "1048576, 1",
        "1048577, 0",
        "-1, 0",
        "-1, 1",
        "-1, 2",
        "-4096, 4096",
        "-1048576, 1048576",
        "0, -1",
        "4096, -1",
        "1048576, -1",
        "4096, -4096",
        "-1, -1",
        "4294967295, 1",
        "4294967296, 1",
        "4294967296, 0",
        "0, 4294967296",
        "0, 4294967297",
        "9223372036854775807, 0",
        "9223372036854775807, 1",
        "1, 9223372036854775807",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, 0",
        "-9223372036854775808, 1",
        "-9223372036854775808, -9223372036854775808",
        "-9223372036854775808, 9223372036854775807",
        "0, -9223372036854775808",
        "1048576, -9223372036854775808"
    })
    void shouldRefuseRangesThatReachOutside(long gpa, long length) {
        assertFalse(memory.contains(gpa, length));
        assertFalse(memory.isWritable(gpa, length));
        assertFalse(memory.isReadable(gpa, length));
        String message =
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(gpa)
                        + ", sz="
                        + Long.toUnsignedString(length)
                        + ", memory=0x100000";
        assertRefused(message, () -> memory.requireReadable(gpa, length));
        assertRefused(message, () -> memory.requireWritable(gpa, length));
        assertRefused(message, () -> memory.readable(gpa, length));
        assertRefused(message, () -> memory.writable(gpa, length));
        assertRefused(message, () -> memory.owned(gpa, length));
    }

    private static void assertRefused(String message, Runnable access) {
        GuestException e = assertThrows(GuestException.class, access::run);
        assertEquals(message, e.getMessage());
    }

    @Test
    void shouldContainARangeExactlyWhenUnboundedArithmeticSaysSo() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("GuestMemoryTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        BigInteger size = BigInteger.valueOf(SIZE);
        long inside = 0;
        for (int i = 0; i < 1_000_000; i++) {
            long gpa = hostile(random);
            long length = hostile(random);
            boolean expected =
                    gpa >= 0
                            && length >= 0
                            && BigInteger.valueOf(gpa)
                                            .add(BigInteger.valueOf(length))
                                            .compareTo(size)
                                    <= 0;
            if (memory.contains(gpa, length) != expected) {
                throw new AssertionError("seed " + seed + ": gpa=" + gpa + " length=" + length);
            }
            inside += expected ? 1 : 0;
        }
        assertTrue(inside > 10_000, "only " + inside + " ranges inside, seed " + seed);
    }

    /** Any long, most of them near a number at which arithmetic changes. */
    private static long hostile(SplittableRandom random) {
        long near = random.nextLong(-8, 9);
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> near;
            case 2 -> SIZE + near;
            case 3 -> (1L << random.nextInt(64)) + near;
            case 4 -> Long.MAX_VALUE - SIZE + near;
            case 5 -> Long.MIN_VALUE + near;
            default -> random.nextLong(2 * SIZE);
        };
    }

    static Stream<Consumer<GuestMemory>> wideAccessesAtTheEnd() {
        return Stream.of(
                m -> m.u8(SIZE),
                m -> m.u16(SIZE - 1),
                m -> m.u32(SIZE - 3),
                m -> m.u64(SIZE - 7),
                m -> m.putU32(SIZE - 3, 0),
                m -> m.putU64(SIZE - 7, 0),
                m -> m.u8(-1),
                m -> m.u16(-1),
                m -> m.u32(-1),
                m -> m.u64(-1),
                m -> m.putU32(-1, 0),
                m -> m.putU64(-1, 0));
    }

    @ParameterizedTest
    @MethodSource("wideAccessesAtTheEnd")
    void shouldRefuseValuesThatReachOutside(Consumer<GuestMemory> access) {
        assertThrows(GuestException.class, () -> access.accept(memory));
    }

    @Test
    void shouldReachTheLastByte() {
        memory.putU64(SIZE - 8, 0x8877665544332211L);
        assertEquals(0x8877665544332211L, memory.u64(SIZE - 8));
        assertEquals(0x88776655, memory.u32(SIZE - 4));
        assertEquals(0x8877, memory.u16(SIZE - 2));
        assertEquals(0x88, memory.u8(SIZE - 1));
        memory.putU32(SIZE - 4, 0x01020304);
        assertEquals(0x0102030444332211L, memory.u64(SIZE - 8));
    }

    @Test
    void shouldBeZeroAtFirst() {
        assertEquals(ByteBuffer.allocate((int) SIZE), memory.readable(0, SIZE));
    }

    @Test
    void shouldViewTheSameBytesLittleEndian() {
        ByteBuffer view = memory.writable(0x1234, 16);
        assertEquals(ByteOrder.LITTLE_ENDIAN, view.order());
        assertTrue(view.isDirect());
        assertEquals(16, view.remaining());
        int start = view.position();
        view.putLong(start + 8, 0x0102030405060708L);
        assertThrows(IndexOutOfBoundsException.class, () -> view.get(start + 16));
        assertEquals(0x0102030405060708L, memory.u64(0x123c));
        assertEquals(8, memory.readable(0x123c, 1).get());
        assertThrows(BufferUnderflowException.class, () -> memory.readable(0x123c, 1).getShort());
    }

    @Test
    void shouldGiveTheSameViewAgainWhateverWasDoneToIt() {
        ByteBuffer view = memory.writable(0x1000, 16);
        view.clear().order(ByteOrder.LITTLE_ENDIAN).limit(3);
        assertSame(view, memory.readable(0x2000, 5));
        assertEquals(0x2000, view.position());
        assertEquals(5, view.remaining());
    }

    @Test
    void shouldGiveBuffersOfItsOwnForTheMonitor() {
        ByteBuffer owned = memory.owned(0x1234, 16);
        assertNotSame(owned, memory.owned(0x1234, 16));
        assertEquals(0, owned.position());
        assertEquals(16, owned.capacity());
        owned.putLong(8, 7);
        assertEquals(7, memory.u64(0x123c));
    }

    static LongStream borders() {
        return LongStream.of(GIB, 2 * GIB, 3 * GIB);
    }

    @ParameterizedTest
    @MethodSource("borders")
    void shouldReachAcrossWindows(long border) {
        try (GuestMemory large = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            long value = 0x1122334455667788L;
            for (long gpa = border - 8; gpa <= border; gpa++) {
                large.putU64(gpa, value);
                assertEquals(value, large.u64(gpa));
                assertEquals((int) value, large.u32(gpa));
                assertEquals(0x7788, large.u16(gpa));
                assertEquals(0x88, large.u8(gpa));
                assertEquals(value, large.readable(gpa, 8).getLong());
                large.putU32(gpa, 0xabcdef01);
                assertEquals(0xabcdef01, large.u32(gpa));
            }
            // The same byte by a window that ends above it and by the one it starts.
            ByteBuffer below = large.owned(border - 1, GIB);
            below.put(1, (byte) 0x5a);
            assertEquals(0x5a, large.u8(border));
            below.put((int) GIB - 1, (byte) 0x6b);
            assertEquals(0x6b, large.u8(border + GIB - 2));
        }
    }

    @Test
    void shouldReachTheLastByteOfTheLargestGuest() {
        try (GuestMemory large = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            large.putU64(4 * GIB - 8, -1);
            assertEquals(0xff, large.u8(4 * GIB - 1));
            assertEquals(-1, large.owned(3 * GIB, GIB).get((int) GIB - 1));
            assertEquals(0, large.u64(0));
            assertThrows(GuestException.class, () -> large.u8(4 * GIB));
            assertThrows(GuestException.class, () -> large.u32(4 * GIB - 3));
            assertThrows(GuestException.class, () -> large.readable(3 * GIB + 1, GIB));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1073741825", "1, 1073741825", "0, 4294967296", "2147483648, 2147483648"})
    void shouldRefuseViewsLongerThanOneGib(long gpa, long length) {
        try (GuestMemory large = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            large.requireReadable(gpa, length);
            large.requireWritable(gpa, length);
            String message =
                    "Invalid guest access: gpa=0x"
                            + Long.toHexString(gpa)
                            + ", sz="
                            + length
                            + ", longer than 1073741824 bytes";
            assertRefused(message, () -> large.readable(gpa, length));
            assertRefused(message, () -> large.writable(gpa, length));
            assertRefused(message, () -> large.owned(gpa, length));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, GIB - 1, GIB, GIB + 1, 2 * GIB - 1, 3 * GIB})
    void shouldGiveViewsOfOneGibFromAnywhere(long gpa) {
        try (GuestMemory large = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            ByteBuffer view = large.writable(gpa, GIB);
            assertEquals(GIB, view.remaining());
            view.put(view.limit() - 1, (byte) 3);
            assertEquals(3, large.u8(gpa + GIB - 1));
        }
    }

    static Stream<Consumer<GuestMemory>> accesses() {
        return Stream.of(
                m -> m.u8(0),
                m -> m.u16(0),
                m -> m.u32(0),
                m -> m.u64(0),
                m -> m.putU32(0, 1),
                m -> m.putU64(0, 1),
                m -> m.readable(0, 1),
                m -> m.writable(0, 1),
                m -> m.owned(0, 1));
    }

    @ParameterizedTest
    @MethodSource("accesses")
    void shouldRefuseUseAfterClose(Consumer<GuestMemory> access) {
        access.accept(memory);
        memory.close();
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> access.accept(memory));
        assertEquals("guest memory is closed", e.getMessage());
        memory.close();
    }

    @Test
    void shouldKeepGuestsApart() {
        try (GuestMemory other = GuestMemory.allocate(SIZE)) {
            memory.putU64(0x1000, 1);
            other.putU64(0x1000, 2);
            assertEquals(List.of(1L, 2L), List.of(memory.u64(0x1000), other.u64(0x1000)));
        }
    }
}
