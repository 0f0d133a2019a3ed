package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatxTest {
    private static void assertAlike(String path) {
        try (Fd file = Fd.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
                Mapping arena = Mapping.anonymous(Statx.ARENA)) {
            assertEquals(Statx.of(file), Statx.ofOldKind(file.number(), "file", arena));
        }
    }

    @Test
    void shouldTellTheSameWhereAFilterKnowsNoStatx(@TempDir Path folder) throws Exception {
        assertAlike(Files.write(folder.resolve("file"), new byte[1234]).toString());
        assertAlike(folder.toString());
        assertAlike("/dev/null");
        assertAlike("/proc/self/status");
    }
}
