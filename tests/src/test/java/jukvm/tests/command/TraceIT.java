package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code jukvm run --trace}: the hypercalls of guests, as lines. */
@RequiresKvm
final class TraceIT {
    private static final String WHAT_DIFFERS = "^ *[0-9.]+ | <[0-9.]+>$";

    @TempDir private Path folder = Path.of("");

    private static List<String> calls(String trace) {
        return trace.lines().map(line -> line.replaceAll(WHAT_DIFFERS, "")).toList();
    }

    private static Command same(String script) throws Exception {
        DaemonFixture fixture = DaemonFixture.resident();
        long before = fixture.idle().served();
        Command served = fixture.shell(script);
        assertEquals(before + 1, fixture.idle().served());
        Command cold = fixture.cold(script);
        assertEquals(calls(cold.stderr()), calls(served.stderr()));
        assertEquals(cold.stdout(), served.stdout());
        assertEquals(cold.status(), served.status());
        return cold;
    }

    @Test
    void shouldShowCallsOnStandardErrorAndTakeNoWordForTheFile() throws Exception {
        for (String guest : List.of("hello.hvt", "hello.v1.hvt", "hello.v03.ukvm")) {
            Command run = same("$J run --trace $G/" + guest + " exit=3");
            List<String> calls = calls(run.stderr());
            assertTrue(calls.get(0).startsWith("puts(\"Hello from a jukvm guest"), run.stderr());
            assertEquals("halt(status=3)", calls.get(calls.size() - 1));
            assertEquals(3, run.status());
        }
        Command oldest = same("$J run --trace $G/hello.ukvm");
        assertTrue(calls(oldest.stderr()).get(0).startsWith("puts(\"Hello"), oldest.stderr());
    }

    @Test
    void shouldShowWhatAGuestDidWrong() throws Exception {
        Command run = same("$J run --trace $G/fault.hvt");
        List<String> calls = calls(run.stderr());
        String last = calls.get(calls.size() - 1);
        assertTrue(last.startsWith("halt(status=255, trap: rip=0x"), run.stderr());
    }

    @Test
    void shouldWriteChosenCallsToAFileAsManyAsTheReportCounts() throws Exception {
        Files.write(folder.resolve("disk"), new byte[64 << 9]);
        String script =
                "cd '%s'; $J run --trace=t --trace-calls=block_read,halt --report=r --disk=disk"
                        + " $G/block.hvt";
        Command run = DaemonFixture.quick(script.formatted(folder));
        String trace = Files.readString(folder.resolve("t"));
        List<String> calls = calls(trace);
        long reads = calls.stream().filter(call -> call.startsWith("block_read(")).count();
        assertTrue(calls.get(0).startsWith("block_read(storage, offset="), trace);
        assertTrue(calls.get(0).contains(", len=512) = OK, \""), trace);
        String report = Files.readString(folder.resolve("r"));
        assertTrue(report.contains("\"block_read\" : " + reads), report);
        assertEquals(reads + 1, calls.size(), run.toString());
    }

    /** Each command of the page, in a folder that has what it names. */
    @Test
    void shouldDoWhatThePageShows() throws Exception {
        Files.write(folder.resolve("disk.img"), new byte[64 << 9]);
        String page = Files.readString(Guests.ROOT.resolve("docs/debugging.md"));
        List<String> commands =
                page.lines().filter(line -> line.startsWith("    jukvm run --trace")).toList();
        assertEquals(3, commands.size());
        for (String command : commands) {
            String script =
                    command.replace("    jukvm ", "$J ").replaceAll("(\\w+\\.hvt)", "\\$G/$1");
            Command run = DaemonFixture.quick("cd '" + folder + "'; " + script);
            assertEquals(0, run.status(), command + run);
        }
        assertTrue(Files.readString(folder.resolve("calls.txt")).contains("block_write(storage"));
    }

    @Test
    void shouldSumUpInsteadOfShowingEach() throws Exception {
        String script = "$J run --trace=- --trace-summary $G/hello.hvt 2>&1 >/dev/null";
        String table = DaemonFixture.quick(script).stdout();
        assertTrue(table.startsWith("% time     seconds  usecs/call     calls call\n"), table);
        assertTrue(table.contains(" 1 halt\n"), table);
        assertTrue(table.endsWith(" 2 total\n"), table);
    }

    // A server is ended by a signal, and that is when its table is wanted.
    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldSumUpTheCallsOfAGuestThatASignalEnds(String daemon) throws Exception {
        List<String> line =
                List.of("sh", "-c", "exec $J run --trace=- --trace-summary $G/spin.hvt");
        try (BackgroundCommand run =
                BackgroundCommand.start(line, DaemonFixture.resident().environment(daemon))) {
            run.awaitOutput("spinning");
            Command ended = run.stop();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(ended.stderr().contains(" 1 puts\n"), ended::stderr);
            assertTrue(ended.stderr().endsWith(" 1 total\n"), ended::stderr);
        }
    }

    @Test
    void shouldRunOnWhenTheFileCannotBeWritten() throws Exception {
        Command run = DaemonFixture.quick("$J run --trace=/dev/full $G/hello.hvt x");
        assertEquals(0, run.status());
        assertTrue(run.stdout().contains("command line: x"), run.stdout());
        assertTrue(run.stderr().contains("--trace: /dev/full: No space left"), run.stderr());
        Command refused =
                DaemonFixture.quick(
                        "cd '%s'; cp $G/hello.hvt g; $J run --trace=g g".formatted(folder));
        assertTrue(refused.stderr().contains("--trace: g: is the same file as the guest"));
        assertEquals(-1, Files.mismatch(folder.resolve("g"), Guests.prebuilt("hello.hvt")));
    }
}
