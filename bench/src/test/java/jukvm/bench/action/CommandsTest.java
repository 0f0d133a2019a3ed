package jukvm.bench.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import jukvm.bench.process.Program;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandsTest {
    private static final Path SHELL = Path.of("/bin/sh");

    private static Action act(String script) throws InterruptedException {
        return Commands.act(Commands.program(SHELL, List.of("-c", script)), "Hello\n", false);
    }

    @Test
    void shouldFindNothingWrongWithTheAction() throws InterruptedException {
        Action action = act("echo Hello");
        assertEquals("", action.failure());
        assertTrue(action.firstByte() > action.requested(), action.toString());
        assertTrue(action.done() >= action.firstByte(), action.toString());
        assertEquals(action.done(), action.freed());
        assertEquals(action.done() - action.requested(), action.took());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "echo Hello; exit 3 | exit status 3",
                "echo Hello; echo no room >&2; echo more >&2; exit 1 | exit status 1: no room",
                "echo Hello; kill -9 $$ | ended by signal 9",
                "echo oops >&2; kill -15 $$ | ended by signal 15: oops",
                "echo Hallo | printed something else",
                "echo Hello; echo Hello | printed something else",
                "printf Hello | printed something else",
                "echo oops >&2 | printed something else: oops",
                "echo Hello; echo warning >&2 | ``",
            })
    void shouldSayWhatWasWrong(String script, String failure) throws InterruptedException {
        assertEquals(failure, act(script).failure());
    }

    @Test
    void shouldRefuseWhatCannotBeStarted() {
        Path missing = Path.of("/none/program");
        Program program = Commands.program(missing, List.of());
        HostException refused =
                assertThrows(HostException.class, () -> Commands.act(program, "", false));
        assertTrue(refused.getMessage().contains("/none/program"), refused.getMessage());
    }

    @Test
    void shouldEndTheProgramIfInterrupted() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> act("sleep 300"));
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(0, ProcessHandle.current().children().filter(CommandsTest::sleeps).count());
    }

    private static boolean sleeps(ProcessHandle child) {
        return child.info().commandLine().orElse("").contains("sleep 300");
    }

    @Test
    void shouldFindProgramsOnPath() {
        Path shell = Commands.find("sh").orElseThrow();
        assertTrue(shell.isAbsolute() && Files.isExecutable(shell), shell.toString());
        assertEquals(Optional.empty(), Commands.find("no-such-program"));
        assertEquals(Optional.empty(), Commands.find("."));
    }

    @Test
    void shouldReadTheFirstLineAboutAVersion(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path program = folder.resolve("program");
        Files.writeString(program, "#!/bin/sh\nprintf ' 1.2\\n3' >&2\n");
        assertTrue(program.toFile().setExecutable(true));
        assertEquals("1.2", Commands.version(program));
        assertTrue(Commands.version(Path.of("/bin/cat")).startsWith("cat "));
    }

    @Test
    void shouldCleanUpAndStayInterrupted(@TempDir Path folder) {
        Path made = folder.resolve("made");
        Thread.currentThread().interrupt();
        Commands.cleanUp(SHELL, List.of(List.of("-c", "sleep 0.1; : >" + made)));
        assertTrue(Thread.interrupted());
        assertTrue(Files.exists(made));
    }

    @Test
    void shouldEndThreadsAndStayInterrupted() {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        var task =
                threads.submit(
                        () -> {
                            TimeUnit.MINUTES.sleep(5);
                            return "";
                        });
        Thread.currentThread().interrupt();
        Commands.end(threads);
        assertTrue(Thread.interrupted());
        assertTrue(threads.isTerminated() && task.isDone());
    }
}
