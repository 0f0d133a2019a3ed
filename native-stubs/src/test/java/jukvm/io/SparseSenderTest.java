package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SparseSenderTest {
    private static final Libc LIBC = Libc.get();
    private static final long LONGEST = 1 << 20;

    private final FdPair pipe = FdPair.pipe("test");
    private final SparseSender sender = new SparseSender(pipe.second().number());
    private final SparseReceiver receiver = new SparseReceiver(pipe.first().number(), "process 1");
    private final Written written = new Written();

    /** A file in the heap. */
    private static final class Written implements SparseOutput {
        private final TreeMap<Long, byte[]> parts = new TreeMap<>();
        private long length = -1;

        @Override
        public void write(byte[] bytes, int from, int count, long offset) {
            parts.put(offset, Arrays.copyOfRange(bytes, from, from + count));
        }

        @Override
        public void length(long bytes) {
            length = bytes;
        }
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
        pipe.close();
    }

    @Test
    void shouldSendWhatIsWrittenAndWhere() throws Exception {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Waiting sends =
                new Waiting(
                        () -> {
                            sender.write(bytes, 7, 3, 5);
                            sender.write(bytes, 0, bytes.length, 4096);
                            sender.write(bytes, 0, 0, 4096);
                            sender.length(LONGEST);
                        });
        receiver.copyTo(written, LONGEST);
        sends.assertReturns();
        assertEquals(LONGEST, written.length);
        assertArrayEquals(new byte[] {7, 8, 9}, written.parts.get(5L));
        ByteBuffer all = ByteBuffer.allocate(bytes.length);
        written.parts.tailMap(4096L).forEach((at, part) -> all.put((int) (at - 4096), part));
        assertArrayEquals(bytes, all.array());
    }

    @Test
    void shouldSayWhyThereIsNoMore() {
        sender.write(new byte[8], 0, 8, 0);
        sender.refuse("has \u001b[1m ended");
        String told =
                assertThrows(ConfigException.class, () -> receiver.copyTo(written, LONGEST))
                        .getMessage();
        assertTrue(told.startsWith("process 1: has ") && !told.contains("\u001b"), told);
    }

    @Test
    void shouldNotWaitForWhoDoesNotReadOnceCancelled() throws Exception {
        Waiting sends =
                new Waiting(
                        () -> {
                            byte[] much = new byte[1 << 20];
                            assertThrows(
                                    HostException.class,
                                    () -> sender.write(much, 0, much.length, 0));
                            sender.refuse("in the middle of what nobody would understand");
                        });
        sender.cancel();
        sends.assertReturns();
        pipe.second().close();
        String told =
                assertThrows(HostException.class, () -> receiver.copyTo(written, LONGEST))
                        .getMessage();
        assertEquals("process 1: ended before all of it came", told);
    }

    @Test
    void shouldFailWhenTheReaderIsGone() {
        pipe.first().close();
        assertThrows(HostException.class, () -> sender.length(1));
    }

    // Offset, length.
    @ParameterizedTest
    @CsvSource({
        "-1, 1",
        "0, 65537",
        "0, 2147483647",
        "1048576, 1",
        "9223372036854775807, 65536",
        "1048577, 0",
        "-1, 0"
    })
    void shouldRefuseWhatIsNoFile(long offset, int length) {
        try (Mapping arena = Mapping.anonymous(SparseSender.HEAD)) {
            arena.window(0, SparseSender.HEAD).putLong(0, offset).putInt(8, length);
            LIBC.write(pipe.second().number(), arena.address(), SparseSender.HEAD);
        }
        String told =
                assertThrows(HostException.class, () -> receiver.copyTo(written, LONGEST))
                        .getMessage();
        assertEquals("process 1: what comes is no core", told);
        assertTrue(written.parts.isEmpty());
    }

    @Test
    void shouldBoundWhatARefusalTells() {
        try (Mapping arena = Mapping.anonymous(SparseSender.HEAD)) {
            arena.window(0, SparseSender.HEAD).putLong(0, 0).putInt(8, Integer.MIN_VALUE);
            LIBC.write(pipe.second().number(), arena.address(), SparseSender.HEAD);
        }
        assertThrows(ConfigException.class, () -> receiver.copyTo(written, LONGEST));
    }
}
