package jukvm.tests.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jukvm.guest.OutcomeKind;
import jukvm.tests.support.Command;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an embedder's process can do once it was hardened, and that its guests run as before. */
@RequiresKvm
final class HardeningIT {
    private static final List<String> FILES =
            List.of("write a file", "change a file", "watch a folder", "dump the heap");
    private static final List<String> SOCKETS =
            List.of(
                    "connect",
                    "listen",
                    "ask interfaces",
                    "connect to a Unix socket that is not there");

    @TempDir private Path folder;

    @BeforeEach
    void prepare() throws Exception {
        Files.writeString(folder.resolve("file"), "whole");
    }

    /** What is done with the process while it runs. */
    private interface Look {
        void at(Process process) throws Exception;
    }

    private Map<String, String> answers(Look look, String option, String... words)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(folder + ""));
        all.addAll(List.of(words));
        List<String> line =
                Command.mainLine(Hardened.class, List.of(option), all.toArray(String[]::new));
        Process process =
                Command.builder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Map<String, String> answers = new TreeMap<>();
        try (BufferedReader lines = process.inputReader()) {
            String told = lines.readLine();
            while (told != null && !told.equals("ready")) {
                String[] parts = told.split(": ", 2);
                answers.put(parts[0], parts.length < 2 ? "" : parts[1]);
                told = lines.readLine();
            }
            assertEquals("ready", told, answers::toString);
            look.at(process);
            process.getOutputStream().close();
            assertTrue(process.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        return answers;
    }

    private Map<String, String> answers(String option, String... words) throws Exception {
        return answers(process -> {}, option, words);
    }

    private static void assertHeld(Map<String, String> answers) {
        assertEquals("[NO_NEW_PRIVS, LIMITS, FILTER, NOT_DUMPABLE]", answers.get("layers"));
        assertEquals("{}", answers.get("missing"));
        assertEquals("refused", answers.get("start a program"));
    }

    private static void assertGuestsRun(Map<String, String> answers) {
        String success = answers.get("a guest before");
        for (String guest :
                List.of(
                        "a guest",
                        "at ring 0",
                        "with a disk",
                        "with a network",
                        "from a snapshot")) {
            assertEquals(success, answers.get(guest), guest);
        }
        assertEquals(OutcomeKind.FAULTED + "", answers.get("that faults"));
        assertEquals(OutcomeKind.DEADLINE + "", answers.get("in time"));
        assertEquals("5", answers.get("frames"));
    }

    private static void assertAll(String expected, List<String> what, Map<String, String> answers) {
        what.forEach(each -> assertEquals(expected, answers.get(each), each));
    }

    @Test
    void shouldLetNobodyOut() throws Exception {
        Map<String, String> answers =
                answers(HardeningIT::assertLeftAlone, "-XX:+UseG1GC", "apply");
        assertHeld(answers);
        assertGuestsRun(answers);
        assertAll("refused", FILES, answers);
        assertAll("refused", SOCKETS, answers);
        assertEquals("refused", answers.get("open a monitor"));
        assertEquals("done", answers.get("read a file"));
        assertEquals("[]", answers.get("a second time"));
        for (Attempt attempt : Attempt.values()) {
            String expected =
                    switch (attempt) {
                        case MAKE_A_MEMFD -> "done"; // For what guests begin with.
                        case SIGNAL_BY_DESCRIPTOR -> "EBADF"; // It has one of its workers alone.
                        default -> "EPERM";
                    };
            assertEquals(expected, answers.get("to " + attempt.words()), attempt.words());
        }
        assertEquals("whole", Files.readString(folder.resolve("file")));
    }

    private static void assertLeftAlone(Process process) throws Exception {
        String limits = Files.readString(Path.of("/proc/" + process.pid() + "/limits"));
        assertTrue(limits.matches("(?s).*Max core file size +0 +0 .*"), limits);
        String status = Files.readString(Path.of("/proc/" + process.pid() + "/status"));
        assertTrue(status.contains("NoNewPrivs:\t1\n"), status);
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process attaching =
                new ProcessBuilder(
                                jcmd,
                                "-J-Dsun.tools.attach.attachTimeout=300",
                                process.pid() + "",
                                "VM.version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertTrue(attaching.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertNotEquals(0, attaching.exitValue(), "it was attached to");
    }

    @Test
    void shouldLeaveFilesAndSockets() throws Exception {
        Map<String, String> answers = answers("-XX:+UseSerialGC", "apply", "FILES", "SOCKETS");
        assertHeld(answers);
        assertGuestsRun(answers);
        assertAll("done", FILES, answers);
        assertAll("done", SOCKETS, answers);
        assertEquals("done", answers.get("open a monitor"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseParallelGC", "-XX:+UseZGC"})
    void shouldRunGuestsWithAnyCollector(String collector) throws Exception {
        Map<String, String> answers = answers(collector, "apply", "SOCKETS");
        assertHeld(answers);
        assertGuestsRun(answers);
        assertAll("refused", FILES, answers);
        assertAll("done", SOCKETS, answers);
    }

    @Test
    void shouldTellWhatAProgramNeeds() throws Exception {
        Map<String, String> answers = answers("-XX:+UseG1GC", "log");
        assertGuestsRun(answers);
        assertAll("done", FILES, answers);
        assertAll("done", SOCKETS, answers);
        assertEquals("refused", answers.get("start a program"));
        String told = String.valueOf(answers.get("would refuse"));
        for (String call : Set.of("openat", "socket", "mkdir", "rename")) {
            assertTrue(told.matches(".*\\b" + call + "\\b.*"), told);
        }
    }

    @Test
    void shouldKeepTheWorkersThatThereAre() throws Exception {
        Map<String, String> answers = answers("-XX:+UseG1GC", "workers");
        assertEquals("{}", answers.get("missing"));
        String one = String.valueOf(answers.get("a guest of one"));
        assertTrue(one.matches(".*\\b0\\b.*"), one);
        String another = String.valueOf(answers.get("a guest of another"));
        assertTrue(another.contains("this process was hardened"), another);
    }
}
