package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot that one process writes, others go on from: in a JVM of their own, by the daemon. */
@RequiresKvm
final class SnapshotCommandIT {
    private static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());
    private static final int KILLS = Integer.getInteger("jukvm.soak.kills", Soak.LONG ? 100 : 4);

    @TempDir private Path folder;
    private String snapshot;

    @BeforeEach
    void name() {
        snapshot = folder.resolve("guest.snap").toString();
    }

    private Command write(String... options) throws Exception {
        return Command.run(
                Stream.concat(Stream.of("snapshot", "-o", snapshot), Stream.of(options))
                        .toArray(String[]::new));
    }

    private static void assertGood(Command run) {
        assertEquals("", run.stderr());
        assertEquals(0, run.status(), run.stdout());
    }

    @Test
    void shouldGoOnInAnotherProcessAndByTheDaemon() throws Exception {
        String hello = Guests.prebuilt("hello.hvt").toString();
        Command whole = Command.run("run", "--mem=16", hello, "a", "b");
        assertGood(whole);
        assertGood(write("--at=calls:0", "--mem=16", hello, "a", "b"));
        assertEquals(whole, Command.run("run", snapshot));
        Command many =
                DaemonFixture.quick(
                        "for i in 1 2 3 4 5 6 7 8 9; do $J run \"$1\" || exit; done", snapshot);
        assertGood(many);
        assertEquals(whole.stdout().repeat(9), many.stdout());
    }

    @ParameterizedTest
    @CsvSource({
        "hello.hvt, --ring=0",
        "hello.v1.hvt, --ring=3",
        "hello.v03.ukvm, --ring=3",
        "hello.ukvm, --ring=0"
    })
    void shouldGoOnWithGuestsOfEachGeneration(String name, String ring) throws Exception {
        String hello = Guests.prebuilt(name).toString();
        assertGood(write("--at=calls:0", "--mem=16", ring, hello, "x"));
        Command whole = DaemonFixture.quick("$J run --mem=16 " + ring + " \"$1\" x", hello);
        assertGood(whole);
        assertEquals(whole, DaemonFixture.quick("$J run \"$1\"", snapshot));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--ring=0", "--ring=3"})
    void shouldGiveEachCloneRandomNumbersOfItsOwn(String ring) throws Exception {
        assertGood(write(ring, "--mem=16", Guests.prebuilt("random.hvt").toString()));
        Command cold = Command.run("run", snapshot);
        assertGood(cold);
        Command daemons = DaemonFixture.quick("for i in 1 2 3; do $J run \"$1\"; done", snapshot);
        assertGood(daemons);
        List<String> drawn =
                Stream.concat(cold.stdout().lines(), daemons.stdout().lines())
                        .filter(line -> line.startsWith("seed 2: "))
                        .distinct()
                        .toList();
        assertEquals(4, drawn.size(), drawn::toString);
    }

    @Test
    void shouldStopWhereTheGuestHasPrintedSomething() throws Exception {
        String hello = Guests.prebuilt("hello.hvt").toString();
        Command whole = DaemonFixture.quick("$J run \"$1\" a", hello);
        assertGood(whole);
        Command before = write("--at=line:Hello", hello, "a");
        assertGood(before);
        assertTrue(before.stdout().contains("Hello"), before.stdout());
        Command after = DaemonFixture.quick("$J run \"$1\"", snapshot);
        assertGood(after);
        assertEquals(whole.stdout(), before.stdout() + after.stdout());
    }

    @Test
    void shouldAttachDevicesAnew() throws Exception {
        Path disk = Files.write(folder.resolve("disk"), new byte[1 << 20]);
        Path other = Files.write(folder.resolve("other"), new byte[1 << 20]);
        Path larger = Files.write(folder.resolve("larger"), new byte[2 << 20]);
        String block = Guests.prebuilt("block.hvt").toString();
        assertGood(write("--at=calls:1", "--block:storage=" + disk, block));
        assertEquals(0, run("--block:storage=" + other).status());
        assertEquals(
                "jukvm: "
                        + snapshot
                        + ": a device differs in address, capacity, block size or MTU from what"
                        + " the guest was told before its snapshot; attach ones that are alike\n",
                run("--block:storage=" + larger).stderr());
        assertTrue(run().stderr().contains("--block:storage=PATH"), () -> "no remedy");
    }

    private Command run(String... options) throws IOException, InterruptedException {
        return DaemonFixture.quick("$J run " + String.join(" ", options) + " \"$1\"", snapshot);
    }

    @Test
    void shouldSayInALineWhatIsWrong() throws Exception {
        Path hello = Guests.prebuilt("hello.hvt");
        assertGood(write("--at=calls:0", "--mem=16", hello.toString(), "a"));
        assertRefused(
                "--output: " + snapshot + " is there already; --replace replaces it",
                write(hello.toString()));
        assertRefused("--output: " + snapshot + " is also the guest", write("--replace", snapshot));
        assertRefused(
                "--output: " + snapshot + " is also --block:storage",
                write("--replace", "--block:storage=" + snapshot, hello.toString()));
        assertGood(write("--replace", "--at=calls:0", "--mem=16", hello.toString(), "a"));
        assertRefused("--mem: a guest that goes on from a snapshot has its own", run("--mem=32"));
        assertRefused("--ring: a guest that goes on from a snapshot has its own", run("--ring=3"));
        assertRefused(
                "a guest that goes on from a snapshot has its arguments already: leave out b",
                DaemonFixture.quick("$J run \"$1\" b", snapshot));
        assertRefused(
                "is a snapshot; jukvm run goes on from it",
                DaemonFixture.quick("$S \"$1\"", snapshot),
                "solo5-hvt");
        byte[] bytes = Files.readAllBytes(Path.of(snapshot));
        bytes[bytes.length - 1] ^= 1;
        Files.write(Path.of(snapshot), bytes);
        assertRefused(snapshot + ": snapshot is damaged: checksum of its pages is wrong", run());
    }

    private static void assertRefused(String line, Command run) {
        assertRefused(line, run, "jukvm");
    }

    private static void assertRefused(String line, Command run, String name) {
        assertTrue(run.stderr().contains(line), run.stderr());
        assertTrue(run.stderr().startsWith(name + ": "), run.stderr());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertEquals(1, run.status());
        assertEquals("", run.stdout());
    }

    @Test
    void shouldWriteNothingOfAGuestThatEndsBefore() throws Exception {
        Command run = write("--at=poll", Guests.prebuilt("hello.hvt").toString());
        assertEquals(1, run.status());
        assertEquals(
                "jukvm: guest ended before the snapshot at its first poll: guest exited with"
                        + " status 0\n",
                run.stderr());
        assertEquals(List.of(), files());
    }

    @Test
    void shouldWriteNothingWhenStoppedBefore() throws Exception {
        String spin = Guests.prebuilt("spin.hvt").toString();
        try (BackgroundCommand command =
                BackgroundCommand.start(Command.line("snapshot", "-o", snapshot, spin))) {
            command.awaitOutput("spin");
            Command stopped = command.stop();
            assertEquals(1, stopped.status());
            assertTrue(
                    stopped.stderr().endsWith("stopped by a signal; no snapshot is written\n"),
                    stopped.stderr());
        }
        assertEquals(List.of(), files());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    // Whenever that is, what has the name is whole.
    @Soak
    @Test
    void shouldLeaveNoHalfFileWhenKilled() throws Exception {
        Random random = new Random(SEED);
        String hello = Guests.prebuilt("hello.hvt").toString();
        List<String> line =
                Command.line("snapshot", "--replace", "--at=calls:0", "-o", snapshot, hello, "a");
        long began = System.nanoTime();
        assertGood(
                Command.run(
                        line.subList(line.indexOf("snapshot"), line.size())
                                .toArray(String[]::new)));
        long took = System.nanoTime() - began;
        for (int i = 0; i < KILLS; i++) {
            if (random.nextBoolean()) {
                Files.deleteIfExists(Path.of(snapshot));
            }
            try (BackgroundCommand command = BackgroundCommand.start(line)) {
                // Where it is then is random, which is all that this sleep is for.
                TimeUnit.NANOSECONDS.sleep((long) (took * (0.5 + 0.7 * random.nextDouble())));
                ProcessHandle.of(command.pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            if (Files.exists(Path.of(snapshot))) {
                Command run = run();
                assertEquals("", run.stderr(), "seed " + SEED);
                assertEquals(0, run.status(), "seed " + SEED);
            }
        }
    }
}
