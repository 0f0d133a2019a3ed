package jukvm.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of the memory that one call reads and writes. */
final class AccessLogTest {
    private static final long AT = 0x100000;

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);
    private final AccessLog log = new AccessLog(memory);

    @BeforeEach
    void begin() {
        byte[] old = new byte[0x1000];
        Arrays.fill(old, (byte) 7);
        memory.owned(AT, old.length).put(0, old);
        log.begin();
    }

    @AfterEach
    void close() {
        memory.close();
    }

    // Asks for a range to write, and writes some bytes of it.
    private void write(long gpa, int room, int from, byte... bytes) {
        ByteBuffer into = memory.writable(gpa, room);
        into.position(into.position() + from).put(bytes);
    }

    // Where each range begins that was told, with the bytes of the last.
    private List<Long> told(byte[] last) {
        log.end();
        ByteSink sink = new ByteSink(16);
        log.putTold(sink);
        ByteSource source = new ByteSource(Arrays.copyOf(sink.array(), sink.size()));
        byte[][] bytes = {{}};
        long[] at = {0};
        List<Long> starts =
                LongStream.range(0, source.number())
                        .map(
                                i -> {
                                    at[0] += source.signed();
                                    bytes[0] = source.bytes();
                                    return at[0];
                                })
                        .boxed()
                        .toList();
        assertArrayEquals(last, bytes[0]);
        return starts;
    }

    @Test
    void shouldTellFromTheFirstToTheLastByteThatChanged() {
        for (int first = 0; first < 20; first++) {
            for (int length = 1; length < 20; length++) {
                begin();
                byte[] changed = new byte[length];
                write(AT, 40, first, changed);
                assertEquals(List.of(AT + first), told(changed));
            }
        }
    }

    @Test
    void shouldTellNothingOfWhatIsAsItWas() {
        write(AT, 40, 0, (byte) 7, (byte) 7);
        assertEquals(List.of(), told(new byte[0]));
    }

    @Test
    void shouldTellOfNothingThatWasOnlyChecked() {
        memory.requireWritable(AT, 0x1000);
        memory.requireReadable(AT, 0x1000);
        assertEquals(0, log.toldAtMost());
        ByteSink sink = new ByteSink(16);
        log.putPassed(sink);
        assertEquals(0, sink.array()[0]);
    }

    @Test
    void shouldTakeRangesThatFollowEachOtherForOne() {
        byte[] zeros = new byte[16];
        memory.writable(AT, 16).put(zeros);
        memory.writable(AT + 16, 16).put(zeros);
        memory.writable(AT + 64, 16).put(zeros);
        assertEquals(48, log.toldAtMost());
        assertEquals(List.of(AT, AT + 64), told(zeros));
    }

    @Test
    void shouldTellAllOfARangeOfWhichThereWasTooMuchToKeep() {
        memory.putU32(AT - 16, 1);
        write(AT, (1 << 20) - 0x1000, 0);
        write(AT - 0x2000, 0x1000, 8, (byte) 1);
        write(AT - 0x4000, 0x1000, 8, (byte) 1);
        byte[] all = new byte[0x1000];
        all[8] = 1;
        assertEquals(List.of(AT - 16, AT - 0x2000, AT - 0x4000), told(all));
    }
}
