package jukvm.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.error.JukvmException;
import jukvm.host.Sync;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.testing.Allocation;
import jukvm.testing.OpenFiles;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockFileTest {
    private static final int SYS_MKNOD = 133;
    private static final int S_IFIFO = 0x1000;
    private static final int SIZE = 1 << 20;

    @TempDir private Path dir = Path.of("");

    private Path image(int size) throws Exception {
        byte[] content = new byte[size];
        new SplittableRandom(11).nextBytes(content);
        return Files.write(dir.resolve("disk.img"), content);
    }

    private static BlockFile open(Path path, boolean readOnly) {
        return BlockFile.open(path.toString(), readOnly, Sync.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 512, 4096, 100_000, SIZE})
    void shouldReadWhatIsThere(int length) throws Exception {
        Path path = image(SIZE);
        byte[] content = Files.readAllBytes(path);
        try (BlockFile file = open(path, true)) {
            assertEquals(SIZE, file.size());
            for (int offset : new int[] {0, (SIZE - length) / 2, SIZE - length}) {
                ByteBuffer into = ByteBuffer.allocateDirect(length + 20).position(7);
                into.limit(7 + length);
                file.read(offset, into);
                assertEquals(into.limit(), into.position());
                byte[] bytes = new byte[length];
                into.get(7, bytes);
                assertArrayEquals(Arrays.copyOfRange(content, offset, offset + length), bytes);
                into.clear();
                assertEquals(0, into.get(6));
                assertEquals(0, into.get(7 + length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Sync.class)
    void shouldWriteWhatItIsGivenAndNothingElse(Sync sync) throws Exception {
        Path path = image(SIZE);
        byte[] expected = Files.readAllBytes(path);
        ByteBuffer from = ByteBuffer.allocateDirect(5000);
        try (BlockFile file = BlockFile.open(path.toString(), false, sync)) {
            for (int offset : new int[] {0, 12345, SIZE - 3000}) {
                Arrays.fill(expected, offset, offset + 3000, (byte) (offset + 1));
                for (int i = 0; i < 3000; i++) {
                    from.put(1000 + i, (byte) (offset + 1));
                }
                file.write(offset, from.clear().position(1000).limit(4000));
                assertEquals(4000, from.position());
            }
            file.flush();
            file.flush();
        }
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    @Test
    void shouldReachOffsetsAbove4Gib() throws Exception {
        Path path = dir.resolve("sparse");
        long size = (5L << 30) + 512;
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(size);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        try (BlockFile file = open(path, false)) {
            assertEquals(size, file.size());
            file.write(5L << 30, buffer.putLong(0, 42));
            file.read(5L << 30, buffer.clear().putLong(0, 0));
            assertEquals(42, buffer.getLong(0));
            file.read(1L << 30, buffer.clear());
            assertEquals(0, buffer.getLong(0));
        }
    }

    @Test
    void shouldDoNothingForNoBytes() throws Exception {
        try (BlockFile file = open(image(512), false)) {
            file.read(512, ByteBuffer.allocate(0));
            file.write(0, ByteBuffer.allocate(0));
        }
    }

    @Test
    void shouldNeverReachOutsideTheFile() throws Exception {
        Path path = image(512);
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        try (BlockFile file = open(path, false)) {
            for (long offset : new long[] {-1, Long.MIN_VALUE, 505, 512, Long.MAX_VALUE}) {
                assertThrows(
                        IllegalArgumentException.class, () -> file.read(offset, buffer.clear()));
                assertThrows(
                        IllegalArgumentException.class, () -> file.write(offset, buffer.clear()));
            }
            assertThrows(
                    ReadOnlyBufferException.class, () -> file.read(0, buffer.asReadOnlyBuffer()));
        }
        assertEquals(512, Files.size(path));
    }

    @Test
    void shouldOpenAnEmptyFile() throws Exception {
        try (BlockFile file = open(image(0), false)) {
            assertEquals(0, file.size());
        }
    }

    @Test
    void shouldSayWhereATruncatedFileEnds() throws Exception {
        Path path = image(SIZE);
        try (BlockFile file = open(path, true)) {
            try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
                other.setLength(8292);
            }
            ByteBuffer into = ByteBuffer.allocateDirect(512);
            for (int offset : new int[] {8192, 9000}) {
                HostException e =
                        assertThrows(HostException.class, () -> file.read(offset, into.clear()));
                assertEquals(
                        path
                                + ": pread of 512 bytes at offset "
                                + offset
                                + ": the file ends at 8292 bytes; it was 1048576 when attached",
                        e.getMessage());
                assertEquals(0, e.errno());
                assertEquals(0, into.position());
            }
            file.read(7000, into.clear());
        }
    }

    @Test
    void shouldNotWriteWhatIsReadOnly() throws Exception {
        Path path = image(4096);
        try (BlockFile file = open(path, true)) {
            ByteBuffer from = ByteBuffer.allocateDirect(4096);
            HostException e = assertThrows(HostException.class, () -> file.write(0, from));
            assertEquals(
                    path + ": pwrite of 4096 bytes at offset 0: EBADF (Bad file descriptor)",
                    e.getMessage());
            file.flush();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseWhatHasNoBlocks(boolean readOnly) throws Exception {
        Path fifo = dir.resolve("fifo");
        try (Mapping arena = Mapping.anonymous(4096)) {
            arena.window(0, 4096).put(0, fifo.toString().getBytes(UTF_8));
            Libc.get().syscall(SYS_MKNOD, arena.address(), S_IFIFO | 0600, 0, 0, 0);
        }
        Waiting.assertReturns(() -> assertKindRefused(fifo, "FIFO", readOnly));
        assertKindRefused(dir, "directory", readOnly);
        assertKindRefused(Path.of("/dev/zero"), "character device", readOnly);
        assertKindRefused(Path.of("/dev/full"), "character device", readOnly);
        Path socket = dir.resolve("socket");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertKindRefused(socket, "socket", readOnly);
        }
    }

    private static void assertKindRefused(Path path, String kind, boolean readOnly) {
        ConfigException e = assertThrows(ConfigException.class, () -> open(path, readOnly));
        assertEquals(
                path + ": is a " + kind + ", need a regular file or a block device",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNameAMissingFile(boolean readOnly) {
        Path path = dir.resolve("missing");
        HostException e = assertThrows(HostException.class, () -> open(path, readOnly));
        assertEquals(path + ": open: ENOENT (No such file or directory)", e.getMessage());
        assertFalse(Files.exists(path));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseAFileThatThisProcessHasAttached(boolean second) throws Exception {
        Path path = image(512);
        try (BlockFile file = open(path, false)) {
            JukvmException e = assertThrows(HostException.class, () -> open(path, second));
            assertEquals(
                    path
                            + ": is in use by this process; attach it once, or each time read-only"
                            + " with :ro",
                    e.getMessage());
            file.write(0, ByteBuffer.allocateDirect(512));
        }
        open(path, second).close();
    }

    @Test
    void shouldShareAFileAmongReadersOnly() throws Exception {
        Path path = image(512);
        try (BlockFile one = open(path, true);
                BlockFile other = open(path, true)) {
            assertEquals(one.size(), other.size());
            JukvmException e = assertThrows(HostException.class, () -> open(path, false));
            assertTrue(e.getMessage().contains("is in use by this process"), e.getMessage());
        }
        open(path, false).close();
    }

    @Test
    void shouldRespectTheLocksOfOtherPrograms() throws Exception {
        Path path = image(512);
        try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
            other.getChannel().lock().acquiredBy();
            JukvmException e = assertThrows(HostException.class, () -> open(path, false));
            assertTrue(e.getMessage().contains("is in use by this process"), e.getMessage());
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenItRefuses() throws Exception {
        Path path = image(512);
        try (BlockFile file = open(path, false)) {
            for (int i = 0; i < 3; i++) {
                assertThrows(HostException.class, () -> open(path, false));
                assertThrows(ConfigException.class, () -> open(dir, true));
            }
            assertEquals(1, opened(path));
            assertEquals(0, opened(dir));
            assertEquals(512, file.size());
        }
        assertEquals(0, opened(path));
    }

    private static long opened(Path path) {
        return OpenFiles.now(path.toString()).targets().stream()
                .filter(path.toString()::equals)
                .count();
    }

    @Test
    void shouldBeClosedOnceAndForAll() throws Exception {
        BlockFile file = open(image(512), false);
        file.close();
        file.close();
        ByteBuffer buffer = ByteBuffer.allocateDirect(512);
        assertThrows(IllegalStateException.class, () -> file.read(0, buffer));
        assertThrows(IllegalStateException.class, () -> file.write(0, buffer));
    }

    @Test
    void shouldAllocateNothingForATransfer() throws Exception {
        try (BlockFile file = open(image(4096), false)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(512);
            Allocation.assertNone(() -> file.read(1024, buffer.clear()));
            Allocation.assertNone(() -> file.write(1024, buffer.clear()));
        }
    }
}
