package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FdTest {
    private static final Libc LIBC = Libc.get();
    private static final int TCGETS = 0x5401;

    @Test
    void shouldNamePathAndErrorWhenItCannotOpen(@TempDir Path dir) {
        String path = dir.resolve("missing").toString();
        HostException e = assertThrows(HostException.class, () -> Fd.open(path, Libc.O_RDONLY));
        assertEquals(path + ": open: ENOENT (No such file or directory)", e.getMessage());
        assertEquals("ENOENT (No such file or directory)", e.reason());
        assertEquals(Errno.ENOENT, e.errno());
    }

    @Test
    void shouldBeNamedByItsPath() {
        try (Fd fd = Fd.open("/dev/null", Libc.O_RDWR)) {
            assertEquals("/dev/null", fd.name());
        }
    }

    @Test
    void shouldCloseOnExec() throws Exception {
        try (Fd file = Fd.open("/dev/null", Libc.O_RDWR);
                Fd event = Fd.event("event")) {
            assertEquals(Libc.O_CLOEXEC, flags(file) & Libc.O_CLOEXEC);
            assertEquals(Libc.O_CLOEXEC, flags(event) & Libc.O_CLOEXEC);
        }
    }

    private static int flags(Fd fd) throws Exception {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .map(line -> Integer.parseInt(line.substring("flags:".length()).strip(), 8))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldReleaseDescriptorOnClose(@TempDir Path dir) throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        Fd fd = Fd.open(file.toString(), Libc.O_RDONLY);
        Path link = Path.of("/proc/self/fd/" + fd.number());
        assertEquals(file.toRealPath(), link.toRealPath());
        fd.close();
        assertTrue(!Files.exists(link) || !Files.isSameFile(link, file));
    }

    @RepeatedTest(20)
    void shouldNotCloseTheDescriptorThatHasItsNumberNow() {
        // The lowest free number is given next, unless another thread of the JVM was faster.
        Fd first = Fd.event("first");
        first.close();
        try (Fd second = Fd.event("second");
                Mapping arena = Mapping.anonymous(8)) {
            first.close();
            arena.window(0, 8).putLong(0, 1);
            assertEquals(8, LIBC.write(second.number(), arena.address(), 8));
        }
    }

    @Test
    void shouldRefuseUseAfterClose() {
        Fd fd = Fd.open("/dev/null", Libc.O_RDWR);
        fd.close();
        IllegalStateException e = assertThrows(IllegalStateException.class, fd::number);
        assertEquals("/dev/null: descriptor is closed", e.getMessage());
        assertThrows(IllegalStateException.class, () -> fd.ioctl("TCGETS", TCGETS, 0));
        assertThrows(IllegalStateException.class, () -> fd.map(4096));
    }

    @ParameterizedTest
    @CsvSource({
        "-24, thing: make: EMFILE (Too many open files). Raise the limit on open files (ulimit -n).",
        "-1, thing: make: EPERM (Operation not permitted)",
        "-1000, thing: make: errno 1000"
    })
    void shouldTurnNegatedErrnoIntoException(int result, String message) {
        HostException e = assertThrows(HostException.class, () -> Fd.of(result, "thing", "make"));
        assertEquals(message, e.getMessage());
        assertEquals(-result, e.errno());
    }

    @Test
    void shouldNameTheRequestThatTheKernelRefused() {
        try (Fd fd = Fd.open("/dev/null", Libc.O_RDWR)) {
            HostException e =
                    assertThrows(HostException.class, () -> fd.ioctl("TCGETS", TCGETS, 0));
            assertEquals(
                    "/dev/null: TCGETS: ENOTTY (Inappropriate ioctl for device)", e.getMessage());
        }
    }
}
