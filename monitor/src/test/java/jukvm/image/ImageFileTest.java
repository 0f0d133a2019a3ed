package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import jukvm.error.ImageException;
import jukvm.io.Requester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
    // Sysfs refuses to open a write-only attribute for reading, even to root.
    private static final Path UNREADABLE_TO_ROOT = Path.of("/sys/bus/platform/drivers_probe");

    // Sysfs says that every attribute has a page of bytes, and gives as many as there are.
    private static final Path SHORTER_THAN_IT_SAYS =
            Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    @TempDir Path directory;

    private static ImageException refusal(Path path) {
        ImageException e = assertThrows(ImageException.class, () -> GuestImage.read(path));
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        return e;
    }

    private static void assertUnreadable(Path path, String fact) {
        ImageException e = refusal(path);
        assertTrue(e.getMessage().contains(fact), e.getMessage());
        assertTrue(e.isUnreadable());
    }

    @Test
    void shouldReadImage() throws IOException {
        Path file = directory.resolve("hello.hvt");
        byte[] bytes = ElfBuilder.hvt().build();
        Files.write(file, bytes);
        GuestImage image = GuestImage.read(file);
        assertEquals(file.toString(), image.name());
        assertEquals(bytes.length, image.size());
        assertArrayEquals(bytes, ImageFile.read(Requester.self(), file.toString()));
    }

    @Test
    void shouldReadFileOfMoreThanOneChunk() throws IOException {
        Path file = directory.resolve("large.hvt");
        byte[] bytes = ElfBuilder.data((1 << 20) + 1);
        Files.write(file, bytes);
        assertArrayEquals(bytes, ImageFile.read(Requester.self(), file.toString()));
    }

    @Test
    void shouldRefuseMissingFile() {
        assertUnreadable(directory.resolve("none.hvt"), "cannot open: ENOENT (No such file or");
    }

    @Test
    void shouldRefuseDirectory() {
        assertUnreadable(directory, "is a directory, not a unikernel");
    }

    @Test
    void shouldRefuseFifoWithoutWaitingForItsWriter() throws Exception {
        Path fifo = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertTimeoutPreemptively(
                Duration.ofMinutes(1), () -> assertUnreadable(fifo, "not a regular file (FIFO)"));
    }

    @Test
    void shouldRefuseDevice() {
        assertUnreadable(Path.of("/dev/zero"), "not a regular file (character device)");
    }

    @Test
    void shouldRefuseFileWithoutPermission() throws IOException {
        Path file = directory.resolve("secret.hvt");
        Files.write(file, ElfBuilder.hvt().build());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        if (Files.isReadable(file)) {
            assumeTrue(Files.exists(UNREADABLE_TO_ROOT), "root may read every file here");
            file = UNREADABLE_TO_ROOT;
        }
        assertUnreadable(file, "cannot open: EACCES (Permission denied)");
    }

    @Test
    void shouldRefuseEmptyFile() throws IOException {
        ImageException e = refusal(Files.createFile(directory.resolve("empty.hvt")));
        assertTrue(e.getMessage().endsWith(": file is empty, need at least 64 bytes"));
        assertFalse(e.isUnreadable());
    }

    @Test
    void shouldRefuseFileAboveOneGibibyte() throws IOException {
        // Sparse, so that it takes no room
        Path file = directory.resolve("huge.hvt");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength((1L << 30) + 1);
        }
        ImageException e = refusal(file);
        assertTrue(e.getMessage().contains("too large: 1073741825 bytes, limit 1073741824"));
        assertFalse(e.isUnreadable());
    }

    @Test
    void shouldRefuseFileThatEndsEarlierThanItsSize() {
        assumeTrue(Files.exists(SHORTER_THAN_IT_SAYS), "no file at hand that lies about its size");
        assertUnreadable(
                SHORTER_THAN_IT_SAYS, "changed while reading: had 4096 bytes, ended after");
    }
}
