package jukvm.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jukvm.bench.Leftovers;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
    private static final int SIZE = 1 << 20;

    @Test
    void shouldForgetAFile(@TempDir Path dir) throws Exception {
        assumeFalse(Files.getFileStore(dir).type().equals("tmpfs"), "files are only in memory");
        Path file = Files.write(dir.resolve("file"), new byte[SIZE]);
        assertEquals("" + SIZE, resident(file));
        PageCache.drop(file);
        assertEquals("0", Leftovers.await("0", () -> resident(file)));
        assertEquals(SIZE, Files.readAllBytes(file).length);
    }

    private static String resident(Path file) {
        List<String> words = List.of("fincore", "-bno", "RES", file.toString());
        Program fincore = Program.of(Path.of("/usr/bin/fincore"), words, List.of());
        try (Child child = fincore.start()) {
            ChildEnd end = child.await(Duration.ofMinutes(1));
            assertTrue(end.succeeded(), end.toString());
            return end.output().strip();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    @Test
    void shouldTellThatAFileIsMissing(@TempDir Path dir) {
        Path missing = dir.resolve("missing");
        HostException e = assertThrows(HostException.class, () -> PageCache.drop(missing));
        assertEquals(missing + ": open: No such file or directory", e.getMessage());
    }
}
