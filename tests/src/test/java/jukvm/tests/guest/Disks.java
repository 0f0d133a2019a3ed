package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import jukvm.device.BlockDevice;
import jukvm.device.FileDisk;
import jukvm.device.MemoryDisk;
import jukvm.host.Sync;
import jukvm.monitor.GuestSpec;

/** The disks that the guests of the matrix are given. */
public final class Disks {
    private static final String NAME = "storage";
    private static final int MANY = 63;

    private Disks() {}

    /** Returns an empty disk in memory. */
    static Fixture memory(long capacity, int blockSize) {
        return guest -> guest.block(NAME, MemoryDisk.of(capacity, blockSize));
    }

    /** Returns a disk of random bytes in memory, which must still hold them at the end. */
    static Fixture readOnly(long capacity, int blockSize) {
        byte[] content = random((int) capacity);
        byte[] before = content.clone();
        return new Fixture() {
            @Override
            public GuestSpec attach(GuestSpec guest) {
                return guest.block(NAME, new ReadOnlyDisk(content, blockSize));
            }

            @Override
            public void check() {
                assertArrayEquals(before, content);
            }
        };
    }

    /** Returns a disk in a new file. */
    static Fixture file(long capacity, int blockSize) {
        return new OnFile(new byte[(int) capacity], blockSize, false);
    }

    /** Returns a read-only disk in a new file, which must be as it was at the end. */
    static Fixture fileReadOnly(long capacity, int blockSize) {
        return new OnFile(random((int) capacity), blockSize, true);
    }

    /** Returns as many disks as a manifest can declare. */
    static Fixture many() {
        return guest -> {
            GuestSpec whole = guest;
            for (int i = 0; i < MANY; i++) {
                whole = whole.block(NAME + i, MemoryDisk.of(1 << 16, 512));
            }
            return whole;
        };
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** An embedder's disk that nobody may write. */
    private static final class ReadOnlyDisk implements BlockDevice {
        private final byte[] content;
        private final int blockSize;

        ReadOnlyDisk(byte[] content, int blockSize) {
            this.content = content;
            this.blockSize = blockSize;
        }

        @Override
        public int blockSize() {
            return blockSize;
        }

        @Override
        public long capacity() {
            return content.length;
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            into.put(content, (int) offset, into.remaining());
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            throw new AssertionError("a read-only disk is written");
        }
    }

    /** A disk in a temporary file. */
    private static final class OnFile implements Fixture {
        private final Path path;
        private final FileDisk disk;
        private final byte[] content;
        private final boolean readOnly;

        OnFile(byte[] content, int blockSize, boolean readOnly) {
            try {
                this.path = Files.write(Files.createTempFile("jukvm", ".img"), content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            this.content = content;
            this.readOnly = readOnly;
            this.disk =
                    readOnly
                            ? FileDisk.openReadOnly(path.toString(), blockSize)
                            : FileDisk.open(path.toString(), blockSize, Sync.NONE);
        }

        @Override
        public GuestSpec attach(GuestSpec guest) {
            return guest.block(NAME, disk);
        }

        @Override
        public void check() throws IOException {
            byte[] now = Files.readAllBytes(path);
            if (readOnly) {
                assertArrayEquals(content, now);
            } else {
                assertFalse(Arrays.equals(content, now), "nothing was written");
            }
        }

        @Override
        public void close() throws IOException {
            disk.close();
            Files.delete(path);
        }
    }
}
