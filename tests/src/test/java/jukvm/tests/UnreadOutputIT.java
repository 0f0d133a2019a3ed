package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
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

    private DaemonFixture fixture;
    private Path folder;

    @BeforeAll
    void start(@TempDir Path installed, @TempDir Path scratch) throws Exception {
        fixture = DaemonFixture.start(installed);
        folder = scratch;
        Code flood = new Code().puts(TinyGuest.HEAP, BUFFER).jump(TinyGuest.TEXT);
        Files.write(folder.resolve("flood.hvt"), TinyGuest.file(flood.bytes()));
        // 1 MiB, told apart by its last bytes.
        Code mebibyte = new Code();
        for (int i = 0; i < 15; i++) {
            mebibyte.puts(TinyGuest.HEAP, BUFFER);
        }
        mebibyte.puts(TinyGuest.TEXT, BUFFER).halt(7);
        Files.write(folder.resolve("mebibyte.hvt"), TinyGuest.file(mebibyte.bytes()));
    }

    @AfterAll
    void stop() throws Exception {
        fixture.close();
    }

    // What hangs does not outlive the test.
    private Command run(String daemon, String script) throws Exception {
        String bounded = "R='timeout -s KILL 40'; D=" + folder + "; " + FIFO + script;
        return daemon.equals("auto") ? fixture.shell(bounded) : fixture.cold(bounded);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void shouldEndTwoGuestsAtTheirDeadlinesThatPrintToOnePipeWhoseReaderStops(String daemon)
            throws Exception {
        String guest = "$R $J run --deadline=5s --mem=4 flood.hvt >f";
        Command run =
                run(
                        daemon,
                        guest
                                + " 2>one & a=$!; "
                                + guest
                                + " 2>other & b=$!;"
                                + " timeout 3 head -c 100000000 <&3 >/dev/null;"
                                + " wait $a; echo $?; wait $b; echo $?; cat one other >&2");
        assertEquals("1\n1\n", run.stdout(), run::toString);
        assertEquals(2, run.stderr().split("deadline of 5s expired", -1).length - 1);
        assertEquals(
                2, run.stderr().split("stopped while its reader was not reading", -1).length - 1);
        fixture.idle();
    }

    // As an orchestrator has it that keeps one FIFO, only for writing, for all that a guest says.
    @ParameterizedTest
    @CsvSource({
        "auto, $J run --mem=4",
        "off, $J run --mem=4",
        "auto, $S --mem=4",
        "off, $S --mem=4"
    })
    void shouldRunWithOneWriteOnlyFifoForAllStreams(String daemon, String command)
            throws Exception {
        Command run =
                run(
                        daemon,
                        "exec 4>f; cat f >got 3>&- 4>&- & c=$!; exec 3>&-;"
                                + command
                                + " -- $G/hello.hvt Hi <&4 >&4 2>&4; echo $?;"
                                + command
                                + " -- $G/write-text.hvt <&4 >&4 2>&4; echo $?;"
                                + "exec 4>&-; wait $c; cat got");
        assertEquals(
                List.of(
                        "0",
                        "1",
                        "Hello from a jukvm guest (hvt 2)",
                        "command line: Hi",
                        "writing to text"),
                run.stdout().lines().limit(5).toList(),
                run::toString);
        assertTrue(run.stdout().contains("host/guest translation fault"), run::toString);
    }

    // There is no room for what is said about the end either.
    @ParameterizedTest
    @CsvSource({
        "auto, $J run --deadline=2s --mem=4, :",
        "off, $J run --deadline=2s --mem=4, :",
        "auto, $S --mem=4, sleep 2; kill -TERM $a",
        "off, $S --mem=4, sleep 2; kill -TERM $a"
    })
    void shouldEndWithOneFifoForAllStreamsThatNobodyReads(String daemon, String command, String end)
            throws Exception {
        Command run =
                run(
                        daemon,
                        "exec 4>f; "
                                + command
                                + " flood.hvt <&4 >&4 2>&4 & a=$!; "
                                + end
                                + "; wait $a; echo $?; kill -0 $a 2>&1");
        assertEquals("1", run.stdout().lines().findFirst().orElse(""), run::toString);
        fixture.idle();
    }

    @ParameterizedTest
    @CsvSource({
        "auto, $J run, exits.hvt, 1",
        "off, $J run, exits.hvt, 1",
        "auto, $S, exits.hvt, 1",
        "off, $S, exits.hvt, 1",
        // A guest's own failure stays what it is.
        "auto, $J run, hello.hvt exit=42, 42",
        "off, $J run, hello.hvt exit=42, 42",
        // What was to be dropped is no failure.
        "auto, $J run --console=drop, exits.hvt, 0",
        "off, $J run --console=drop, exits.hvt, 0"
    })
    void shouldNotSucceedWhoseOutputIsLost(String daemon, String command, String guest, int status)
            throws Exception {
        Command run =
                run(
                        daemon,
                        "(" + command + " $G/" + guest + " 3>&-; echo $? >&2) 3>&- | exec 3<&-");
        List<String> lines = run.stderr().lines().toList();
        assertEquals(2, lines.size(), run::toString);
        String lost = command.contains("drop") ? "nobody read; " : "write: EPIPE (Broken pipe); ";
        assertTrue(lines.get(0).contains(": stdout: " + lost), run::toString);
        assertTrue(lines.get(0).matches(".* \\d+ bytes of guest output (lost|dropped)"));
        assertEquals(status + "", lines.get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void shouldGoOnWithoutAReaderAndKeepTheLast(String daemon) throws Exception {
        Command run =
                run(
                        daemon,
                        "$R $J run --console=drop --report=r --mem=4 mebibyte.hvt >f 2>e & a=$!;"
                                // Until the guest is at its end, there is a second for the reader.
                                + " until [ -s e ] || ! kill -0 $a 2>/dev/null; do sleep 0.1; done;"
                                + " wait $a; echo $?; cat e >&2");
        assertEquals("7\n", run.stdout(), run::toString);
        Map<String, String> report = CommandIT.read(folder.resolve("r"));
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

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void shouldHandOnTheLastToAReaderWhoComesBack(String daemon) throws Exception {
        Code code = new Code();
        for (int i = 0; i < 15; i++) {
            code.puts(TinyGuest.HEAP, BUFFER);
        }
        code.puts(TinyGuest.TEXT, BUFFER).spin();
        Files.write(folder.resolve("waits.hvt"), TinyGuest.file(code.bytes()));
        Command run =
                run(
                        daemon,
                        "$R $J run --console=drop --mem=4 --deadline=4s waits.hvt >f 3>&- & a=$!;"
                                + " sleep 2; exec 5<f 3>&-; cat <&5 >got; wait $a; echo $?");
        assertEquals("1\n", run.stdout(), run::toString);
        byte[] got = Files.readAllBytes(folder.resolve("got"));
        int last = got.length - BUFFER;
        assertArrayEquals(code.bytes(), Arrays.copyOfRange(got, last, last + code.bytes().length));
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
