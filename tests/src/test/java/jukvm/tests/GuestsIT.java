package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.Ring;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every guest, prebuilt and just built, in every dialect, at every ring, to its expected end. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuestsIT {
    private final Monitor monitor = Monitor.open();

    /** What a guest does with its arguments, in a dialect that can pass a status and abort. */
    private record Case(String guest, String arguments, End end, String console) {}

    private enum End {
        STATUS_0,
        STATUS_42,
        ABORT,
        TRANSLATION_FAULT
    }

    private static final List<Case> CASES =
            List.of(
                    new Case("hello", "Hello", End.STATUS_0, "command line: Hello\n"),
                    new Case("hello", "a exit=42", End.STATUS_42, "command line: a exit=42\n"),
                    new Case("hello", "", End.STATUS_0, "command line: \n"),
                    new Case("hello", "x".repeat(8191), End.STATUS_0, "x".repeat(8191) + "\n"),
                    new Case("fpu", "", End.STATUS_0, "SUCCESS\n"),
                    new Case("time", "", End.STATUS_0, "SUCCESS\n"),
                    new Case("fault", "", End.ABORT, "cr2=0x400000000\nABORT"),
                    new Case("fault", "divide", End.ABORT, "caught #DE"),
                    new Case("fault", "invalid", End.ABORT, "caught #UD"),
                    new Case("fault", "breakpoint", End.STATUS_0, "SUCCESS\n"),
                    new Case("write-text", "", End.TRANSLATION_FAULT, "writing to text\n"),
                    new Case("exec-data", "", End.TRANSLATION_FAULT, "executing data\n"),
                    new Case("exec-data", "rodata", End.TRANSLATION_FAULT, "executing rodata\n"),
                    new Case("exec-data", "heap", End.TRANSLATION_FAULT, "executing heap\n"));

    @BeforeAll
    static void countGuests() {
        assertTrue(Guests.folders().size() >= 1, "no guests to run");
    }

    @AfterAll
    void close() {
        monitor.close();
    }

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Path folder : Guests.folders()) {
            for (String dialect : List.of("hvt", "ukvm")) {
                for (Case one : CASES) {
                    for (Ring ring : List.of(Ring.AUTO, Ring.RING_0, Ring.RING_3)) {
                        cases.add(Arguments.of(folder.getFileName(), dialect, ring, one, folder));
                    }
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @MethodSource("cases")
    void shouldEndAsExpected(Path name, String dialect, Ring ring, Case one, Path folder) {
        Run run =
                Run.of(
                        monitor,
                        folder.resolve(one.guest + "." + dialect),
                        ring,
                        one.arguments.split(" ", -1));
        Outcome outcome = run.result().outcome();
        boolean atRing0 = run.result().ring() == 0;
        if (atRing0 && beyondEmulation(one) && monitor.autoRing().ring() == 3) {
            assertNotEmulated(outcome);
            return;
        }
        if (atRing0 && one.guest.equals("exec-data")) {
            // As under solo5-hvt, page tables of ring 0 have no right to execute to withhold.
            assertTrue(run.console().contains("FAILURE"), run.console());
            return;
        }
        assertTrue(run.console().contains(one.console), run.console());
        if (dialect.equals("hvt") || one.end == End.TRANSLATION_FAULT) {
            assertEnd(one.end, outcome);
        } else {
            assertEquals(new Outcome.Exited(0), outcome);
        }
    }

    // A KVM that emulates ring 0 knows neither SSE nor int3.
    private static boolean beyondEmulation(Case one) {
        return one.guest.equals("fpu") || one.arguments.equals("breakpoint");
    }

    private static void assertNotEmulated(Outcome outcome) {
        Outcome.Faulted fault = assertInstanceOf(Outcome.Faulted.class, outcome);
        assertEquals("INTERNAL_ERROR", fault.reason());
        assertTrue(fault.message().contains("use --ring 3"), fault.message());
        assertTrue(fault.message().contains("code bytes " + fault.code()), fault.message());
    }

    private static void assertEnd(End end, Outcome outcome) {
        switch (end) {
            case STATUS_0 -> assertEquals(new Outcome.Exited(0), outcome);
            case STATUS_42 -> assertEquals(new Outcome.Exited(42), outcome);
            case ABORT -> assertInstanceOf(Outcome.Aborted.class, outcome);
            case TRANSLATION_FAULT -> {
                Outcome.Faulted fault = assertInstanceOf(Outcome.Faulted.class, outcome);
                assertTrue(
                        fault.message().startsWith("host/guest translation fault"),
                        fault.message());
                assertTrue(fault.message().contains(String.format("rip=0x%x", rip(fault))));
            }
        }
    }

    private static long rip(Outcome.Faulted fault) {
        return Optional.of(fault.registers().rip()).filter(rip -> rip >= 0x100000).orElseThrow();
    }
}
