package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static jukvm.device.Frames.BROADCAST;
import static jukvm.device.Frames.assertSilent;
import static jukvm.device.Frames.frame;
import static jukvm.device.Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SwitchPortTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort a = network.connect(A);
    private final SwitchPort b = network.connect(B);

    @AfterEach
    void close() {
        network.close();
    }

    @Test
    void shouldDeliverBytesInOrder() throws IOException {
        for (int i = 0; i < 700; i++) {
            assertTrue(a.write(frame(B, A, i)));
            if (i % 3 == 2) { // Two of three: the queue grows, and its places go round.
                assertEquals(i / 3 * 2, number(b));
                assertEquals(i / 3 * 2 + 1, number(b));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18, 64, 1514, 1518})
    void shouldDeliverFramesOfEverySizeAllowed(int size) throws IOException {
        ByteBuffer frame = frame(B, A, 42, size);
        for (int i = 18; i < size; i++) {
            frame.put(frame.position() + i, (byte) i);
        }
        int position = frame.position();
        assertTrue(a.write(frame));
        assertEquals(position, frame.position());
        ByteBuffer heap = ByteBuffer.allocate(2000).position(7);
        assertTrue(b.read(heap));
        assertEquals(frame, heap.flip().position(7));
        assertTrue(a.write(ByteBuffer.allocate(size).put(frame).flip()));
        ByteBuffer direct = ByteBuffer.allocateDirect(2000);
        assertTrue(b.read(direct));
        assertEquals(size, direct.position());
        assertEquals(frame.position(position), direct.flip());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 13, 1519, 65553})
    void shouldRefuseFramesOfOtherSizes(int size) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(size);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> a.write(frame));
        assertEquals("frame of " + size + " bytes: not 14 to 1518", e.getMessage());
        assertSilent(a, b);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17})
    void shouldCutOffWhatTheBufferLacks(int size) throws IOException {
        a.write(frame(B, A, 1));
        a.write(frame(B, A, 2));
        ByteBuffer into = ByteBuffer.allocateDirect(100).limit(size);
        assertTrue(b.read(into));
        assertEquals(size, into.position());
        assertEquals(0, into.limit(100).get(size));
        assertEquals(2, number(b));
    }

    @Test
    void shouldDropWhatAFullQueueCannotTake() throws IOException {
        SwitchPort c = network.connect();
        for (int i = 0; i < FrameQueue.CAPACITY; i++) {
            assertTrue(a.write(frame(B, A, i)));
        }
        assertFalse(a.write(frame(B, A, 1000)));
        assertTrue(a.write(frame(BROADCAST, A, 1001))); // Somebody else has room.
        assertEquals(2, b.dropped());
        assertEquals(0, c.dropped());
        assertEquals(1001, number(c));
        assertEquals(0, number(b));
        assertTrue(a.write(frame(B, A, 1002)));
        for (int i = 1; i < FrameQueue.CAPACITY; i++) {
            assertEquals(i, number(b));
        }
        assertEquals(1002, number(b));
        assertSilent(b);
    }

    @Test
    void shouldBeReadableWhileAFrameWaits() throws IOException {
        String bell = EventFds.of(b);
        assertFalse(EventFds.isReadable(bell));
        a.write(frame(B, A, 1));
        a.write(frame(B, A, 2));
        assertTrue(EventFds.isReadable(bell));
        number(b);
        assertTrue(EventFds.isReadable(bell));
        number(b);
        assertFalse(EventFds.isReadable(bell));
        assertSilent(b);
        a.write(frame(B, A, 3));
        assertTrue(EventFds.isReadable(bell));
        assertSame(b.readiness(), b.readiness());
    }

    @Test
    void shouldBeReadableIfAFrameWaitedBeforeAnyoneAsked() throws IOException {
        a.write(frame(B, A, 1));
        assertTrue(EventFds.isReadable(EventFds.of(b)));
    }

    @Test
    void shouldReturnDescriptorsWhenClosed() throws IOException {
        Set<String> before = EventFds.open();
        VirtualSwitch other = VirtualSwitch.open();
        SwitchPort one = other.connect();
        SwitchPort two = other.connect();
        assertEquals(Set.of(), EventFds.openedSince(before));
        one.readiness();
        two.readiness();
        one.readiness();
        assertEquals(2, EventFds.openedSince(before).size());
        one.close();
        assertEquals(1, EventFds.openedSince(before).size());
        other.close();
        assertEquals(Set.of(), EventFds.openedSince(before));
        assertSame(one.readiness(), one.readiness());
        assertThrows(IllegalStateException.class, other::connect);
    }

    @Test
    void shouldHaveNoReadinessIfClosedBeforeAnyoneAsked() {
        a.close();
        assertThrows(IllegalStateException.class, a::readiness);
    }

    @Test
    void shouldDropFramesToAPortThatIsClosed() throws IOException {
        b.readiness();
        a.write(frame(B, A, 1));
        b.close();
        b.close();
        assertTrue(a.write(frame(B, A, 2))); // It is for nobody now, as any unknown address.
        assertFalse(b.offer(frame(B, A, 3))); // As one on its way would be.
        IOException e =
                assertThrows(IOException.class, () -> b.read(ByteBuffer.allocateDirect(64)));
        assertEquals("switch port 02:00:00:00:00:0b is closed", e.getMessage());
        assertThrows(IOException.class, () -> b.write(frame(A, B, 1)));
        assertThrows(IOException.class, () -> b.await(Duration.ZERO));
    }

    @Test
    void shouldWaitForAFrame() throws Exception {
        assertFalse(b.await(Duration.ZERO));
        assertFalse(b.await(Duration.ofSeconds(-1)));
        long start = System.nanoTime();
        assertFalse(b.await(Duration.ofNanos(20_500_000)));
        assertTrue(System.nanoTime() - start >= 20_500_000);
        FutureTask<Boolean> waiting = waiting(Duration.ofSeconds(Long.MAX_VALUE));
        a.write(frame(B, A, 1));
        assertTrue(waiting.get());
        assertTrue(b.await(Duration.ZERO));
        assertEquals(1, number(b));
    }

    @Test
    void shouldEndAWaitWhenClosed() throws Exception {
        FutureTask<Boolean> waiting = waiting(MINUTE);
        network.close();
        ExecutionException e = assertThrows(ExecutionException.class, waiting::get);
        assertEquals(
                "java.io.IOException: switch port 02:00:00:00:00:0b is closed", e.getMessage());
    }

    @Test
    void shouldAnswerAClientInJava() throws Exception {
        FutureTask<Boolean> server =
                new FutureTask<>(
                        () -> {
                            ByteBuffer buffer = ByteBuffer.allocate(100);
                            for (int i = 0; i < 1000; i++) {
                                assertTrue(b.await(MINUTE));
                                assertTrue(b.read(buffer.clear()));
                                int asked = buffer.flip().getInt(14);
                                b.write(frame(A, B, Integer.reverseBytes(asked) + 1));
                            }
                            return true;
                        });
        new Thread(server).start();
        for (int i = 0; i < 1000; i++) {
            a.write(frame(B, A, i));
            assertTrue(a.await(MINUTE));
            assertEquals(i + 1, number(a));
        }
        assertTrue(server.get());
    }

    private FutureTask<Boolean> waiting(Duration timeout) throws InterruptedException {
        FutureTask<Boolean> task = new FutureTask<>(() -> b.await(timeout));
        Thread thread = new Thread(task);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        return task;
    }
}
