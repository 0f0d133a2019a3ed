package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import jukvm.abi.Dialect;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.LoopNet;
import jukvm.device.Notices;
import jukvm.device.RamDisk;
import jukvm.error.GuestException;
import jukvm.io.ParkedException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HypercallTableTest {
    private static final int SIZE = 1 << 20;
    private static final int DISK = 3;
    private static final int NET = 5;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final HypercallTable table =
            new HypercallTable(new HypercallFacts(new Puts(Console.discard(), new Poller())))
                    .withPuts(0x502)
                    .with(0x501, Hypercall.WALLTIME, new WallTime(() -> 42))
                    .withHalt(0x508);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @CsvSource({
        // Within the numbers of hvt and ukvm 0.3.
        "0x500, Invalid guest hypercall: num=0",
        "0x503, Invalid guest hypercall: num=3",
        "0x50a, Invalid guest hypercall: num=10",
        // Everywhere else.
        "0x50b, Invalid guest port access: port=0x50b",
        "0x4ff, Invalid guest port access: port=0x4ff",
        "0x0, Invalid guest port access: port=0x0",
        "0x3f8, Invalid guest port access: port=0x3f8",
        "0x47f, Invalid guest port access: port=0x47f",
        "0x480, Invalid guest port access: port=0x480",
        "0x57f, Invalid guest port access: port=0x57f",
        "0x580, Invalid guest port access: port=0x580",
        "0x600, Invalid guest port access: port=0x600",
        "0x60f, Invalid guest port access: port=0x60f",
        "0x610, Invalid guest port access: port=0x610",
        "0xffff, Invalid guest port access: port=0xffff"
    })
    void shouldRefuseUnknownPorts(int port, String message) {
        assertFalse(table.knows(port));
        GuestException e =
                assertThrows(GuestException.class, () -> table.call(port, memory, 0x1000));
        assertEquals(message, e.getMessage());
        assertEquals(Map.of(), table.facts().calls());
        assertEquals(0, table.facts().firstCallAt());
    }

    @ParameterizedTest
    @CsvSource({
        "0x80, 1, Invalid guest port access: port=0x80 size=1",
        "0x502, 1, Invalid guest port access: port=0x502 size=1",
        "0x502, 2, Invalid guest port access: port=0x502 size=2",
        "0x509, 4, Invalid guest hypercall: num=9"
    })
    void shouldNameWidthsThatAreNotAHypercalls(int port, int width, String message) {
        assertEquals(message, HypercallTable.refusal(port, width).getMessage());
    }

    @Test
    void shouldCountCallsByHypercall() {
        assertEquals(Map.of(), table.facts().calls());
        for (int i = 0; i < 3; i++) {
            assertTrue(table.call(0x501, memory, 0x1000));
        }
        assertTrue(table.call(0x502, memory, 0x2000));
        assertEquals(Map.of(Hypercall.WALLTIME, 3L, Hypercall.PUTS, 1L), table.facts().calls());
        assertEquals(42, memory.u64(0x1000));
    }

    @Test
    void shouldCountOnceACallThatIsLeftAndMadeAgain() {
        try (Poller poller = new Poller(() -> {}, (waited, left) -> true)) {
            Devices devices = Devices.basic(Console.discard(), () -> 1, poller);
            table.with(0x503, Hypercall.POLL, Poll.hvt(devices));
            memory.putU64(0x1000, -1);
            assertThrows(ParkedException.class, () -> table.call(0x503, memory, 0x1000));
            assertThrows(ParkedException.class, () -> table.call(0x503, memory, 0x1000));
            assertEquals(Map.of(), table.facts().calls());
            poller.wake();
            table.call(0x503, memory, 0x1000);
        }
        assertEquals(Map.of(Hypercall.POLL, 1L), table.facts().calls());
    }

    @Test
    void shouldAddUpCallsOfAHypercallWithTwoPorts() {
        table.with(0x499, Hypercall.PUTS, new Puts(Console.discard(), new Poller()));
        table.call(0x499, memory, 0x2000);
        table.call(0x502, memory, 0x2000);
        assertEquals(Map.of(Hypercall.PUTS, 2L), table.facts().calls());
    }

    @Test
    void shouldTellWhenTheFirstCallCame() {
        assertEquals(0, table.facts().firstCallAt());
        long before = System.nanoTime();
        table.call(0x501, memory, 0x1000);
        long first = table.facts().firstCallAt();
        assertTrue(first - before >= 0 && System.nanoTime() - first >= 0);
        table.call(0x501, memory, 0x1000);
        assertEquals(first, table.facts().firstCallAt());
    }

    @Test
    void shouldEndTheGuestByHalt() {
        memory.putU32(0x1008, 7);
        assertFalse(table.call(0x508, memory, 0x1000));
        assertEquals(7, table.facts().halt().status());
    }

    @Test
    void shouldKnowHowMuchWasPrinted() {
        memory.putU64(0x1000, 0x2000);
        memory.putU64(0x1008, 5);
        table.call(0x502, memory, 0x1000);
        assertEquals(5, table.facts().puts().bytes());
    }

    @ParameterizedTest
    @CsvSource({
        "0x501, WALLTIME, 8",
        "0x502, PUTS, 8",
        "0x508, HALT, 8",
    })
    void shouldNameTheHypercallTheGuestBroke(int port, String name, int read) {
        GuestException e =
                assertThrows(GuestException.class, () -> table.call(port, memory, 0xffffffffL));
        assertEquals(
                name + ": Invalid guest access: gpa=0xffffffff, sz=" + read + ", memory=0x100000",
                e.getMessage());
        assertEquals(0, e.getStackTrace().length);
        assertEquals(Map.of(Hypercall.valueOf(name), 1L), table.facts().calls());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x47f, 0x610})
    void shouldNotTakePortsOutsideItsSpan(int port) {
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> table.with(port, Hypercall.POLL, (m, g) -> true));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x480, 0x60f})
    void shouldAnswerAtTheEndsOfItsSpan(int port) {
        table.with(port, Hypercall.WALLTIME, new WallTime(() -> 43));
        assertTrue(table.knows(port));
        assertTrue(table.call(port, memory, 0x1000));
        assertEquals(43, memory.u64(0x1000));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveWhateverTheGuestSays(Dialect dialect) {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("HypercallTableTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        memory.protect(0x3000, 0x1000);
        byte[] constant = new byte[0x1000];
        random.nextBytes(constant);
        memory.owned(0x3000, 0x1000).put(constant);
        try (LoopNet loop = new LoopNet().within(memory);
                Poller poller = new Poller()) {
            poller.wake();
            RamDisk disk = new RamDisk(64 * 512, 512).within(memory);
            Notices notices = new Notices(line -> {});
            AttachedBlock block = new AttachedBlock("storage", disk, notices, poller);
            AttachedNet net = new AttachedNet("service", loop, notices);
            Devices devices =
                    new Devices(
                            bytes -> bytes.get(), () -> 1, poller, Map.of(DISK, block, NET, net));
            GuestHypercalls hostile = dialect.hypercalls(devices);
            long refused = attack(hostile, random, disk, loop);
            assertTrue(refused > 1000, refused + " refused, seed " + seed);
            byte[] left = new byte[0x1000];
            memory.readable(0x3000, 0x1000).get(left);
            assertArrayEquals(constant, left, "seed " + seed);
            assertTrue(
                    hostile.facts().calls().size() > 6, hostile.facts().calls() + ", seed " + seed);
            assertTrue(block.counters().reads() > 10, block.counters() + ", seed " + seed);
            assertTrue(block.counters().writes() > 10, block.counters() + ", seed " + seed);
            assertTrue(block.counters().errors() > 10, block.counters() + ", seed " + seed);
            assertTrue(net.counters().framesRead() > 10, net.counters() + ", seed " + seed);
            assertTrue(net.counters().framesWritten() > 10, net.counters() + ", seed " + seed);
        }
    }

    private long attack(
            GuestHypercalls hostile, SplittableRandom random, RamDisk disk, LoopNet loop) {
        long refused = 0;
        for (int i = 0; i < 200_000; i++) {
            if (i % 1000 == 0) {
                disk.fail(new IOException("broken"));
            } else if (i % 1000 == 200) {
                disk.mend();
            }
            if (i % 100 == 0) {
                loop.keep(random.nextInt(4));
            }
            boolean isRight = random.nextInt(4) == 0;
            long gpa = isRight ? 8L * random.nextInt(0x200, 0x600) : address(random);
            long[] fields = isRight ? request(random) : fields(random);
            for (int at = 0; at < fields.length && memory.isWritable(gpa + 8L * at, 8); at++) {
                memory.putU64(gpa + 8L * at, fields[at]);
            }
            try {
                int port = isRight ? random.nextInt(0x501, 0x50b) : random.nextInt(0x490, 0x520);
                hostile.call(port, memory, gpa);
            } catch (GuestException e) {
                refused++;
            }
        }
        return refused;
    }

    /** The fields of a request that one of the dialects would take, most of the time. */
    private static long[] request(SplittableRandom random) {
        boolean isHvt = random.nextBoolean();
        int offset = random.nextInt(66);
        int data = random.nextInt(SIZE);
        if (random.nextBoolean()) {
            long length = 512L * random.nextInt(1, 8);
            return isHvt
                    ? new long[] {DISK, 512L * offset, data, length}
                    : new long[] {offset, data, length};
        }
        int length = random.nextInt(1530);
        return isHvt ? new long[] {NET, data, length} : new long[] {data, length};
    }

    private static long[] fields(SplittableRandom random) {
        return new long[] {field(random), field(random), field(random), field(random)};
    }

    /** A handle, an offset, a sector, a length, an address, or anything. */
    private static long field(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> DISK + (random.nextLong() << 32);
            case 2 -> NET;
            case 3 -> 512L * random.nextInt(70);
            case 4 -> 512L * random.nextLong();
            case 5 -> random.nextInt(80);
            case 6 -> random.nextInt(1530);
            default -> address(random);
        };
    }

    /** What fits into 32 bits, most of it near an end of memory or of the read-only page. */
    private static long address(SplittableRandom random) {
        long near = random.nextLong(-32, 32);
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong(1L << 32);
            case 1 -> SIZE + near;
            case 2 -> 0x3000 + near;
            case 3 -> 0x4000 + near;
            case 4 -> Math.max(0, near);
            default -> random.nextLong(SIZE);
        };
    }
}
