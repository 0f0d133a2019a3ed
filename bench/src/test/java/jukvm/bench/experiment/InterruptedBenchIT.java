package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.Leftovers;
import jukvm.bench.Main;
import jukvm.bench.Required;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An experiment that is told to end keeps what it has, and leaves nothing else behind. */
final class InterruptedBenchIT {
    private static final int SOME_MORE_MILLIS = 300;

    @TempDir private Path folder;

    @BeforeAll
    static void requireHost() {
        Required.kvm();
    }

    private Results interrupted(String progress, String signal, Class<?> main, String... more)
            throws Exception {
        Workplace workplace = Workplace.make(Files.createDirectory(folder.resolve("place")));
        String expedited = Leftovers.expedited();
        Path directory = folder.resolve("results");
        List<String> words = new ArrayList<>();
        if (main == Main.class) {
            words.addAll(List.of("--quick", "--out"));
        }
        words.add(directory.toString());
        words.addAll(List.of(more));
        List<String> line = workplace.line(main, words.toArray(String[]::new));
        try (Running running = new Running(line)) {
            running.awaitProgress(progress);
            Thread.sleep(SOME_MORE_MILLIS); // To be in the middle of it.
            running.signal(signal);
            Running.Ended ended = running.await();
            assertEquals(1, ended.status(), ended.toString());
            assertTrue(ended.stdout().startsWith("PARTIAL: interrupted"), ended.toString());
            assertTrue(Files.size(directory.resolve("report.html")) > 0);
            Results results = ResultDirectory.read(directory);
            assertTrue(results.partial().startsWith("interrupted at: "), results.partial());
            assertEquals(0, results.failed(), results.toString());
            Leftovers.assertNoContainers(running.pid());
            Leftovers.assertNoFiles(workplace.temporary());
            assertEquals(List.of(), Leftovers.processes(workplace.temporary().toString()));
            assertEquals(expedited, Leftovers.expedited());
            return results;
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, looking for", "TERM, warming up"})
    void shouldKeepWhatItHas(String signal, String progress) throws Exception {
        interrupted(progress, signal, Main.class);
    }

    @Test
    void shouldLeaveNothingOfAContainer() throws Exception {
        Required.runc();
        interrupted("latency of runc-tuned", "INT", TinyBench.class, "long");
    }

    @Test
    void shouldLeaveNothingOfAnEngine() throws Exception {
        Required.containerd();
        interrupted("latency of engine-", "INT", TinyBench.class);
    }

    @ParameterizedTest
    @CsvSource({"INT, switch", "TERM, user (passt)", "KILL, user (passt)"})
    void shouldLeaveNothingOfANetwork(String signal, String progress) throws Exception {
        Required.passt();
        Workplace workplace = Workplace.make(Files.createDirectory(folder.resolve("place")));
        try (Running running = new Running(workplace.line(Main.class, "net", "--quick"))) {
            running.awaitProgress(progress);
            Thread.sleep(SOME_MORE_MILLIS); // To be in the middle of it.
            List<ProcessHandle> started = running.descendants();
            running.signal(signal);
            assertEquals(signal.equals("KILL") ? 137 : 1, running.await().status());
            assertEquals(
                    List.of(),
                    Leftovers.await(
                            List.of(),
                            () -> started.stream().filter(ProcessHandle::isAlive).toList()));
        }
        if (!signal.equals("KILL")) {
            Leftovers.assertNoFiles(workplace.temporary());
        }
    }

    @Test
    void shouldEndIdleInstances() throws Exception {
        String of = Required.hasRunc() ? "runc" : "process";
        Results results = interrupted("memory of " + of + ",", "TERM", TinyBench.class);
        assertTrue(results.system("jukvm-cold").orElseThrow().latency().isPresent());
        assertTrue(results.fetch("jukvm-cold").isPresent());
    }
}
