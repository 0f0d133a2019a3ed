package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests that do what no guest should, one after another in one JVM: each comes to its end and to
 * no other, in time, and a guest that behaves runs after it as if nothing had happened.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileGuestsIT {
    private static final int RANDOM_GUESTS = Soak.LONG ? 600 : 150;

    // Of the guests one in so many, where each takes seconds; no divisor of the sizes of their
    // kinds.
    private static final int STEP = Boolean.getBoolean("jukvm.short") ? 11 : 1;

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    static Stream<Arguments> guests() {
        List<Arguments> all = allGuests().toList();
        return IntStream.range(0, all.size()).filter(index -> index % STEP == 0).mapToObj(all::get);
    }

    private static Stream<Arguments> allGuests() {
        return Stream.of(
                        HostileCalls.guests(),
                        HostilePorts.guests(),
                        HostileMemory.guests(),
                        HostileRegisters.guests(),
                        HostileTables.guests(),
                        HostileReturns.guests())
                .flatMap(List::stream)
                .flatMap(
                        guest ->
                                guest.rings().stream()
                                        .map(privilege -> Arguments.of(guest, privilege)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("guests")
    void shouldEndAsItMust(Hostile guest, PrivilegeMode privilege) {
        RunResult result = Run.run(monitor, guest.spec(privilege));
        Hostile.End end = guest.end(monitor, privilege);
        assertTrue(
                end.holds().test(result.outcome()),
                () -> guest + ", " + privilege + ": expected " + end + ", was " + result.outcome());
        assertEquals(guest.consoleBytes(), result.counters().consoleBytes());
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        assertTrue(took.compareTo(guest.deadline().plus(Run.LATE)) < 0, "ended too late: " + took);
        assertHealthy();
    }

    private void assertHealthy() {
        Run sentinel = Run.of(monitor, Guests.prebuilt("hello.hvt"), PrivilegeMode.AUTO, "exit=7");
        assertEquals(new Outcome.Exited(7), sentinel.result().outcome());
        assertTrue(sentinel.console().contains("command line: exit=7"), sentinel.console());
    }

    @Test
    void shouldRefuseEveryNumberThatIsNoHypercall() {
        for (int number = 0; number < 256; number++) {
            if (number == 1 || number == 2 || number == 3 || number == 8) {
                continue;
            }
            for (PrivilegeMode privilege : List.of(PrivilegeMode.RING_3, PrivilegeMode.RING_0)) {
                String refused =
                        number <= 10
                                ? "Invalid guest hypercall: num=" + number + ","
                                : "Invalid guest port access: port=0x"
                                        + Integer.toHexString(0x500 + number)
                                        + ",";
                Hostile guest =
                        Hostile.guest(
                                "no hypercall", new Code().call(0x500 + number, TinyGuest.DATA));
                Outcome outcome = Run.run(monitor, guest.spec(privilege)).outcome();
                assertTrue(Hostile.End.fault(refused).holds().test(outcome), outcome::toString);
            }
        }
    }

    // Round to zero, denormals flushed, all exceptions unmasked; then it prints, and the console is
    // called on the thread that ran the guest.
    @Test
    void shouldKeepItsArithmeticFromTheHost() {
        Code code =
                new Code()
                        .store(TinyGuest.SCRATCH, 0xe040L)
                        .op("ldmxcsr address", "0f ae 14 25 00 24 10 00")
                        .store(TinyGuest.SCRATCH, 0x0c00)
                        .op("fldcw address", "d9 2c 25 00 24 10 00")
                        .op("fldpi", "d9 eb")
                        .op("fldpi", "d9 eb")
                        .puts(TinyGuest.TEXT, 1)
                        .done();
        double third = new Random(1).nextDouble() / 3;
        List<Double> seen = new ArrayList<>();
        Hostile guest = Hostile.guest("arithmetic", code);
        RunResult result =
                Run.run(
                        monitor,
                        guest.spec(PrivilegeMode.AUTO)
                                .console(
                                        bytes -> {
                                            seen.add(new Random(1).nextDouble() / 3);
                                            seen.add(bytes.remaining() * Double.MIN_VALUE * 3);
                                            seen.add(bytes.remaining() / 0.0);
                                        }));
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        assertEquals(List.of(third, 3 * Double.MIN_VALUE, Double.POSITIVE_INFINITY), seen);
    }

    @Soak
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_3", "RING_0"})
    void shouldOutliveRandomGuests(PrivilegeMode privilege) {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("random guests at " + privilege + ": -Djukvm.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < RANDOM_GUESTS; i++) {
            Code code = i % 2 == 0 ? noise(random) : privileges(random);
            Hostile guest = Hostile.guest("random", code);
            RunResult result =
                    Run.run(monitor, guest.spec(privilege).deadline(Duration.ofMillis(30)));
            // Whatever it did, it is its own doing, and never the host's.
            assertFalse(
                    result.outcome() instanceof Outcome.HostError
                            || result.outcome() instanceof Outcome.Cancelled,
                    () -> "seed " + seed + ": " + result.outcome());
            Duration took = Duration.ofNanos(result.timeline().startToExit());
            assertTrue(took.compareTo(Run.LATE) < 0, () -> "seed " + seed + ": " + took);
            if (i % 20 == 0) {
                assertHealthy();
            }
        }
        assertHealthy();
    }

    private static Code noise(Random random) {
        byte[] bytes = new byte[512];
        random.nextBytes(bytes);
        return (random.nextBoolean() ? new Code().handlers() : new Code()).raw(bytes);
    }

    private static Code privileges(Random random) {
        List<String> instructions =
                List.of(
                        "0f 30",
                        "0f 32",
                        "0f 22 d8",
                        "0f 22 c0",
                        "0f 22 e0",
                        "0f 20 c0",
                        "fa",
                        "fb",
                        "0f 01 10",
                        "0f 01 18",
                        "0f 00 d8",
                        "0f 00 d0",
                        "48 cf",
                        "48 cb",
                        "0f 01 f8",
                        "8e d0",
                        "8e d8",
                        "9d",
                        "0f 01 38",
                        "cc",
                        "ef",
                        "cf",
                        "cb",
                        "0f 01 d1",
                        "f1",
                        "0f 0b",
                        "0f 05",
                        "ff 18",
                        "ff 28",
                        "0f 01 7c 24 7f",
                        "41 0f 01 55 00");
        long[] values = {
            0,
            1,
            8,
            0x10,
            0x18,
            0x501,
            0x503,
            0x508,
            0x1000,
            0x1fd8,
            0x2000,
            0x10000,
            0x100000,
            0x102000,
            0x102200,
            0x1ffff8,
            0x200000,
            0x4b564d01,
            0xc0000080L,
            0xc0000100L,
            0xc0000102L,
            1L << 47,
            Long.MIN_VALUE,
            -1,
            0x3202,
            0x7302
        };
        Code code = random.nextBoolean() ? new Code().handlers() : new Code();
        for (int i = 0; i < 60; i++) {
            long value = values[random.nextInt(values.length)];
            if (random.nextInt(3) == 0) {
                code.push(value);
            } else {
                code.set(random.nextInt(8), value);
            }
            code.op("one of these", instructions.get(random.nextInt(instructions.size())));
        }
        return code;
    }
}
