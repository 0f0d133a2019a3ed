package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SplittableRandom;
import jukvm.abi.Dialect;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.error.GuestException;
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

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final HypercallTable table =
            new HypercallTable("test", 0x502, new Puts(Console.discard()))
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
        assertEquals(Map.of(), table.calls());
        assertEquals(0, table.firstCallAt());
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
        assertEquals(Map.of(), table.calls());
        for (int i = 0; i < 3; i++) {
            assertTrue(table.call(0x501, memory, 0x1000));
        }
        assertTrue(table.call(0x502, memory, 0x2000));
        assertEquals(Map.of(Hypercall.WALLTIME, 3L, Hypercall.PUTS, 1L), table.calls());
        assertEquals(42, memory.u64(0x1000));
    }

    @Test
    void shouldAddUpCallsOfAHypercallWithTwoPorts() {
        table.with(0x499, Hypercall.PUTS, new Puts(Console.discard()));
        table.call(0x499, memory, 0x2000);
        table.call(0x502, memory, 0x2000);
        assertEquals(Map.of(Hypercall.PUTS, 2L), table.calls());
    }

    @Test
    void shouldTellWhenTheFirstCallCame() {
        assertEquals(0, table.firstCallAt());
        long before = System.nanoTime();
        table.call(0x501, memory, 0x1000);
        long first = table.firstCallAt();
        assertTrue(first - before >= 0 && System.nanoTime() - first >= 0);
        table.call(0x501, memory, 0x1000);
        assertEquals(first, table.firstCallAt());
    }

    @Test
    void shouldEndTheGuestByHalt() {
        memory.putU32(0x1008, 7);
        assertFalse(table.call(0x508, memory, 0x1000));
        assertEquals(7, table.halt().status());
    }

    @Test
    void shouldKnowHowMuchWasPrinted() {
        memory.putU64(0x1000, 0x2000);
        memory.putU64(0x1008, 5);
        table.call(0x502, memory, 0x1000);
        assertEquals(5, table.puts().bytes());
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
        assertEquals(Map.of(Hypercall.valueOf(name), 1L), table.calls());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x47f, 0x610})
    void shouldNotTakePortsOutsideItsSpan(int port) {
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> table.with(port, Hypercall.POLL, (m, g) -> true));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveWhateverTheGuestSays(Dialect dialect) {
        long seed = new SplittableRandom().nextLong();
        System.out.println("HypercallTableTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Poller poller = new Poller();
        poller.wake();
        Hypercalls hostile =
                dialect.hypercalls(Devices.basic(bytes -> bytes.get(), () -> 1, poller));
        memory.protect(0x3000, 0x1000);
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            long gpa = address(random);
            if (memory.isWritable(gpa, 16)) {
                memory.putU64(gpa, address(random));
                memory.putU64(gpa + 8, random.nextBoolean() ? address(random) : random.nextLong());
            }
            try {
                hostile.call(0x490 + random.nextInt(0x90), memory, gpa);
            } catch (GuestException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, refused + " refused, seed " + seed);
        assertEquals(0, memory.u64(0x3000));
        assertTrue(hostile.calls().size() > 1, "seed " + seed);
        poller.close();
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
