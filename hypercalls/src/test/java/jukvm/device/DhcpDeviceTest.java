package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import jukvm.io.Poller;
import jukvm.net.Ipv4Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DhcpDeviceTest {
    private static final MacAddress GUEST = new MacAddress(0x02_1111_1111_11L);
    private static final String ADDRESS = "172.17.0.2";
    private static final String GATEWAY = "172.17.0.1";
    private static final int EVERYBODY = -1;
    private static final int XID = 0x1234abcd;
    private static final int DISCOVER = 1;
    private static final int REQUEST = 3;

    private final VirtualSwitch network = VirtualSwitch.open(9000);
    private final SwitchPort behind = network.connect(GUEST);
    private final SwitchPort elsewhere = network.connect(new MacAddress(0x02_2222_2222_22L));
    private DhcpDevice device;

    /** An answer: to whom, and its message's type, address and options in hexadecimal. */
    private record Answer(
            MacAddress to, int ip, int type, int address, Map<Integer, String> options) {}

    @BeforeEach
    void open() {
        device = DhcpDevice.of(behind, new Ipv4Settings(ADDRESS + "/16", GATEWAY, "10.0.0.53"));
    }

    @AfterEach
    void close() {
        device.close();
        network.close();
    }

    /** Makes a question with options in hexadecimal. */
    private static ByteBuffer question(int type, int flags, int client, String options) {
        byte[] more = HexFormat.of().parseHex("3501" + HexFormat.of().toHexDigits((byte) type));
        byte[] rest = HexFormat.of().parseHex(options + "ff");
        ByteBuffer data = ByteBuffer.allocate(240 + more.length + rest.length);
        data.putInt(0, 0x01010600).putInt(4, XID).putShort(10, (short) flags).putInt(12, client);
        data.putShort(28, (short) 0x0211).putInt(30, 0x11111111).putInt(236, 0x63825363);
        data.put(240, more).put(240 + more.length, rest);
        return data;
    }

    private static ByteBuffer direct(ByteBuffer frame) {
        return ByteBuffer.allocateDirect(frame.limit()).put(frame).flip();
    }

    private static ByteBuffer frame(ByteBuffer data) {
        return direct(
                new UdpDatagram(0, 68, EVERYBODY, 67, data)
                        .frame(EthernetHeader.BROADCAST, GUEST, 0));
    }

    private Answer ask(int type, int flags, int client, String options) throws IOException {
        assertTrue(device.write(frame(question(type, flags, client, options))));
        return answer();
    }

    private Answer answer() throws IOException {
        ByteBuffer frame = ByteBuffer.allocateDirect(1514);
        assertTrue(device.read(frame));
        ByteBuffer copy = ByteBuffer.allocate(frame.position()).put(frame.flip()).flip();
        UdpDatagram datagram = Objects.requireNonNull(UdpDatagram.parse(copy));
        assertEquals(67, datagram.sourcePort());
        assertEquals(68, datagram.destinationPort());
        ByteBuffer data = datagram.data();
        assertEquals(0x02010600, data.getInt(0));
        assertEquals(XID, data.getInt(4));
        assertEquals(0x0211_1111, data.getInt(28));
        assertTrue(data.limit() >= 300, data::toString);
        Map<Integer, String> options = new TreeMap<>();
        for (int at = 240; (data.get(at) & 0xff) != 255; at += 2 + data.get(at + 1)) {
            byte[] value = new byte[data.get(at + 1)];
            data.get(at + 2, value);
            options.put((int) data.get(at), HexFormat.of().formatHex(value));
        }
        int code = Integer.parseInt(options.remove(53), 16);
        return new Answer(
                EthernetHeader.to(copy), datagram.destination(), code, data.getInt(16), options);
    }

    @Test
    void shouldLeaseTheAddressThatItWasGiven() throws IOException {
        Map<Integer, String> told =
                Map.of(
                        1,
                        "ffff0000",
                        3,
                        "ac110001",
                        6,
                        "0a000035",
                        26,
                        "2328",
                        51,
                        "00015180",
                        54,
                        "ac110001");
        int own = Ipv4Address.parse(ADDRESS);
        assertEquals(new Answer(GUEST, own, 2, own, told), ask(DISCOVER, 0, 0, ""));
        assertEquals(
                new Answer(GUEST, own, 5, own, told),
                ask(REQUEST, 0, 0, "3204ac110002" + "3604ac110001"));
        assertEquals(new Answer(GUEST, own, 5, own, told), ask(REQUEST, 0, own, ""));
        assertFalse(elsewhere.read(ByteBuffer.allocate(1514)));
    }

    @Test
    void shouldAnswerEverybodyWhereThatIsAskedFor() throws IOException {
        Answer offer = ask(DISCOVER, 0x8000, 0, "");
        assertEquals(EthernetHeader.BROADCAST, offer.to());
        assertEquals(EVERYBODY, offer.ip());
    }

    @Test
    void shouldTellAGuestThatHasItsAddressTheRest() throws IOException {
        Answer told = ask(8, 0, Ipv4Address.parse(ADDRESS), "");
        assertEquals(5, told.type());
        assertEquals(0, told.address());
        assertFalse(told.options().containsKey(51));
        assertEquals("ac110001", told.options().get(3));
    }

    @Test
    void shouldRefuseAnyOtherAddress() throws IOException {
        Answer refusal = ask(REQUEST, 0, 0, "3204ac110003");
        assertEquals(
                new Answer(EthernetHeader.BROADCAST, EVERYBODY, 6, 0, Map.of(54, "ac110001")),
                refusal);
    }

    @Test
    void shouldNameNoGatewayWhereThereIsNone() throws IOException {
        device.close();
        device = DhcpDevice.of(behind, new Ipv4Settings("10.0.0.1/24", "", ""));
        Answer offer = ask(DISCOVER, 0, 0, "");
        assertEquals("0a000002", offer.options().get(54));
        assertEquals(Set.of(1, 26, 51, 54), offer.options().keySet());
    }

    @Test
    void shouldSayNothingToWhomItDoesNotServe() throws IOException {
        for (String options : new String[] {"3604ac110009", "3204ac1100023604ac110009"}) {
            assertTrue(device.write(frame(question(REQUEST, 0, 0, options))));
        }
        for (int type : new int[] {0, 2, 4, 7, 255}) {
            assertTrue(device.write(frame(question(type, 0, 0, ""))));
        }
        assertFalse(device.read(ByteBuffer.allocateDirect(1514)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"32", "3204ac11", "35", "34ff"})
    void shouldDropWhatIsNotWhole(String options) throws IOException {
        ByteBuffer data = question(DISCOVER, 0, 0, options);
        assertFalse(device.write(frame(data.limit(data.limit() - 1))));
        assertFalse(device.write(frame(question(DISCOVER, 0, 0, "").limit(239))));
        assertFalse(device.write(frame(question(DISCOVER, 0, 0, "").putInt(236, 0))));
        assertFalse(device.read(ByteBuffer.allocateDirect(1514)));
    }

    @Test
    void shouldTakeAnyBytesForAQuestion() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer data = question(1 + random.nextInt(8), 0, 0, "3204ac1100023604ac110001");
            for (int j = random.nextInt(4); j > 0; j--) {
                data.put(random.nextInt(data.limit()), (byte) random.nextInt());
            }
            device.write(frame(data.limit(1 + random.nextInt(data.limit()))));
            device.read(ByteBuffer.allocateDirect(1514));
        }
    }

    @Test
    void shouldPassOnAllElse() throws IOException {
        ByteBuffer other =
                direct(
                        new UdpDatagram(1, 68, EVERYBODY, 68, ByteBuffer.allocate(300))
                                .frame(EthernetHeader.BROADCAST, GUEST, 0));
        assertTrue(device.write(other));
        ByteBuffer shortest = ByteBuffer.allocateDirect(14).put(0, new byte[] {-1, -1, -1});
        assertTrue(device.write(shortest));
        ByteBuffer into = ByteBuffer.allocate(1514);
        assertTrue(elsewhere.read(into));
        assertEquals(other.limit(), into.position());
        assertTrue(elsewhere.write(ByteBuffer.wrap(new byte[60]).put(0, (byte) -1)));
        assertTrue(device.read(ByteBuffer.allocateDirect(1514)));
        assertEquals(9000, device.mtu());
        assertEquals(GUEST, device.mac());
    }

    @Test
    void shouldBeReadableWhileAnAnswerOrAFrameWaits() throws IOException {
        try (Poller poller = new Poller()) {
            poller.watch(0, device.readiness());
            assertEquals(0, poller.await(0));
            assertTrue(device.write(frame(question(DISCOVER, 0, 0, ""))));
            assertEquals(1, poller.await(-1));
            answer();
            assertEquals(0, poller.await(0));
            assertTrue(elsewhere.write(ByteBuffer.wrap(new byte[60]).put(0, (byte) -1)));
            assertEquals(1, poller.await(-1));
            poller.unwatch(device.readiness());
        }
    }

    @Test
    void shouldCutAnAnswerThatIsTooLong() throws IOException {
        assertTrue(device.write(frame(question(DISCOVER, 0, 0, ""))));
        ByteBuffer into = ByteBuffer.allocateDirect(14);
        assertTrue(device.read(into));
        byte[] header = new byte[6];
        into.get(0, header);
        assertArrayEquals(HexFormat.of().parseHex("021111111111"), header);
        assertFalse(into.hasRemaining());
    }
}
