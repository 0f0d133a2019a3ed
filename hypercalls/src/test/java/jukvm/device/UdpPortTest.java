package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static jukvm.device.Frames.C;
import static jukvm.device.Frames.assertSilent;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guest is the test itself, which reads and writes frames when the scripted time says. */
class UdpPortTest {
    private static final byte[] HI = "hi!".getBytes(StandardCharsets.US_ASCII);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort guest = network.connect(B);
    private final ScriptedTime time = new ScriptedTime();
    private final UdpPort udp = new UdpPort(network, "10.0.0.1", A, time);

    @AfterEach
    void close() {
        network.close();
    }

    private byte[] ask(Duration timeout) throws IOException, InterruptedException {
        return udp.ask("10.0.0.2", 7, HI, timeout);
    }

    private void assertGets(ByteBuffer expected) throws IOException {
        assertEquals(Packets.hex(expected), Packets.hex(next()));
    }

    private ByteBuffer next() throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(2000);
        assertTrue(guest.read(frame), "no frame waits");
        return frame.flip();
    }

    /** Returns when the guest finds frames like one, in ms, looking from one time to another. */
    private List<Long> times(String like, int first, int last) {
        List<Long> times = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            time.at(
                    i,
                    () -> {
                        ByteBuffer frame = ByteBuffer.allocate(2000);
                        while (guest.read(frame.clear())) {
                            assertEquals(Packets.bytes(like).getShort(12), frame.getShort(12));
                            times.add(time.millis());
                        }
                    });
        }
        return times;
    }

    private void resolve() {
        time.at(
                0,
                () -> {
                    assertGets(Packets.bytes(Packets.ARP_REQUEST));
                    guest.write(Packets.bytes(Packets.ARP_REPLY));
                });
    }

    private void assertTimeout(String message, Duration timeout) {
        Exception e = assertThrows(IOException.class, () -> ask(timeout));
        boolean wasSent = message.startsWith("no UDP");
        assertEquals(
                wasSent ? SocketTimeoutException.class : NoRouteToHostException.class,
                e.getClass());
        assertEquals(message, e.getMessage());
        assertEquals(timeout.toMillis(), time.millis());
    }

    @Test
    void shouldAskAndReturnTheAnswer() throws Exception {
        resolve();
        time.at(
                5,
                () -> {
                    assertGets(Packets.bytes(Packets.UDP_REQUEST));
                    guest.write(Packets.bytes(Packets.UDP_REPLY));
                });
        assertArrayEquals(HI, ask(SECOND));
        assertEquals(5, time.millis());
        assertEquals(0, udp.dropped());
        assertSilent(guest);
    }

    @Test
    void shouldTellItsAddressThoughNobodyAsks() throws IOException {
        ByteBuffer question =
                new ArpPacket(ArpPacket.REQUEST, B, Packets.GUESTS, Packets.OURS).broadcast();
        guest.write(question);
        assertGets(new ArpPacket(ArpPacket.REPLY, A, Packets.OURS, Packets.GUESTS).unicast(B));
        assertEquals(0, udp.dropped());
    }

    @Test
    void shouldNotTellTheAddressOfOthers() throws IOException {
        guest.write(new ArpPacket(ArpPacket.REQUEST, B, Packets.GUESTS, 0x0a000003).broadcast());
        guest.write(new ArpPacket(ArpPacket.REPLY, B, Packets.GUESTS, Packets.OURS).broadcast());
        assertSilent(guest);
        assertEquals(0, udp.dropped());
    }

    @Test
    void shouldLookForAGuestOnceASecond() {
        List<Long> times = times(Packets.ARP_REQUEST, 1, 3500);
        assertTimeout("no ARP reply from 10.0.0.2:7 in 3500 ms", Duration.ofMillis(3500));
        assertEquals(List.of(1L, 1001L, 2001L, 3001L), times);
    }

    @Test
    void shouldFindAGuestThatComesLaterByItsAnnouncement() throws Exception {
        time.at(
                300,
                () -> {
                    next();
                    guest.write(Packets.bytes(Packets.ANNOUNCEMENT));
                });
        time.at(301, () -> guest.write(Packets.bytes(Packets.UDP_REPLY)));
        assertArrayEquals(HI, ask(SECOND));
        assertGets(Packets.bytes(Packets.UDP_REQUEST));
    }

    @ParameterizedTest
    @CsvSource({"28, 0a000003, another's address", "0, 02000000000c, for another interface"})
    void shouldNotTakeAnothersAddressForTheGuests(int at, String bytes, String what) {
        time.at(1, () -> guest.write(Packets.bytes(Packets.ARP_REPLY, at, bytes)));
        assertTimeout("no ARP reply from 10.0.0.2:7 in 1000 ms", SECOND);
        assertTrue(udp.dropped() <= 1, what);
    }

    @Test
    void shouldFindTheNextGuestOfAnAddress() throws Exception {
        shouldAskAndReturnTheAnswer();
        guest.close();
        SwitchPort other = network.connect(C);
        time.at(10, () -> other.write(new ArpPacket((short) 2, C, Packets.GUESTS, 0).unicast(A)));
        time.at(11, () -> other.write(reply(Packets.GUESTS, 7, Packets.OURS, 49153)));
        assertArrayEquals(HI, ask(SECOND));
    }

    private static ByteBuffer reply(int source, int port, int destination, int toPort) {
        return new UdpDatagram(source, port, destination, toPort, ByteBuffer.wrap(HI))
                .frame(A, B, 0);
    }

    @Test
    void shouldSendARequestOnce() {
        resolve();
        List<Long> times = times(Packets.UDP_REQUEST, 1, 10_000);
        assertTimeout("no UDP reply from 10.0.0.2:7 in 10000 ms", Duration.ofSeconds(10));
        assertEquals(List.of(1L), times);
    }

    @Test
    void shouldRepeatARequestIfItIsToldTo() {
        resolve();
        List<Long> times = times(Packets.UDP_REQUEST, 1, 1000);
        Exception e =
                assertThrows(
                        SocketTimeoutException.class,
                        () -> udp.askRepeatedly("10.0.0.2", 7, HI, SECOND, Duration.ofMillis(300)));
        assertEquals("no UDP reply from 10.0.0.2:7 in 1000 ms", e.getMessage());
        assertEquals(List.of(1L, 301L, 601L, 901L), times);
    }

    private void fillQueueOfGuest() {
        time.at(
                0,
                () -> {
                    next();
                    SwitchPort other = network.connect(C);
                    for (int i = 0; i < FrameQueue.CAPACITY; i++) {
                        other.write(Frames.frame(B, C, i));
                    }
                    guest.write(Packets.bytes(Packets.ARP_REPLY));
                });
    }

    @Test
    void shouldWaitForRoomInTheGuestsQueue() throws Exception {
        fillQueueOfGuest();
        time.at(
                25,
                () -> {
                    for (int i = 0; i < FrameQueue.CAPACITY; i++) {
                        next();
                    }
                });
        ByteBuffer fourth = Packets.bytes(Packets.UDP_REQUEST, 18, "0003"); // The first taken.
        time.at(31, () -> assertGets(fourth.putShort(24, (short) 0x26c9)));
        time.at(32, () -> guest.write(Packets.bytes(Packets.UDP_REPLY)));
        assertArrayEquals(HI, ask(SECOND));
        assertSilent(guest);
    }

    @Test
    void shouldSayThatTheGuestTookNothing() {
        fillQueueOfGuest();
        assertTimeout("no room in the queue of 10.0.0.2:7 in 1000 ms", SECOND);
    }

    @ParameterizedTest
    @CsvSource({
        "0a000003, 7, 0a000001, 49152", // Not who was asked, or not the port,
        "0a000002, 8, 0a000001, 49152",
        "0a000002, 7, 0a000003, 49152", // not for us,
        "0a000002, 7, 0a000001, 49151", // or an answer to nothing.
        "0a000002, 7, 0a000001, 49153",
        "0a000002, 7, 0a000001, 7",
    })
    void shouldCountOnlyAnAnswerOfWhomItAsked(String from, int port, String to, int toPort) {
        resolve();
        time.at(
                5,
                () ->
                        guest.write(
                                reply(
                                        Integer.parseInt(from, 16),
                                        port,
                                        Integer.parseInt(to, 16),
                                        toPort)));
        assertTimeout("no UDP reply from 10.0.0.2:7 in 1000 ms", SECOND);
        assertEquals(1, udp.dropped());
    }

    @Test
    void shouldDropAnAnswerThatComesTooLateOrTwice() throws Exception {
        resolve();
        assertTimeout("no UDP reply from 10.0.0.2:7 in 5 ms", Duration.ofMillis(5));
        guest.write(Packets.bytes(Packets.UDP_REPLY));
        assertEquals(1, udp.dropped());
        time.at(6, () -> guest.write(Packets.bytes(Packets.ARP_REPLY)));
        time.at(7, () -> guest.write(Packets.bytes(Packets.UDP_REPLY)));
        time.at(
                8,
                () -> {
                    guest.write(reply(Packets.GUESTS, 7, Packets.OURS, 49153));
                    guest.write(reply(Packets.GUESTS, 7, Packets.OURS, 49153));
                });
        assertArrayEquals(HI, ask(SECOND));
        assertEquals(8, time.millis());
        assertEquals(3, udp.dropped());
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18, 41, 42, 60, 1518})
    void shouldDropWhatItDoesNotSpeak(int size) throws IOException {
        for (String type : List.of("0800", "0806", "86dd", "8100", "05dc", "0000")) {
            ByteBuffer frame = ByteBuffer.allocate(size);
            guest.write(
                    frame.put(0, Packets.bytes(Packets.ARP_REPLY).array(), 0, 14)
                            .put(12, Packets.bytes(type).array()));
        }
        assertEquals(6, udp.dropped());
        assertSilent(guest);
    }

    @Test
    void shouldAskNothingInNoTime() throws IOException {
        assertTimeout("no ARP reply from 10.0.0.2:7 in 0 ms", Duration.ZERO);
        assertThrows(NoRouteToHostException.class, () -> ask(Duration.ofSeconds(Long.MIN_VALUE)));
        assertSilent(guest);
    }

    @Test
    void shouldRefuseWhatCannotBeAsked() throws Exception {
        byte[] large = new byte[1473];
        assertRefused("request of 1473 bytes: not 0 to 1472", "10.0.0.2", 7, large);
        assertRefused("UDP port 0: not 1 to 65535", "10.0.0.2", 0, HI);
        assertRefused("UDP port 65536: not 1 to 65535", "10.0.0.2", 65536, HI);
        assertRefused("'guest' is not an IPv4 address", "guest", 7, HI);
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> udp.askRepeatedly("10.0.0.2", 7, HI, SECOND, Duration.ZERO));
        assertEquals("interval of PT0S: not more than zero", e.getMessage());
        assertSilent(guest);
    }

    private void assertRefused(String message, String address, int port, byte[] request) {
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> udp.ask(address, port, request, SECOND));
        assertEquals(message, e.getMessage());
    }

    @Test
    void shouldSendTheLargestRequestThatFits() {
        resolve();
        time.at(1, () -> assertEquals(1514, next().limit()));
        assertThrows(
                SocketTimeoutException.class, () -> udp.ask("10.0.0.2", 7, new byte[1472], SECOND));
    }

    private void assertClosed() {
        Exception e = assertThrows(IOException.class, () -> ask(SECOND));
        assertEquals("UDP port 10.0.0.1 is closed", e.getMessage());
        assertEquals(IOException.class, e.getClass());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndWhenClosed(boolean byItsSwitch) {
        time.at(
                5,
                () -> {
                    if (byItsSwitch) {
                        network.close();
                    } else {
                        udp.close();
                    }
                });
        assertClosed(); // While it looks for the guest,
        assertEquals(5, time.millis());
        assertClosed(); // or afterwards.
        udp.close();
    }

    @Test
    void shouldEndWhenClosedWhileItWaitsForTheAnswer() {
        resolve();
        time.at(5, udp::close);
        assertClosed();
        assertEquals(5, time.millis());
    }

    @Test
    void shouldHaveAnAddressOfItsOwn() {
        UdpPort other = network.udp("10.0.0.3");
        other.close();
        assertThrows(IllegalArgumentException.class, () -> network.udp("10.0.0.300"));
        network.close();
        assertThrows(IllegalStateException.class, () -> network.udp("10.0.0.3"));
    }
}
