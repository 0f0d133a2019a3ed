package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatTest {
    private static Object attribute(Path path, String name) throws Exception {
        return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    private static void assertIs(Path path, Stat stat) throws Exception {
        assertEquals(attribute(path, "dev"), stat.device());
        assertEquals(attribute(path, "ino"), stat.inode());
        assertEquals(attribute(path, "mode"), stat.mode());
        assertEquals(attribute(path, "uid"), stat.owner());
        assertEquals(attribute(path, "rdev"), stat.special());
        assertEquals(attribute(path, "size"), stat.size());
        assertEquals(nanos(path, "lastModifiedTime"), stat.modified());
        assertEquals(nanos(path, "ctime"), stat.changed());
    }

    private static long nanos(Path path, String name) throws Exception {
        return ((FileTime) attribute(path, name)).to(TimeUnit.NANOSECONDS);
    }

    @Test
    void shouldTellWhatTheJdkDoes(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file \u00e9"), new byte[1234]);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        Path device = Path.of("/dev/null");
        try (Fd open = Fd.open(folder.toString(), Libc.O_RDONLY);
                Fd ofFile = Fd.open(file.toString(), Libc.O_RDONLY);
                Fd ofDevice = Fd.open(device.toString(), Libc.O_RDONLY)) {
            assertIs(folder, Stat.of(open));
            assertIs(file, Stat.of(ofFile));
            assertIs(file, Stat.of(open, "file \u00e9"));
            assertIs(link, Stat.of(open, "link"));
            assertIs(device, Stat.of(ofDevice));
            assertTrue(Stat.of(ofFile).isSameFile(Stat.of(open, "file \u00e9")));
            assertTrue(Stat.of(ofDevice).is(Stat.CHARACTER_DEVICE));
            HostException e = assertThrows(HostException.class, () -> Stat.of(open, "none"));
            assertEquals(
                    folder + "/none: stat: ENOENT (No such file or directory)", e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x103, 1, 3",
        "0x12345, 0x123, 0x45",
        "0xfff00fff, 0xf, 0xfffff",
        "0x1000ff001fff, 0x101f, 0xff0ff"
    })
    void shouldPartTheNumbersOfADevice(String device, String major, String minor) {
        long number = Long.decode(device);
        assertEquals(Integer.decode(major), Stat.major(number));
        assertEquals(Integer.decode(minor), Stat.minor(number));
    }
}
