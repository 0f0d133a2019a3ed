package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many who ask at a time, and guests that send what they like. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UdpPortLoadTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int ASKERS = 8;
    private static final int TIMES = 500;
    private static final int HOSTILE_FRAMES = 200_000;

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort guest = network.connect(B);
    private final UdpPort udp = new UdpPort(network, "10.0.0.1", A, Waiting.SYSTEM);

    @AfterEach
    void close() {
        network.close();
    }

    private static <T> FutureTask<T> start(Callable<T> job) {
        FutureTask<T> task = new FutureTask<>(job);
        new Thread(task).start();
        return task;
    }

    /** Answers as the echo guest does, until the port is closed. */
    private Void echo() throws InterruptedException {
        ByteBuffer frame = ByteBuffer.allocate(2000);
        try {
            while (guest.await(MINUTE) && guest.read(frame.clear())) {
                frame.flip();
                ArpPacket arp = ArpPacket.parse(frame);
                UdpDatagram udp = UdpDatagram.parse(frame);
                if (frame.getShort(12) == EthernetHeader.ARP && arp != null) {
                    guest.write(
                            new ArpPacket(ArpPacket.REPLY, B, arp.target(), arp.sender())
                                    .unicast(arp.senderMac()));
                } else if (udp != null) {
                    guest.write(
                            new UdpDatagram(
                                            udp.destination(),
                                            udp.destinationPort(),
                                            udp.source(),
                                            udp.sourcePort(),
                                            udp.data())
                                    .frame(EthernetHeader.mac(frame, 6), B, 0));
                }
            }
        } catch (IOException e) {
            // Closed.
        }
        return null;
    }

    @Test
    void shouldGiveEachOfManyItsAnswer() throws Exception {
        FutureTask<Void> server = start(this::echo);
        List<FutureTask<Void>> askers = new ArrayList<>();
        for (int i = 0; i < ASKERS; i++) {
            byte asker = (byte) i;
            askers.add(start(() -> ask(asker)));
        }
        for (FutureTask<Void> asker : askers) {
            asker.get();
        }
        assertEquals(0, udp.dropped());
        network.close();
        server.get();
    }

    private Void ask(byte asker) throws IOException, InterruptedException {
        for (int i = 0; i < TIMES; i++) {
            byte[] request = {asker, (byte) (i >> 8), (byte) i};
            assertArrayEquals(request, udp.ask("10.0.0.2", 7 + asker, request, MINUTE));
        }
        return null;
    }

    @Test
    void shouldNotLockPortsThatAskEachOther() throws Exception {
        UdpPort other = network.udp("10.0.0.2");
        List<FutureTask<Void>> askers = new ArrayList<>();
        for (int i = 0; i < ASKERS; i++) {
            UdpPort asking = i % 2 == 0 ? udp : other;
            String asked = i % 2 == 0 ? "10.0.0.2" : "10.0.0.1";
            askers.add(
                    start(
                            () -> {
                                for (int j = 0; j < TIMES / 10; j++) {
                                    Duration timeout = Duration.ofMillis(1);
                                    assertThrows(
                                            IOException.class,
                                            () -> asking.ask(asked, 7, new byte[9], timeout));
                                }
                                return null;
                            }));
        }
        for (FutureTask<Void> asker : askers) {
            asker.get();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndWhenClosedByAnotherThread(boolean isFound) throws Exception {
        FutureTask<byte[]> asker = start(() -> udp.ask("10.0.0.2", 7, new byte[1], MINUTE));
        read();
        if (isFound) {
            guest.write(Packets.bytes(Packets.ARP_REPLY));
            read();
        }
        udp.close();
        Exception e = assertThrows(ExecutionException.class, asker::get);
        assertEquals("java.io.IOException: UDP port 10.0.0.1 is closed", e.getMessage());
    }

    private void read() throws Exception {
        assertTrue(guest.await(MINUTE));
        assertTrue(guest.read(ByteBuffer.allocate(2000)));
    }

    @Test
    void shouldEndWhenInterrupted() throws Exception {
        FutureTask<InterruptedException> asker =
                new FutureTask<>(
                        () ->
                                assertThrows(
                                        InterruptedException.class,
                                        () -> udp.ask("10.0.0.2", 7, new byte[1], MINUTE)));
        Thread thread = new Thread(asker);
        thread.start();
        read();
        thread.interrupt();
        asker.get();
    }

    // What may be damaged is a frame that would be taken, so that most get past the first checks.
    private static ByteBuffer hostile(SplittableRandom random) {
        List<String> models =
                List.of(
                        Packets.ARP_REQUEST,
                        Packets.ARP_REPLY,
                        Packets.ANNOUNCEMENT,
                        Packets.UDP_REQUEST,
                        Packets.UDP_REPLY);
        byte[] model = Packets.bytes(models.get(random.nextInt(models.size()))).array();
        int size = random.nextInt(4) == 0 ? random.nextInt(14, 1519) : model.length;
        ByteBuffer frame = ByteBuffer.allocateDirect(size + 3).position(random.nextInt(4));
        frame.limit(frame.position() + size);
        int at = frame.position();
        frame.put(at, model, 0, Math.min(size, model.length));
        for (int i = random.nextInt(4); i > 0; i--) {
            int byteAt = random.nextInt(random.nextBoolean() ? Math.min(size, 46) : size);
            frame.put(at + byteAt, (byte) random.nextInt());
        }
        if (size > 41 && random.nextBoolean()) {
            frame.putShort(at + 40, (short) 0);
        }
        if (size > 33 && random.nextBoolean()) {
            frame.putShort(at + 24, (short) 0);
            int checksum = InternetChecksum.of(frame, at + 14, at + 34, 0);
            frame.putShort(at + 24, (short) checksum);
        }
        return frame;
    }

    @Test
    void shouldTakeAnyFrameWithoutHarm() throws Exception {
        long seed = Long.getLong("jukvm.seed", new SplittableRandom().nextLong());
        System.out.println("UdpPortLoadTest seed " + seed + "; -Djukvm.seed=N gives it");
        SplittableRandom random = new SplittableRandom(seed);
        FutureTask<Void> asker =
                start(
                        () -> {
                            while (true) {
                                try {
                                    udp.ask("10.0.0.2", 7, new byte[3], Duration.ofMillis(1));
                                } catch (NoRouteToHostException | SocketTimeoutException e) {
                                    // As often as not.
                                } catch (IOException e) {
                                    return null; // Closed.
                                }
                            }
                        });
        ByteBuffer read = ByteBuffer.allocate(2000);
        for (int i = 0; i < HOSTILE_FRAMES; i++) {
            ByteBuffer frame = hostile(random);
            int position = frame.position();
            guest.write(frame);
            assertEquals(position, frame.position(), "seed " + seed);
            if (i % 3 == 0) {
                guest.read(read.clear());
            }
        }
        assertTrue(udp.dropped() > HOSTILE_FRAMES / 10, "seed " + seed);
        udp.close();
        asker.get();
    }

    @Test
    void shouldKeepNothingOfAFloodAndAskAfterwards() throws Exception {
        ByteBuffer large = ByteBuffer.allocate(1518).put(Packets.bytes(Packets.UDP_REPLY));
        for (int i = 0; i < HOSTILE_FRAMES; i++) {
            guest.write(large.clear());
        }
        assertEquals(HOSTILE_FRAMES, udp.dropped());
        FutureTask<Void> server = start(this::echo);
        ask((byte) 0);
        network.close();
        server.get();
    }
}
