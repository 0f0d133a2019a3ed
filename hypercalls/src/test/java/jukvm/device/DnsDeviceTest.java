package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import jukvm.io.Poller;
import jukvm.io.Requester;
import jukvm.net.Ipv4Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsDeviceTest {
    private static final MacAddress GUEST = new MacAddress(0x02_1111_1111_11L);
    private static final MacAddress ROUTER = new MacAddress(0x02_2222_2222_22L);
    private static final int ADDRESS = Ipv4Address.parse("172.18.0.2");
    private static final int GATEWAY = Ipv4Address.parse("172.18.0.1");
    private static final int PORT = 40000;
    private static final int PATIENCE_MILLIS = 60_000;

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort behind = network.connect(GUEST);
    private final SwitchPort router = network.connect(ROUTER);
    private DatagramSocket server;
    private DnsDevice device;

    @BeforeEach
    void open() throws IOException {
        server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
        device =
                DnsDevice.of(
                        Requester.self(), behind, "172.18.0.1", "127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void close() {
        device.close();
        server.close();
        network.close();
    }

    /** Returns a question or answer of 13 bytes. */
    private static ByteBuffer message(int id, int last) {
        return ByteBuffer.allocate(13).putShort(0, (short) id).put(12, (byte) last);
    }

    private static ByteBuffer frame(int to, int port, ByteBuffer data) {
        ByteBuffer frame = new UdpDatagram(ADDRESS, PORT, to, port, data).frame(ROUTER, GUEST, 0);
        return ByteBuffer.allocateDirect(frame.limit()).put(frame).flip();
    }

    private boolean ask(int id) throws IOException {
        return device.write(frame(GATEWAY, 53, message(id, 1)));
    }

    private DatagramPacket asked() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        server.receive(packet);
        return packet;
    }

    private void answer(DatagramPacket asked, ByteBuffer data) throws IOException {
        byte[] bytes = new byte[data.limit()];
        data.get(0, bytes);
        server.send(new DatagramPacket(bytes, bytes.length, asked.getSocketAddress()));
    }

    private UdpDatagram read() throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(1514);
        assertTrue(device.read(into));
        ByteBuffer copy = ByteBuffer.allocate(into.position()).put(into.flip()).flip();
        assertEquals(GUEST, EthernetHeader.to(copy));
        assertEquals(ROUTER, EthernetHeader.from(copy));
        return Objects.requireNonNull(UdpDatagram.parse(copy));
    }

    @Test
    void shouldLeadQuestionsToTheServerAndAnswersBack() throws IOException {
        try (Poller poller = new Poller()) {
            poller.watch(0, device.readiness());
            assertTrue(ask(77));
            DatagramPacket asked = asked();
            assertEquals(13, asked.getLength());
            assertEquals(77, asked.getData()[1]);
            assertEquals(0, poller.await(0));
            answer(asked, message(77, 2));
            assertEquals(1, poller.await(-1));
            UdpDatagram answer = read();
            assertEquals(GATEWAY, answer.source());
            assertEquals(53, answer.sourcePort());
            assertEquals(ADDRESS, answer.destination());
            assertEquals(PORT, answer.destinationPort());
            assertEquals(message(77, 2), answer.data());
            assertEquals(0, poller.await(0));
        }
        assertFalse(router.read(ByteBuffer.allocate(1514)));
    }

    @Test
    void shouldDropWhatNobodyAskedFor() throws IOException {
        try (Poller poller = new Poller()) {
            poller.watch(0, device.readiness());
            assertTrue(ask(1));
            DatagramPacket asked = asked();
            answer(asked, message(2, 0));
            answer(asked, message(1, 0).limit(3));
            answer(asked, message(1, 7));
            answer(asked, message(1, 8));
            while (poller.await(-1) != 0 && !device.read(ByteBuffer.allocateDirect(1514))) {
                // What is dropped wakes, too.
            }
            while (poller.await(1_000_000) != 0) {
                assertFalse(device.read(ByteBuffer.allocateDirect(1514)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 4097})
    void shouldDropWhatIsNoQuestion(int length) throws IOException {
        ByteBuffer frame = frame(GATEWAY, 53, ByteBuffer.allocate(length));
        assertFalse(device.write(frame));
        assertFalse(router.read(ByteBuffer.allocate(1514)));
    }

    @Test
    void shouldPassOnAllElse() throws IOException {
        ByteBuffer into = ByteBuffer.allocate(1514);
        int other = Ipv4Address.parse("10.0.0.53");
        for (ByteBuffer frame :
                new ByteBuffer[] {
                    frame(other, 53, message(1, 1)),
                    frame(GATEWAY, 54, message(1, 1)),
                    frame(GATEWAY, 53, message(1, 1)).put(23, (byte) 6)
                }) {
            assertTrue(device.write(frame));
            assertTrue(router.read(into.clear()));
            assertEquals(frame.limit(), into.position());
        }
        assertTrue(router.write(frame(ADDRESS, 1, message(1, 1)).put(0, into, 6, 6)));
        assertTrue(device.read(ByteBuffer.allocateDirect(1514)));
    }

    @Test
    void shouldForgetTheOldestOfTooManyQuestions() throws IOException {
        for (int i = 0; i <= 64; i++) {
            assertTrue(ask(i));
        }
        DatagramPacket asked = asked();
        answer(asked, message(0, 1));
        answer(asked, message(64, 1));
        try (Poller poller = new Poller()) {
            poller.watch(0, device.readiness());
            assertEquals(1, poller.await(-1));
            assertEquals(message(64, 1), read().data());
        }
    }

    @Test
    void shouldBeAsTheDeviceThatItLeadsTo() {
        assertEquals(1500, device.mtu());
        assertEquals(GUEST, device.mac());
        assertTrue(device.ipv4().isEmpty());
    }
}
