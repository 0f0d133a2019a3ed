package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
    private static final int SIZE = 1 << 20;

    @Test
    void shouldForgetAFile(@TempDir Path dir) throws Exception {
        assumeFalse(Files.getFileStore(dir).type().equals("tmpfs"), "files are only in memory");
        Path file = Files.write(dir.resolve("file"), new byte[SIZE]);
        assertEquals(SIZE, resident(file));
        PageCache.drop(file);
        assertEquals(0, resident(file));
        assertEquals(SIZE, Files.readAllBytes(file).length);
    }

    private static long resident(Path file) {
        try (Fd fd = Fd.open(file.toString(), Libc.O_RDWR);
                Mapping view = fd.map(SIZE);
                Mapping pages = Mapping.anonymous(SIZE)) {
            return view.resident(pages);
        }
    }

    @Test
    void shouldTellThatAFileIsMissing(@TempDir Path dir) {
        Path missing = dir.resolve("missing");
        HostException e = assertThrows(HostException.class, () -> PageCache.drop(missing));
        assertEquals(Errno.ENOENT, e.errno());
    }
}
