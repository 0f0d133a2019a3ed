package jukvm.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.io.HostFile.Kind;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.testing.OpenFiles;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFileTest {
    private static final int SYS_MKNOD = 133;
    private static final int S_IFIFO = 0x1000;

    @TempDir private Path dir = Path.of("");

    // Around the chunk that it reads by, 256 KiB.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 262143, 262144, 262145, 2500000})
    void shouldReadAllOfAFile(int size) throws Exception {
        byte[] content = content(size);
        Path path = Files.write(dir.resolve("file"), content);
        try (HostFile file = HostFile.open(path.toString())) {
            assertEquals(Kind.REGULAR, file.kind());
            assertEquals(size, file.size());
            byte[] bytes = new byte[size];
            assertEquals(size, file.read(bytes));
            assertArrayEquals(content, bytes);
        }
    }

    // The memory that one is read through is the next one's, if that is opened later.
    @Test
    void shouldReadFilesThatAreOpenAtOnceEachByItself() throws Exception {
        String first = Files.writeString(dir.resolve("first"), "first").toString();
        String second = Files.writeString(dir.resolve("second"), "other").toString();
        HostFile.open(second).close();
        HostFile two = HostFile.open(second);
        try (HostFile one = HostFile.open(first)) {
            assertEquals("first", text(one));
            assertEquals("other", text(two));
        }
        two.close();
        two.close(); // Once more it would give back what is another's by then.
        try (HostFile three = HostFile.open(second);
                HostFile four = HostFile.open(first)) {
            assertEquals("other", text(three));
            assertEquals("first", text(four));
        }
    }

    private static String text(HostFile file) {
        byte[] bytes = new byte[5];
        assertEquals(5, file.read(bytes));
        return new String(bytes, UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, 262144, 1500000})
    void shouldReadNoMoreThanThereIs(int size) throws Exception {
        byte[] content = content(size);
        Path path = Files.write(dir.resolve("file"), content);
        try (HostFile file = HostFile.open(path.toString())) {
            byte[] bytes = new byte[size + 100];
            Arrays.fill(bytes, (byte) 0x5a);
            assertEquals(size, file.read(bytes));
            assertArrayEquals(content, Arrays.copyOf(bytes, size));
            assertEquals(0x5a, bytes[size]);
        }
    }

    @Test
    void shouldReadNoMoreThanAskedFor() throws Exception {
        Path path = Files.write(dir.resolve("file"), content(1000));
        try (HostFile file = HostFile.open(path.toString())) {
            byte[] bytes = new byte[10];
            assertEquals(10, file.read(bytes));
            assertArrayEquals(content(10), bytes);
        }
    }

    @Test
    void shouldReadShortWhenTheFileShrankMeanwhile() throws Exception {
        Path path = Files.write(dir.resolve("file"), content(1000));
        try (HostFile file = HostFile.open(path.toString())) {
            try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
                other.setLength(300);
            }
            assertEquals(1000, file.size());
            assertEquals(300, file.read(new byte[1000]));
        }
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < size; i++) {
            content[i] = (byte) random.nextInt();
        }
        return content;
    }

    @Test
    void shouldTellSizesAbove4Gib() throws Exception {
        Path path = dir.resolve("sparse");
        long size = (5L << 30) + 1;
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(size);
        }
        try (HostFile file = HostFile.open(path.toString())) {
            assertEquals(size, file.size());
        }
    }

    @Test
    void shouldFollowLinks() throws Exception {
        Path path = Files.write(dir.resolve("file"), content(5));
        Path link = Files.createSymbolicLink(dir.resolve("link"), path);
        try (HostFile file = HostFile.open(link.toString())) {
            assertEquals(Kind.REGULAR, file.kind());
            assertEquals(5, file.size());
        }
    }

    @Test
    void shouldTellADirectory() {
        try (HostFile file = HostFile.open(dir.toString())) {
            assertEquals(Kind.DIRECTORY, file.kind());
            HostException e = assertThrows(HostException.class, () -> file.read(new byte[1]));
            assertEquals(dir + ": read: EISDIR (Is a directory)", e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/dev/zero"})
    void shouldTellACharacterDevice(String path) {
        try (HostFile file = HostFile.open(path)) {
            assertEquals(Kind.CHARACTER_DEVICE, file.kind());
        }
    }

    @Test
    void shouldNotWaitForTheOtherEndOfAFifo() throws Exception {
        Path path = dir.resolve("fifo");
        makeFifo(path.toString());
        Waiting.assertReturns(
                () -> {
                    try (HostFile file = HostFile.open(path.toString())) {
                        assertEquals(Kind.FIFO, file.kind());
                        assertEquals(0, file.read(new byte[10]));
                    }
                });
    }

    @Test
    void shouldTellFilesAndTheirChangesApart() throws Exception {
        Path path = Files.write(dir.resolve("file"), content(5));
        HostFile.State first = state(path);
        assertEquals(first, state(path));
        assertEquals(first, state(Files.createSymbolicLink(dir.resolve("link"), path)));
        assertEquals(5, first.size());
        assertEquals(Files.getAttribute(path, "unix:ino"), first.inode());
        assertEquals(Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS), first.modified());
        Files.setLastModifiedTime(path, FileTime.fromMillis(1));
        assertEquals(1_000_000, state(path).modified());
        assertNotEquals(first.inode(), state(Files.createFile(dir.resolve("other"))).inode());
    }

    private static HostFile.State state(Path path) {
        try (HostFile file = HostFile.open(path.toString())) {
            return file.state();
        }
    }

    private static void makeFifo(String path) {
        byte[] bytes = (path + "\0").getBytes(UTF_8);
        try (Mapping arena = Mapping.anonymous(bytes.length)) {
            arena.window(0, bytes.length).put(bytes);
            assertEquals(
                    0, Libc.get().syscall(SYS_MKNOD, arena.address(), S_IFIFO | 0600, 0, 0, 0));
        }
    }

    @Test
    void shouldNotOpenASocket() throws Exception {
        // Bound in a short path, since a socket's address is short.
        Path path = Files.createTempDirectory("s").resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            HostException e =
                    assertThrows(HostException.class, () -> HostFile.open(path.toString()));
            assertEquals(Errno.ENXIO, e.errno());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(path.resolveSibling(""));
        }
    }

    @Test
    void shouldNameAMissingFile() {
        String path = dir.resolve("missing").toString();
        HostException e = assertThrows(HostException.class, () -> HostFile.open(path));
        assertEquals(path + ": open: ENOENT (No such file or directory)", e.getMessage());
    }

    @Test
    void shouldReleaseItsDescriptor() throws Exception {
        Path path = Files.createFile(dir.resolve("file")).toRealPath();
        try (HostFile file = HostFile.open(path.toString())) {
            assertEquals(Kind.REGULAR, file.kind());
            assertEquals(List.of(path.toString()), OpenFiles.now(path.toString()).targets());
        }
        assertEquals(List.of(), OpenFiles.now(path.toString()).targets());
    }
}
