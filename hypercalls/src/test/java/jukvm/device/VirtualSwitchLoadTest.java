package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtualSwitchLoadTest {
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int GUESTS = 4;
    private static final int FRAMES = 100_002; // As many for each of the others.

    private final VirtualSwitch network = VirtualSwitch.open();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdownNow();
        network.close();
    }

    private static MacAddress mac(int guest) {
        return new MacAddress(0x0200_0000_0000L + guest);
    }

    /** Sends to the others in turn, reads when nothing can be sent, and checks all it reads. */
    private final class Guest implements Callable<Integer> {
        private final int me;
        private final SwitchPort port;
        private final CyclicBarrier barrier;
        private final ByteBuffer out = ByteBuffer.allocateDirect(1518);
        private final ByteBuffer in = ByteBuffer.allocateDirect(1518);
        private final int[] next = new int[GUESTS];
        private int received;

        Guest(int me, CyclicBarrier barrier) {
            this.me = me;
            this.port = network.connect(mac(me));
            this.barrier = barrier;
            for (int i = 0; i < GUESTS; i++) {
                next[i] = (me - i - 1 + GUESTS) % GUESTS;
            }
        }

        @Override
        public Integer call() throws Exception {
            for (int i = 0; i < FRAMES; i++) {
                fill(i);
                while (!port.write(out)) {
                    read();
                    port.await(MILLI);
                }
                if (i % 2 == 0) {
                    read();
                }
            }
            while (received < FRAMES) {
                assertTrue(port.await(MINUTE));
                read();
            }
            barrier.await(); // Until nobody sends.
            assertFalse(read());
            return received;
        }

        private void fill(int number) {
            int size = 32 + number % 1400;
            out.clear().limit(size);
            putMac(0, mac((me + 1 + number % (GUESTS - 1)) % GUESTS));
            putMac(6, mac(me));
            out.putInt(14, me).putInt(18, number);
            for (int i = 22; i < size; i++) {
                out.put(i, (byte) (number + me + i));
            }
        }

        private void putMac(int at, MacAddress mac) {
            for (int i = 0; i < MacAddress.SIZE; i++) {
                out.put(at + i, mac.octet(i));
            }
        }

        private boolean read() throws IOException {
            if (!port.read(in.clear())) {
                return false;
            }
            in.flip();
            int sender = in.getInt(14);
            int number = in.getInt(18);
            assertEquals(next[sender], number);
            assertEquals(32 + number % 1400, in.limit());
            for (int i = 22; i < in.limit(); i++) {
                if (in.get(i) != (byte) (number + sender + i)) {
                    throw new AssertionError("byte " + i + " of " + number + " from " + sender);
                }
            }
            next[sender] += GUESTS - 1;
            received++;
            return true;
        }
    }

    @Test
    void shouldKeepOrderAndContentAmongManyThreads() throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(GUESTS);
        List<Guest> guests = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            guests.add(new Guest(i, barrier));
        }
        int received = 0;
        for (Future<Integer> guest : threads.invokeAll(guests)) {
            received += guest.get();
        }
        assertEquals(GUESTS * FRAMES, received);
    }

    @Test
    void shouldNeitherLoseARingNorLeaveOne() throws Exception {
        SwitchPort a = network.connect(Frames.A);
        SwitchPort b = network.connect(Frames.B);
        String bell = EventFds.of(b);
        int frames = 200_000;
        Future<?> sender =
                threads.submit(
                        () -> {
                            ByteBuffer frame = Frames.frame(Frames.B, Frames.A, 0);
                            for (int i = 0; i < frames; ) {
                                frame.putInt(19, i);
                                i += a.write(frame) ? 1 : 0;
                            }
                            return null;
                        });
        ByteBuffer into = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < frames; ) {
            // Nothing but the bell tells that frames are there; a lost ring hangs here.
            while (!EventFds.isReadable(bell)) {
                LockSupport.parkNanos(1000);
            }
            assertTrue(b.read(into.clear()), "it rings for nothing");
            i++;
            while (b.read(into.clear())) {
                i++;
            }
        }
        sender.get();
        assertFalse(EventFds.isReadable(bell));
    }

    @Test
    void shouldConnectAndDisconnectUnderLoad() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        SwitchPort steady = network.connect(mac(0));
        List<Future<Integer>> senders = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            SwitchPort port = network.connect(mac(i));
            MacAddress forged = mac(100 + i);
            ByteBuffer toAll = Frames.frame(Frames.BROADCAST, mac(i), i);
            ByteBuffer toOne = Frames.frame(mac(9), forged, i);
            senders.add(
                    threads.submit(
                            () -> {
                                int sent = 0;
                                while (!done.get()) {
                                    port.write(toAll);
                                    port.write(toOne);
                                    sent += 2;
                                }
                                return sent;
                            }));
        }
        Set<String> before = EventFds.open();
        ByteBuffer into = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < 2000; i++) {
            SwitchPort port = network.connect(mac(9));
            String bell = i % 100 == 0 ? EventFds.of(port) : "";
            while (!bell.isEmpty() && !EventFds.isReadable(bell)) {
                LockSupport.parkNanos(1000); // The others reach it.
            }
            Future<Boolean> reader = threads.submit(() -> readUntilClosed(port));
            port.readiness();
            steady.read(into.clear());
            port.close();
            assertTrue(reader.get());
        }
        assertEquals(Set.of(), EventFds.openedSince(before));
        done.set(true);
        for (Future<Integer> sender : senders) {
            assertTrue(sender.get() > 0);
        }
        while (steady.read(into.clear())) {}
    }

    private static boolean readUntilClosed(SwitchPort port) {
        ByteBuffer into = ByteBuffer.allocateDirect(64);
        try {
            while (true) {
                port.read(into.clear());
            }
        } catch (IOException e) {
            return e.toString().endsWith("is closed");
        }
    }

    @Test
    void shouldAllocateNothingPerFrame() throws Exception {
        SwitchPort a = network.connect(Frames.A);
        SwitchPort b = network.connect(Frames.B);
        SwitchPort c = network.connect(mac(1));
        b.readiness();
        ByteBuffer toOne = Frames.frame(Frames.B, mac(7), 1, 1514); // A learned source.
        ByteBuffer toAll = Frames.frame(Frames.BROADCAST, Frames.A, 2, 64);
        ByteBuffer into = ByteBuffer.allocateDirect(1518);
        Callable<Boolean> exchange =
                () -> {
                    boolean sent = a.write(toOne) && a.write(toAll);
                    boolean first = b.read(into.clear());
                    boolean second = b.read(into.clear());
                    boolean third = b.read(into.clear());
                    return sent && first && second && !third && c.read(into.clear());
                };
        assertTrue(exchange.call());
        assertEquals(0, Allocation.perCall(exchange));
    }

    @Test
    void shouldAllocateNothingForAGuestThatFloodsSources() throws Exception {
        SwitchPort a = network.connect(Frames.A);
        SwitchPort b = network.connect(Frames.B);
        ByteBuffer frame = Frames.frame(Frames.B, Frames.A, 0);
        ByteBuffer into = ByteBuffer.allocateDirect(64);
        int[] source = {0};
        assertEquals(
                0,
                Allocation.perCall(
                        () -> {
                            frame.putInt(frame.position() + 8, source[0]++);
                            return a.write(frame) && b.read(into.clear());
                        }));
    }
}
