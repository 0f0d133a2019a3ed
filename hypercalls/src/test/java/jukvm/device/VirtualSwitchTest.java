package jukvm.device;

import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static jukvm.device.Frames.BROADCAST;
import static jukvm.device.Frames.C;
import static jukvm.device.Frames.assertSilent;
import static jukvm.device.Frames.frame;
import static jukvm.device.Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualSwitchTest {
    private static final MacAddress OTHER = new MacAddress(0x0600_0000_0000L);

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort a = network.connect(A);
    private final SwitchPort b = network.connect(B);
    private final SwitchPort c = network.connect(C);

    @AfterEach
    void close() {
        network.close();
    }

    @Test
    void shouldSendToTheOneAPortIsTheAddressOf() throws IOException {
        assertTrue(a.write(frame(B, A, 1)));
        assertEquals(1, number(b));
        assertSilent(a, b, c);
    }

    @Test
    void shouldUnderstandBuffersOfBothByteOrders() throws IOException {
        assertTrue(a.write(frame(B, A, 1).order(ByteOrder.BIG_ENDIAN)));
        assertEquals(1, number(b));
        assertSilent(a, c);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "02:00:00:00:00:99"})
    void shouldSendToAllOthersWhatIsForAGroupOrUnknown(String to) throws IOException {
        assertTrue(a.write(frame(MacAddress.parse(to).orElseThrow(), A, 2)));
        assertEquals(2, number(b));
        assertEquals(2, number(c));
        assertSilent(a, b, c);
    }

    @Test
    void shouldSendNothingBackToItsSender() throws IOException {
        assertTrue(a.write(frame(A, A, 3)));
        a.write(frame(BROADCAST, OTHER, 4));
        assertEquals(4, number(b));
        assertEquals(4, number(c));
        assertTrue(a.write(frame(OTHER, A, 5)));
        assertSilent(a, b, c);
    }

    @Test
    void shouldLearnWhereAddressesAre() throws IOException {
        a.write(frame(B, OTHER, 1));
        assertEquals(1, number(b));
        c.write(frame(OTHER, C, 2));
        assertEquals(2, number(a));
        assertSilent(b);
        b.write(frame(A, OTHER, 3)); // It has moved.
        assertEquals(3, number(a));
        c.write(frame(OTHER, C, 4));
        assertEquals(4, number(b));
        assertSilent(a, b, c);
    }

    @Test
    void shouldLearnNoGroup() throws IOException {
        a.write(frame(B, BROADCAST, 1));
        assertEquals(1, number(b));
        c.write(frame(BROADCAST, C, 2));
        assertEquals(2, number(a));
        assertEquals(2, number(b));
    }

    @Test
    void shouldForgetWhatItLearnedFromAPortThatIsClosed() throws IOException {
        a.write(frame(B, OTHER, 1));
        assertEquals(1, number(b));
        a.close();
        c.write(frame(OTHER, C, 2));
        c.write(frame(A, C, 3));
        assertEquals(2, number(b));
        assertEquals(3, number(b));
    }

    @Test
    void shouldNotLetAnyoneTakeTheAddressOfAPort() throws IOException {
        c.write(frame(B, A, 1)); // C says that it is A.
        assertEquals(1, number(b));
        b.write(frame(A, B, 2));
        assertEquals(2, number(a));
        assertSilent(c);
    }

    @Test
    void shouldGiveAPortItsAddressThoughItWasLearnedElsewhere() throws IOException {
        c.write(frame(B, OTHER, 1));
        assertEquals(1, number(b));
        SwitchPort other = network.connect(OTHER);
        c.write(frame(B, OTHER, 2));
        assertEquals(2, number(b));
        b.write(frame(OTHER, B, 3));
        assertEquals(3, number(other));
        assertSilent(c);
    }

    @Test
    void shouldNotFillUpWithWhatOnePortSends() throws IOException {
        for (int i = 0; i < 100_000; i++) {
            c.write(frame(C, new MacAddress(OTHER.bits() + i), i));
        }
        // The first are known, the later ones sent to all.
        b.write(frame(OTHER, B, 1));
        assertSilent(a);
        assertEquals(1, number(c));
        b.write(frame(new MacAddress(OTHER.bits() + VirtualSwitch.LEARNED), B, 2));
        assertEquals(2, number(a));
        assertEquals(2, number(c));
        // The others are still learned from, and found.
        MacAddress behindA = new MacAddress(OTHER.bits() + 500_000);
        a.write(frame(B, behindA, 3));
        assertEquals(3, number(b));
        b.write(frame(behindA, B, 4));
        b.write(frame(A, B, 5));
        assertEquals(4, number(a));
        assertEquals(5, number(a));
        assertSilent(c);
    }

    @Test
    void shouldSendToAllWhatMovesTooOften() throws IOException {
        for (int i = 0; i < 1000; i++) {
            (i % 2 == 0 ? a : b).write(frame(A, OTHER, i));
            a.read(ByteBuffer.allocate(64));
        }
        b.write(frame(B, OTHER, 0)); // A could not be learned from any more, nor now B.
        c.write(frame(OTHER, C, 1));
        assertEquals(1, number(a));
        assertEquals(1, number(b));
    }

    @Test
    void shouldTakeAnAddressAgainOnceItsPortIsClosed() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> network.connect(A));
        a.close();
        SwitchPort again = network.connect(A);
        a.close();
        b.write(frame(A, B, 1));
        assertEquals(1, number(again));
    }

    @Test
    void shouldRefuseAGroupAsAddress() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> network.connect(BROADCAST));
        assertEquals("ff:ff:ff:ff:ff:ff names a group, not an interface", e.getMessage());
    }

    @Test
    void shouldGiveRandomAddresses() throws IOException {
        SwitchPort d = network.connect();
        a.write(frame(d.mac(), A, 1));
        assertEquals(1, number(d));
        assertSilent(b, c);
    }

    @Test
    void shouldTellEveryPortItsMtu() {
        assertEquals(1500, a.mtu());
        try (VirtualSwitch jumbo = VirtualSwitch.open(9000)) {
            assertEquals(9000, jumbo.connect().mtu());
            assertEquals(9000, jumbo.mtu());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 67, 65536, Integer.MAX_VALUE})
    void shouldRefuseAnMtuOutsideTheContract(int mtu) {
        assertThrows(IllegalArgumentException.class, () -> VirtualSwitch.open(mtu));
    }

    @Test
    void shouldCloseAllPorts() throws IOException {
        network.close();
        network.close();
        assertThrows(IOException.class, () -> a.write(frame(B, A, 1)));
        assertThrows(IOException.class, () -> b.read(ByteBuffer.allocate(64)));
        assertThrows(IllegalStateException.class, network::connect);
        assertFalse(b.offer(frame(B, A, 1)));
    }
}
