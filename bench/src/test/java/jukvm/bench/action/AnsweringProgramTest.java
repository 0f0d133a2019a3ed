package jukvm.bench.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jukvm.bench.BenchFiles;
import jukvm.bench.Leftovers;
import jukvm.bench.result.SystemResult.Kind;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Servers that are started for a request: the one of the experiment, and some that are none. */
final class AnsweringProgramTest {
    private static final Path SERVER =
            BenchFiles.ofThisBuild().root().resolve("bench/src/main/action/prebuilt/server");

    private static ActionSystem system(ProgramSystem.Line line) {
        ActionSystem base =
                new ProgramSystem(
                        new Identity("sh", "shell", Kind.PROCESS, "", "5", ""),
                        line,
                        "",
                        Surroundings.NONE,
                        Optional.empty());
        return new AnsweringSystem(base, "how", "", () -> new AnsweringProgram(line));
    }

    private static Action run(ProgramSystem.Line line) throws InterruptedException {
        try (Worker worker = system(line).worker()) {
            return worker.run();
        }
    }

    private static String failureOf(String script) throws InterruptedException {
        return run(ProgramSystem.Line.of(Path.of("/bin/bash"), "-c", script)).failure();
    }

    @Test
    void shouldAnswerEachRequestByAnotherProcess() throws InterruptedException {
        try (Worker worker = system(ProgramSystem.Line.of(SERVER)).worker()) {
            for (Action action : worker.run(20)) {
                assertEquals("", action.failure());
                assertTrue(action.requested() < action.firstByte());
                assertTrue(action.firstByte() <= action.done() && action.done() < action.freed());
            }
        }
    }

    @Test
    void shouldBeNamedAfterWhatItIs() {
        Identity identity = system(ProgramSystem.Line.of(SERVER)).identity();
        assertEquals(
                new Identity("http-sh", "shell, over HTTP", Kind.PROCESS, "how", "5", ""),
                identity);
    }

    @Test
    void shouldSayWhatIsWrongWithAServer() throws InterruptedException {
        String silent = failureOf("echo 'no port here' >&2; exit 3");
        assertTrue(silent.contains("exit status 3: no port here"), silent);
        String gone = failureOf("echo 1; sleep 0.1");
        assertTrue(gone.startsWith("no answer: "), gone);
        String other = failureOf("exec " + SERVER + " | sed -u s/^/x/");
        assertTrue(other.contains("not a port: x"), other);
        // Answers as it must, and then fails.
        String late = failureOf(SERVER + "; exit 5");
        assertEquals("exit status 5", late);
    }

    @Test
    void shouldEndTheProgramWhenInterrupted() throws Exception {
        Optional<Path> python = Commands.find("python3");
        Assumptions.assumeTrue(python.isPresent(), "needs python3");
        String name = "jukvm-bench-test-" + ProcessHandle.current().pid();
        // Listens, and never answers.
        String script =
                "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
                        + " print(s.getsockname()[1], flush=True); time.sleep(600) # "
                        + name;
        ProgramSystem.Line line = ProgramSystem.Line.of(python.get(), "-c", script);
        FutureTask<Action> task = new FutureTask<>(() -> run(line));
        Thread thread = new Thread(task);
        thread.start();
        assertEquals(1, Leftovers.await(1, () -> Leftovers.processes(name).size()));
        thread.interrupt();
        ExecutionException e = assertThrows(ExecutionException.class, task::get);
        assertInstanceOf(InterruptedException.class, e.getCause());
        assertEquals(List.of(), Leftovers.await(List.of(), () -> Leftovers.processes(name)));
    }
}
