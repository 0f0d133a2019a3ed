package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user of the command sees: bytes, lines and statuses. */
@RequiresKvm
public final class CommandIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String SPIN = Guests.prebuilt("spin.hvt").toString();

    @TempDir private Path folder;

    // That a JVM of its own does the same is for DaemonIT.
    private static Command quick(String... words) throws Exception {
        return DaemonFixture.quick("exec $J \"$@\"", words);
    }

    @ParameterizedTest
    @CsvSource({"hvt,auto", "hvt,0", "hvt,3", "ukvm,auto", "ukvm,0", "ukvm,3"})
    void shouldPassOnTheGuestsOutputUnaltered(String dialect, String ring) throws Exception {
        String guest = Guests.prebuilt("hello." + dialect).toString();
        Command run = quick("run", "--ring", ring, guest, "Hello", "", "--mem=3", "--");
        String title = dialect.equals("hvt") ? "hvt 2" : "ukvm 0.2";
        assertEquals(
                "Hello from a jukvm guest (" + title + ")\ncommand line: Hello  --mem=3 --\n",
                run.stdout());
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "42,42", "255,255", "256,255", "257,1", "-1,255", "-256,255"})
    void shouldEndWithTheGuestsStatus(String status, int expected) throws Exception {
        Command run = quick("run", HELLO, "exit=" + status);
        assertEquals(expected, run.status());
        assertEquals("", run.stderr());
    }

    @Test
    void shouldEndWith255WhenTheGuestAborts() throws Exception {
        Command run = quick("run", Guests.prebuilt("fault.hvt").toString());
        assertEquals(255, run.status());
        assertTrue(run.stdout().contains("ABORT"), run.stdout());
        assertEquals("", run.stderr());
    }

    @Test
    void shouldSayInOneLineWhyAGuestWasStopped() throws Exception {
        Command run = quick("run", Guests.prebuilt("write-text.hvt").toString());
        assertEquals(1, run.status());
        assertEquals("writing to text\n", run.stdout());
        assertTrue(run.stderr().contains("host/guest translation fault"), run.stderr());
        assertEquals(1, run.stderr().lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "3"})
    void shouldStopAGuestAtItsDeadline(String ring) throws Exception {
        Path report = folder.resolve("report.json");
        Command run =
                quick("run", "--ring", ring, "--deadline", "1s", "--report", report + "", SPIN);
        assertEquals(1, run.status());
        assertEquals("spinning\n", run.stdout());
        assertEquals(
                "jukvm: " + SPIN + ": guest stopped: its deadline of 1s expired\n", run.stderr());
        assertEquals("deadline", read(report).get("/outcome/kind"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP", "QUIT"})
    void shouldStopAGuestAtASignalAndReport(String signal) throws Exception {
        Path report = folder.resolve("report.json");
        Process process =
                Command.builder(Command.line("run", "--report", report + "", SPIN)).start();
        try (BufferedReader out = reader(process.getInputStream());
                BufferedReader err = reader(process.getErrorStream())) {
            assertEquals("spinning", out.readLine());
            new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
                    .start()
                    .waitFor();
            assertTrue(process.waitFor(Run.LONG.toSeconds(), TimeUnit.SECONDS), "still running");
            assertEquals("jukvm: " + SPIN + ": guest stopped by a signal", err.readLine());
        } finally {
            process.destroyForcibly();
        }
        assertEquals(1, process.exitValue());
        assertEquals("cancelled", read(report).get("/outcome/kind"));
    }

    private static BufferedReader reader(java.io.InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Test
    void shouldReportEverythingInOneDocument() throws Exception {
        Path report = folder.resolve("report.json");
        Command run = Command.run("run", "--report", report + "", "--mem", "8", HELLO, "a", "b");
        assertEquals(0, run.status());
        Map<String, String> json = read(report);
        assertEquals(HELLO, json.get("/guest"));
        assertEquals("exited", json.get("/outcome/kind"));
        assertEquals("0", json.get("/outcome/status"));
        assertEquals("0", json.get("/exit_status"));
        assertEquals("8388608", json.get("/memory_bytes"));
        assertEquals("hvt 2", json.get("/dialect"));
        assertEquals("2", json.get("/counters/exits"));
        assertEquals("1", json.get("/counters/hypercalls/puts"));
        assertEquals(run.stdout().length() + "", json.get("/counters/console_bytes"));
        for (String mark : List.of("image_read", "entered", "first_hypercall", "halted", "freed")) {
            assertTrue(Long.parseLong(json.get("/timeline_ns/" + mark)) > 0, mark);
        }
        assertTrue(json.containsKey("/host/kernel") && json.containsKey("/host/jdk"));
    }

    @Test
    void shouldReportAFaultWithRegistersAndCode() throws Exception {
        Path report = folder.resolve("report.json");
        quick(
                "run",
                "--ring",
                "3",
                "--report",
                report + "",
                Guests.prebuilt("exec-data.hvt").toString());
        Map<String, String> json = read(report);
        assertEquals("faulted", json.get("/outcome/kind"));
        assertEquals("TRAP", json.get("/outcome/exit_reason"));
        assertTrue(json.getOrDefault("/outcome/code", "").startsWith("c3"), json.toString());
        assertTrue(
                json.getOrDefault("/outcome/message", "")
                        .contains(json.getOrDefault("/outcome/registers/rip", "none")));
    }

    // A pipe or terminal has no disk to write the report through to.
    @Test
    void shouldReportToWhatIsNoFile() throws Exception {
        Command run =
                Command.shell("exec \"$@\" 2>&1 | cat", "run", "--report", "/dev/stderr", HELLO);
        assertEquals(1, run.stdout().split("\"exit_status\"", -1).length - 1, run.stdout());
        assertFalse(run.stdout().contains("cannot write"), run.stdout());
    }

    // A kick needs no room in a queue of signals, which any process of the user may have filled.
    @Test
    void shouldStopAGuestWhereNoSignalCanBeQueued() throws Exception {
        Command run =
                Command.shell(
                        "exec prlimit --sigpending=0 \"$@\"", "run", "--deadline", "1s", SPIN);
        assertTrue(run.stderr().contains("deadline of 1s expired"), run.stderr());
        assertEquals(1, run.status());
    }

    @Test
    void shouldReportAGuestThatCouldNotStart() throws Exception {
        Path report = folder.resolve("report.json");
        Command run = quick("run", "--report", report + "", folder.toString());
        assertEquals(1, run.status());
        assertEquals("not-started", read(report).get("/outcome/kind"));
    }

    @Test
    void shouldShowEveryPhaseWithTime() throws Exception {
        Command run = Command.run("run", "--time", HELLO);
        assertEquals(0, run.status());
        for (String phase :
                List.of(
                        "JVM started",
                        "arguments parsed",
                        "image read",
                        "first hypercall",
                        "guest ended",
                        "boot to")) {
            assertTrue(run.stderr().contains(phase), run.stderr());
        }
    }

    // What is printed before a reader goes away arrives; what comes after does not stop the guest.
    @Test
    void shouldOutliveAReaderThatGoesAway() throws Exception {
        Command run =
                Command.shell("\"$@\" | head -c 5; sleep 0.1", "run", HELLO, "x".repeat(8000));
        assertEquals("Hello", run.stdout());
        assertFalse(run.stderr().contains("Exception"), run.stderr());
    }

    @Test
    void shouldSayWhenOutputIsLost() throws Exception {
        Command run = Command.shell("exec \"$@\" >/dev/full", "run", HELLO);
        assertEquals(1, run.status());
        assertTrue(run.stderr().contains("ENOSPC"), run.stderr());
        assertEquals(1, run.stderr().lines().count());
    }

    @Test
    void shouldStopAGuestWhoseReaderDoesNotRead() throws Exception {
        String fifo = folder.resolve("fifo").toString();
        // The pipe holds 64 KiB; the guests' output of 15 runs would not fit, one's of 8 KiB does.
        Command run =
                Command.shell(
                        "mkfifo "
                                + fifo
                                + "; exec 3<>"
                                + fifo
                                + "; head -c 65536 /dev/zero >&3; exec \"$@\" >&3",
                        "run",
                        "--deadline",
                        "3s",
                        HELLO);
        assertEquals(1, run.status());
        assertTrue(run.stderr().contains("deadline of 3s expired"), run.stderr());
        assertTrue(run.stderr().contains("bytes of guest output lost"), run.stderr());
    }

    @ParameterizedTest
    @CsvSource({
        "jnr, 0, Hello from a jukvm guest (hvt 2)",
        "ffm, 1, jukvm: -Djukvm.native=ffm: unknown binding; use jna or jnr"
    })
    void shouldUseTheBindingAskedFor(String binding, int status, String firstLine)
            throws Exception {
        List<String> line = Command.line("run", HELLO, "Hello");
        line.set(line.indexOf("-Djukvm.native=jna"), "-Djukvm.native=" + binding);
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(firstLine, output.lines().findFirst().orElse(""));
        assertEquals(status, process.waitFor());
        assertFalse(output.contains("Exception"), output);
    }

    @Test
    void shouldLeaveNoFileBehind() throws Exception {
        List<String> line = Command.line("run", HELLO);
        line.add(1, "-Djava.io.tmpdir=" + folder);
        ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("XDG_CACHE_HOME", folder.toString());
        assertEquals(0, builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        try (var left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldInspectAGuest() throws Exception {
        Command text = Command.run("inspect", HELLO);
        assertEquals(0, text.status());
        assertTrue(text.stdout().contains("dialect   hvt 2"), text.stdout());
        assertTrue(text.stdout().contains("R E"), text.stdout());
        Path json = folder.resolve("inspect.json");
        Files.writeString(json, Command.run("inspect", "--json", HELLO).stdout());
        assertEquals("hvt", read(json).get("/abi/target"));
        assertEquals("1048576", read(json).get("/entry"));
    }

    @Test
    void shouldExamineTheHost() throws Exception {
        Command run = Command.run("doctor");
        assertEquals(0, run.status());
        assertTrue(run.stdout().contains("This host can run guests."), run.stdout());
        assertTrue(run.stdout().lines().anyMatch(l -> l.matches("ok +ring +[03], since .*")));
    }

    /** Returns the scalars of a JSON document by path; there must be exactly one document. */
    public static Map<String, String> read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            assertEquals(JsonToken.START_OBJECT, json.nextToken());
            while (json.nextToken() != null) {
                if (json.currentToken().isScalarValue()) {
                    values.put(json.getParsingContext().pathAsPointer() + "", json.getText());
                }
            }
        }
        return values;
    }
}
