package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Random numbers of a guest that asks for a seed: no two guests draw the same, clones neither. */
@RequiresKvm
final class SeedIT {
    private static final int CLONES = Patience.fewer(10);

    @TempDir private Path folder;

    private static GuestSpec guest(String name, PrivilegeMode privilege, String... words) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(Run.MEMORY)
                .privilege(privilege)
                .deadline(Run.LONG)
                .arguments(words);
    }

    /** Runs one to its end, and returns what it says of each number: that of its seed, and it. */
    private static List<String> drawn(Monitor monitor, GuestSpec guest) {
        ConsoleCapture console = Console.capture(1 << 20);
        RunResult result = Run.run(monitor, guest.console(console).deadline(Run.LONG));
        assertEquals(new Outcome.Exited(0), result.outcome(), console::text);
        return draws(console);
    }

    private static List<String> draws(ConsoleCapture console) {
        return console.text().lines().filter(line -> line.startsWith("seed ")).toList();
    }

    private static void assertSeed(int number, List<String> drawn) {
        for (String line : drawn) {
            assertTrue(line.startsWith("seed " + number + ": "), drawn::toString);
        }
    }

    private static void assertNoneTwice(List<String> drawn) {
        Set<String> all = new HashSet<>(drawn);
        assertEquals(drawn.size(), all.size(), drawn::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "random.hvt, RING_3",
        "random.hvt, RING_0",
        "random.v1.hvt, RING_3",
        "random.v03.ukvm, RING_3",
    })
    void shouldSeedEachGuestAndEachCloneAnew(String name, PrivilegeMode privilege)
            throws Exception {
        Path file = folder.resolve("random.snap");
        List<String> all = new ArrayList<>();
        try (Monitor monitor = Monitor.open()) {
            for (int i = 0; i < CLONES; i++) { // Some of them in VMs that others had.
                List<String> drawn = drawn(monitor, guest(name, privilege));
                assertSeed(1, drawn);
                all.addAll(drawn);
            }
            try (Snapshot snapshot =
                    monitor.snapshot(guest(name, privilege), SnapshotPoint.firstPoll())) {
                snapshot.write(file);
                addClones(monitor, snapshot, all);
            }
        }
        try (Monitor other = Monitor.open();
                Snapshot snapshot = other.openSnapshot(file)) {
            addClones(other, snapshot, all);
        }
        assertEquals(2 * CLONES + 2 * CLONES, all.size());
        assertNoneTwice(all.stream().map(line -> line.replaceAll(".*: ", "")).toList());
    }

    private static void addClones(Monitor monitor, Snapshot snapshot, List<String> all) {
        for (int i = 0; i < CLONES; i++) {
            List<String> drawn = drawn(monitor, GuestSpec.of(snapshot));
            assertSeed(2, drawn);
            assertEquals(1, drawn.size());
            all.addAll(drawn);
        }
    }

    // So the test above would notice, and so it is with guests that know nothing of seeds.
    @Test
    void shouldTellClonesNothingThatTheyDoNotLookAt() throws Exception {
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot =
                        monitor.snapshot(
                                guest("random.hvt", PrivilegeMode.RING_3, "blind"),
                                SnapshotPoint.firstPoll())) {
            List<String> one = drawn(monitor, GuestSpec.of(snapshot));
            assertSeed(1, one);
            assertEquals(one, drawn(monitor, GuestSpec.of(snapshot)));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldSeedBranchesAndTheirBranchesAnew(PrivilegeMode privilege) throws Exception {
        String[] words = {"draws=1000000", "pause=1"};
        List<String> numbers = new ArrayList<>();
        try (Monitor monitor = Monitor.open()) {
            Snapshot taken;
            ConsoleCapture console = Console.capture(1 << 20);
            GuestSpec first = guest("random.hvt", privilege, words).console(console);
            try (GuestRun run = monitor.start(first)) {
                awaitDraws(console, 3);
                taken = run.snapshot();
                awaitDraws(console, draws(console).size() + 3);
            }
            assertSeed(1, draws(console)); // Who goes on is who it was.
            numbers.addAll(draws(console));
            for (int number = 2; number < 5; number++) {
                ConsoleCapture clones = Console.capture(1 << 20);
                try (Snapshot from = taken;
                        GuestRun run =
                                monitor.start(
                                        GuestSpec.of(from).console(clones).deadline(Run.LONG))) {
                    awaitDraws(clones, 3);
                    taken = run.snapshot();
                    awaitDraws(clones, draws(clones).size() + 3);
                }
                // Where it was between a number and its line, that is the first line.
                List<String> own = draws(clones);
                assertSeed(number, own.subList(1, own.size()));
                numbers.addAll(own.subList(1, own.size()));
            }
            taken.close();
        }
        assertNoneTwice(numbers.stream().map(line -> line.replaceAll(".*: ", "")).toList());
    }

    private static void awaitDraws(ConsoleCapture console, int count) throws Exception {
        long start = System.nanoTime();
        while (draws(console).size() < count) {
            assertTrue(System.nanoTime() - start < Run.LONG.toNanos(), console::text);
            Thread.sleep(1);
        }
    }

    @Test
    void shouldSeedGuestsInWorkers() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS)) {
            GuestSpec guest = guest("random.hvt", PrivilegeMode.RING_3).tenant("one");
            List<String> one = drawn(monitor, guest);
            assertSeed(1, one);
            assertNotEquals(one, drawn(monitor, guest));
        }
    }
}
