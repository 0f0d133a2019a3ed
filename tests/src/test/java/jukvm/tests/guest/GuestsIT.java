package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.guest.GuestCase.End;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every guest, prebuilt and, where that differs, just built, in every dialect, at every ring, to
 * its expected end.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuestsIT {
    /** The dialects by what the names of their guests end with. */
    private enum Kind {
        HVT_2("hvt 2", "hvt"),
        HVT_1("hvt 1", "v1.hvt"),
        UKVM_0_3("ukvm 0.3", "v03.ukvm"),
        UKVM_0_2("ukvm 0.2", "ukvm");

        private final String title;
        private final String suffix;

        Kind(String title, String suffix) {
            this.title = title;
            this.suffix = suffix;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    // Where each takes long: one case of each guest, and each ring once.
    private static final boolean SHORT = Boolean.getBoolean("jukvm.short");

    private static final List<PrivilegeMode> RINGS =
            SHORT
                    ? List.of(PrivilegeMode.RING_0, PrivilegeMode.RING_3)
                    : List.of(PrivilegeMode.RING_0, PrivilegeMode.RING_3, PrivilegeMode.AUTO);

    private final Monitor monitor = Monitor.open();
    private final boolean ring0IsEmulated = !monitor.ring0Support().isNative();
    private final Matrix matrix =
            new Matrix(
                    Stream.of(Kind.values()).map(Kind::toString).toList(),
                    RINGS.stream().map(GuestsIT::title).toList(),
                    Guests.folders().size());

    private static String title(PrivilegeMode privilege) {
        return switch (privilege) {
            case RING_0 -> "0";
            case RING_3 -> "3";
            case AUTO -> "auto";
        };
    }

    @AfterAll
    void close() {
        monitor.close();
        System.out.printf(
                "JDK %d matrix: guests by dialect and ring, from %s: %d of %d cells as expected%n",
                Runtime.version().feature(),
                Guests.folders().stream().map(GuestsIT::nameOf).toList(),
                matrix.good(),
                matrix.size());
        System.out.println(matrix);
        System.out.println(
                "ok: status 0; a number: that status; hlt: ended without a status, its text was as"
                        + " expected;\nabort, fault, stop: aborted, ended by the monitor, stopped"
                        + " when told; noemu: KVM does not emulate\nits instructions at ring 0;"
                        + " -: not for this dialect; ?: not run; FAIL: anything else");
    }

    // The folder of those just built is named like many others.
    private static String nameOf(Path folder) {
        return folder.endsWith("prebuilt") ? "prebuilt" : "built";
    }

    Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (GuestCase one : SHORT ? GuestCase.oneOfEachGuest() : GuestCase.ALL) {
            for (Kind kind : Kind.values()) {
                for (Path folder : Guests.folders()) {
                    Path file = folder.resolve(one.guest() + "." + kind.suffix);
                    if (one.isForHvtAlone() && kind.suffix.contains("ukvm")) {
                        continue;
                    }
                    for (PrivilegeMode privilege : RINGS) {
                        matrix.expect(one.title(), kind.title, title(privilege));
                        cases.add(Arguments.of(nameOf(folder), kind, privilege, one, file));
                    }
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @MethodSource("cases")
    void shouldEndAsExpected(
            String folder, Kind kind, PrivilegeMode privilege, GuestCase one, Path file)
            throws Exception {
        try {
            matrix.put(one.title(), kind.title, title(privilege), run(kind, privilege, one, file));
        } catch (AssertionError | Exception e) {
            matrix.fail(one.title(), kind.title, title(privilege));
            throw e;
        }
    }

    /** Returns how the guest ended, in a word, if it was as expected. */
    private String run(Kind kind, PrivilegeMode privilege, GuestCase one, Path file)
            throws Exception {
        Fixture.Place place =
                new Fixture.Place(
                        monitor,
                        file,
                        privilege,
                        privilege == PrivilegeMode.RING_0 && ring0IsEmulated
                                || Patience.isNeeded());
        try (Fixture fixture = one.devices().apply(place)) {
            Run run = run(place, one, fixture);
            boolean undecided = kind.suffix.endsWith("ukvm") && calls(run) == 0;
            assertEquals(
                    undecided ? "ukvm 0.2 or 0.3" : kind.title, run.result().dialect().toString());
            Outcome outcome = run.result().outcome();
            boolean atRing0 = run.result().privilege() == PrivilegeLevel.RING_0;
            if (atRing0 && ring0IsEmulated && one.isBeyondEmulation()) {
                assertNotEmulated(outcome);
                return "noemu";
            }
            assertTrue(run.console().contains(one.console()), () -> run.console() + outcome);
            assertEquals(
                    one.wantsRing() && kind == Kind.HVT_2,
                    run.console().contains("uses the ring\n"),
                    run.console());
            boolean handlesItself = atRing0 && one.guest().equals("exec-data");
            String word = end(kind, handlesItself ? End.TRIPLE_FAULT : one.end(), outcome);
            fixture.check();
            return word;
        }
    }

    private Run run(Fixture.Place place, GuestCase one, Fixture fixture)
            throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Console console = Console.to(printed);
        CompletableFuture<GuestRun> running = new CompletableFuture<>();
        GuestSpec guest =
                GuestSpec.of(GuestImage.read(place.file()))
                        .memory(Run.MEMORY)
                        .privilege(place.privilege())
                        .netRing(true) // Also where it is slower.
                        .deadline(Run.LONG)
                        .arguments(one.words(place.times()))
                        .console(
                                bytes -> {
                                    console.write(bytes);
                                    if (one.end() == End.STOPPED
                                            && text(printed).contains(one.console())) {
                                        running.join().cancel();
                                    }
                                });
        GuestRun run = monitor.start(fixture.attach(guest));
        running.complete(run);
        return new Run(run.await(), text(printed));
    }

    private static long calls(Run run) {
        return run.result().counters().hypercalls().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void assertNotEmulated(Outcome outcome) {
        Outcome.Faulted fault = assertInstanceOf(Outcome.Faulted.class, outcome);
        assertEquals("INTERNAL_ERROR", fault.reason());
        assertTrue(fault.message().contains("use PrivilegeMode.RING_3"), fault.message());
        assertTrue(fault.message().contains("code bytes " + fault.code()), fault.message());
    }

    private static String end(Kind kind, End end, Outcome outcome) {
        return switch (end) {
            case STATUS_0 -> status(kind, outcome, 0);
            case STATUS_42 -> status(kind, outcome, 42);
            case ABORT -> {
                if (kind == Kind.UKVM_0_2) {
                    yield status(kind, outcome, Outcome.ABORT_STATUS);
                }
                assertInstanceOf(Outcome.Aborted.class, outcome);
                yield "abort";
            }
            case TRANSLATION_FAULT -> {
                assertTranslationFault(assertInstanceOf(Outcome.Faulted.class, outcome));
                yield "fault";
            }
            case TRIPLE_FAULT -> {
                String message = assertInstanceOf(Outcome.Faulted.class, outcome).message();
                assertTrue(message.startsWith("guest triple fault"), message);
                yield "triple";
            }
            case STOPPED -> {
                assertEquals(new Outcome.Cancelled(), outcome);
                yield "stop";
            }
        };
    }

    // In ukvm 0.2 every end looks like status 0; only the text tells.
    private static String status(Kind kind, Outcome outcome, int status) {
        boolean isTold = kind != Kind.UKVM_0_2;
        assertEquals(new Outcome.Exited(isTold ? status : 0), outcome);
        if (status == 0) {
            return "ok";
        }
        return isTold ? Integer.toString(status) : "hlt";
    }

    private static void assertTranslationFault(Outcome.Faulted fault) {
        String message = fault.message();
        assertTrue(message.startsWith("host/guest translation fault"), message);
        long rip = fault.registers().rip();
        assertTrue(rip >= 0x100000, message);
        assertTrue(message.contains(String.format("rip=0x%x", rip)), message);
    }
}
