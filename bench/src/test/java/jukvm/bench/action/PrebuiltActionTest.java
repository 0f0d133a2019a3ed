package jukvm.bench.action;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.bench.Required;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.bench.process.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The action as a process, as it lies in the working copy for hosts without a compiler. */
final class PrebuiltActionTest {
    private static final Path SOURCES =
            BenchFiles.ofThisBuild().root().resolve("bench/src/main/action");
    private static final Path PREBUILT = SOURCES.resolve("prebuilt/action");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void shouldPrintALineAndEnd() throws InterruptedException {
        Program program = Commands.program(PREBUILT, List.of());
        assertEquals("", Commands.act(program, Catalog.HELLO, false).failure());
    }

    @Test
    void shouldStayIfToldSo() throws InterruptedException {
        try (Child child = Commands.program(PREBUILT, List.of("idle")).start()) {
            assertTrue(child.awaitOutput(Catalog.HELLO, LIMIT));
            assertTrue(ProcessHandle.of(child.pid()).orElseThrow().isAlive());
        }
    }

    @Test
    void shouldFailIfNobodyReadsIt() throws InterruptedException {
        String[] script = {"-c", PREBUILT + " >/dev/full"};
        assertEquals(1, Commands.run(LIMIT, Path.of("/bin/sh"), script).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"action", "server"})
    void shouldBeWhatItsSourceBuilds(String name, @TempDir Path out)
            throws IOException, InterruptedException {
        Required.gcc();
        Path make = Commands.find("make").orElseThrow();
        Path built = out.resolve(name);
        ChildEnd end =
                Commands.run(LIMIT, make, "-C", SOURCES.toString(), "OUT=" + out, built.toString());
        assertEquals(0, end.status(), end.errors());
        assertArrayEquals(
                Files.readAllBytes(PREBUILT.resolveSibling(name)), Files.readAllBytes(built));
    }
}
