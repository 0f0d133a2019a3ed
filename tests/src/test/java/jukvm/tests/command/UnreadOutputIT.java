package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jukvm.tests.support.Code;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.TinyGuest;
import jukvm.tests.support.Together;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Output that nobody reads any more, of guests in the daemon ({@code auto}) and in JVMs of their
 * own ({@code off}).
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UnreadOutputIT {
    private static final int BUFFER = 64 << 10;

    // A FIFO that has a reader, and one that reads nothing by itself.
    private static final String FIFO = "cd $D; rm -f f; mkfifo f; exec 3<>f; ";

    private static final List<String> WAYS = List.of("auto", "off");

    private DaemonFixture fixture;
    private Path folder;

    @BeforeAll
    void start(@TempDir Path guests) throws Exception {
        fixture = DaemonFixture.resident();
        folder = guests;
        write("flood.hvt", new Code().puts(TinyGuest.HEAP, BUFFER).jump(TinyGuest.TEXT));
        write("mebibyte.hvt", mebibyte().halt(7));
        write("waits.hvt", mebibyte().spin());
    }

    private void write(String name, Code code) throws Exception {
        Files.write(folder.resolve(name), TinyGuest.file(code.bytes()));
    }

    // Prints as much, told apart by its last bytes.
    private static Code mebibyte() {
        Code code = new Code();
        for (int i = 0; i < 15; i++) {
            code.puts(TinyGuest.HEAP, BUFFER);
        }
        return code.puts(TinyGuest.TEXT, BUFFER);
    }

    // In a folder of its own, with the guests in $F. What hangs does not outlive the test.
    private Command run(String daemon, String script) throws Exception {
        return run(daemon, Files.createTempDirectory(folder, daemon), script);
    }

    private Command run(String daemon, Path scratch, String script) throws Exception {
        String bounded =
                "R='timeout -s KILL 40'; F='" + folder + "'; D='" + scratch + "'; " + FIFO + script;
        return daemon.equals("auto") ? fixture.shell(bounded) : fixture.cold(bounded);
    }

    /** What is done one way or the other. */
    private interface Way {
        void go(String daemon) throws Exception;
    }

    private static void bothWays(Way way) throws Exception {
        Together.run(() -> way.go("auto"), () -> way.go("off"));
    }

    @Test
    void shouldEndTwoGuestsAtTheirDeadlinesThatPrintToOnePipeWhoseReaderStops() throws Exception {
        String guest = "$R $J run --deadline=3s --mem=4 $F/flood.hvt >f";
        String script =
                guest
                        + " 2>one & a=$!; "
                        + guest
                        + " 2>other & b=$!;"
                        + " timeout 1 head -c 100000000 <&3 >/dev/null;"
                        + " wait $a; echo $?; wait $b; echo $?; cat one other >&2";
        bothWays(
                daemon -> {
                    Command run = run(daemon, script);
                    assertEquals("1\n1\n", run.stdout(), run::toString);
                    assertEquals(2, count("deadline of 3s expired", run), run::toString);
                    String held = "stopped while its reader was not reading";
                    assertEquals(2, count(held, run), run::toString);
                });
        fixture.idle();
    }

    private static int count(String text, Command run) {
        return run.stderr().split(text, -1).length - 1;
    }

    // As an orchestrator has it that keeps one FIFO, only for writing, for all that a guest says.
    @ParameterizedTest
    @ValueSource(strings = {"$J run --mem=4", "$S --mem=4"})
    void shouldRunWithOneWriteOnlyFifoForAllStreams(String command) throws Exception {
        String script =
                // Opened before anything is written: whoever has no reader yet has lost his output.
                "exec 4>f 5<f; cat <&5 >got 3>&- 4>&- & c=$!; exec 3>&- 5<&-;"
                        + command
                        + " -- $G/hello.hvt Hi <&4 >&4 2>&4; echo $?;"
                        + command
                        + " -- $G/write-text.hvt <&4 >&4 2>&4; echo $?;"
                        + "exec 4>&-; wait $c; cat got";
        List<String> said =
                List.of(
                        "0",
                        "1",
                        "Hello from a jukvm guest (hvt 2)",
                        "command line: Hi",
                        "writing to text");
        bothWays(
                daemon -> {
                    Command run = run(daemon, script);
                    assertEquals(said, run.stdout().lines().limit(5).toList(), run::toString);
                    assertTrue(
                            run.stdout().contains("host/guest translation fault"), run::toString);
                });
    }

    // There is no room for what is said about the end either.
    @ParameterizedTest
    @CsvSource({"$J run --deadline=2s --mem=4, :", "$S --mem=4, sleep 2; kill -TERM $a"})
    void shouldEndWithOneFifoForAllStreamsThatNobodyReads(String command, String end)
            throws Exception {
        String script =
                "exec 4>f; "
                        + command
                        + " $F/flood.hvt <&4 >&4 2>&4 & a=$!; "
                        + end
                        + "; wait $a; echo $?; kill -0 $a 2>&1";
        bothWays(
                daemon -> {
                    Command run = run(daemon, script);
                    assertEquals("1", run.stdout().lines().findFirst().orElse(""), run::toString);
                });
        fixture.idle();
    }

    @ParameterizedTest
    @CsvSource({
        "$J run, exits.hvt, 1",
        "$S, exits.hvt, 1",
        // A guest's own failure stays what it is.
        "$J run, hello.hvt exit=42, 42",
        // What was to be dropped is no failure.
        "$J run --console=drop, exits.hvt, 0",
    })
    void shouldNotSucceedWhoseOutputIsLost(String command, String guest, int status)
            throws Exception {
        String script = "(" + command + " $G/" + guest + " 3>&-; echo $? >&2) 3>&- | exec 3<&-";
        String lost = command.contains("drop") ? "nobody read; " : "write: EPIPE (Broken pipe); ";
        for (String daemon : WAYS) {
            Command run = run(daemon, script);
            List<String> lines = run.stderr().lines().toList();
            assertEquals(2, lines.size(), run::toString);
            assertTrue(lines.get(0).contains(": stdout: " + lost), run::toString);
            assertTrue(lines.get(0).matches(".* \\d+ bytes of guest output (lost|dropped)"));
            assertEquals(status + "", lines.get(1));
        }
    }

    @Test
    void shouldGoOnWithoutAReaderAndKeepTheLast() throws Exception {
        bothWays(this::goOnWithoutAReader);
    }

    private void goOnWithoutAReader(String daemon) throws Exception {
        Path scratch = Files.createTempDirectory(folder, daemon);
        Command run =
                run(
                        daemon,
                        scratch,
                        "$R $J run --console=drop --report=r --mem=4 $F/mebibyte.hvt >f 2>e & a=$!;"
                                // Until the guest is at its end, there is a second for the reader.
                                + " until [ -s e ] || ! kill -0 $a 2>/dev/null; do sleep 0.1; done;"
                                + " wait $a; echo $?; cat e >&2");
        assertEquals("7\n", run.stdout(), run::toString);
        Map<String, String> report = CommandIT.read(scratch.resolve("r"));
        long lost = Long.parseLong(report.getOrDefault("/counters/console_bytes_lost", "0"));
        // A pipe's 64 KiB arrived.
        assertEquals((1 << 20) - (64 << 10), lost);
        assertTrue(
                run.stderr()
                        .endsWith(
                                ": stdout: nobody read; "
                                        + lost
                                        + " bytes of guest output dropped\n"),
                run::toString);
    }

    @Test
    void shouldHandOnTheLastToAReaderWhoComesBack() throws Exception {
        bothWays(this::handOnTheLast);
    }

    private void handOnTheLast(String daemon) throws Exception {
        Path scratch = Files.createTempDirectory(folder, daemon);
        Command run =
                run(
                        daemon,
                        scratch,
                        "$R $J run --console=drop --mem=4 --deadline=4s $F/waits.hvt >f 3>&- &"
                                + " a=$!;"
                                + " sleep 2; exec 5<f 3>&-; cat <&5 >got; wait $a; echo $?");
        assertEquals("1\n", run.stdout(), run::toString);
        byte[] got = Files.readAllBytes(scratch.resolve("got"));
        byte[] last = mebibyte().spin().bytes();
        int from = got.length - BUFFER;
        assertArrayEquals(last, Arrays.copyOfRange(got, from, from + last.length));
        if (got.length < 1 << 20) { // Unless the guest began only when the reader was back.
            assertEquals(0, run.stderr().lines().filter(line -> line.contains("lost")).count());
            assertTrue(run.stderr().contains("bytes of guest output dropped"), run::toString);
        }
    }

    @Test
    void shouldSayWhatAnOptionCanBe() throws Exception {
        Command run = Command.run("run", "--console=maybe", "guest");
        assertEquals(1, run.status());
        assertTrue(run.stderr().contains("'maybe' is not wait or drop"), run.stderr());
    }
}
