package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.Doorbell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two switches that are wired together by a socket. */
class UplinkTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final MacAddress NEAR = new MacAddress(0x020000000001L);
    private static final MacAddress FAR = new MacAddress(0x020000000002L);

    private Path path = Path.of("");
    private StreamDevice listening;
    private StreamDevice connected;
    private final VirtualSwitch near = VirtualSwitch.open();
    private final VirtualSwitch far = VirtualSwitch.open();

    @BeforeEach
    void open() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        listening = StreamDevice.listen(path.toString(), MacAddress.random(), 1500);
        connected = StreamDevice.connect(path.toString(), MacAddress.random(), 1500);
    }

    @AfterEach
    void close() throws Exception {
        near.close();
        far.close();
        connected.close();
        listening.close();
        Files.delete(path.resolveSibling(""));
    }

    private static ByteBuffer frame(MacAddress to, MacAddress from, int mark) {
        return EthernetHeader.frame(to, from, (short) 0x88b5, 46).put(14, (byte) mark);
    }

    private static int read(SwitchPort port) throws Exception {
        assertTrue(port.await(PATIENCE));
        ByteBuffer frame = ByteBuffer.allocate(1518);
        assertTrue(port.read(frame));
        assertEquals(60, frame.position());
        return frame.get(14);
    }

    @Test
    void shouldPassFramesBothWays() throws Exception {
        SwitchPort here = near.connect(NEAR);
        SwitchPort there = far.connect(FAR);
        SwitchPort other = far.connect();
        try (Uplink out = near.uplink(connected);
                Uplink in = far.uplink(listening)) {
            for (int i = 0; i < 100; i++) {
                here.write(frame(FAR, NEAR, i));
                assertEquals(i, read(there));
                there.write(frame(NEAR, FAR, i + 1));
                assertEquals(i + 1, read(here));
            }
            assertFalse(out.isGone() || in.isGone());
            here.write(frame(EthernetHeader.BROADCAST, NEAR, 7));
            assertEquals(7, read(there));
            assertEquals(7, read(other));
        }
        here.write(frame(FAR, NEAR, 8));
        assertFalse(there.await(Duration.ZERO));
    }

    // Java code at one switch asks a guest at the other, whose address it has to find.
    @Test
    void shouldLeadToGuestsOfTheOtherSwitch() throws Exception {
        try (Uplink out = near.uplink(connected);
                Uplink in = far.uplink(listening);
                UdpPort one = near.udp("10.0.0.1");
                UdpPort two = far.udp("10.0.0.2")) {
            assertThrows(
                    SocketTimeoutException.class,
                    () -> one.ask("10.0.0.2", 7, new byte[3], Duration.ofSeconds(2)),
                    "it has no answer, but was found");
            assertEquals(1, two.dropped());
            assertFalse(out.isGone() || in.isGone());
        }
    }

    @Test
    void shouldLetGoOfADeviceThatFails() throws Exception {
        SwitchPort here = near.connect(NEAR);
        try (Uplink out = near.uplink(connected)) {
            listening.close();
            long start = System.nanoTime();
            while (!out.isGone()) {
                assertTrue(System.nanoTime() - start < PATIENCE.toNanos());
                Thread.sleep(1);
            }
            assertTrue(here.write(frame(FAR, NEAR, 1)));
        }
    }

    // What has failed stays readable: a thread that went on would do nothing else.
    @Test
    void shouldWaitNoMoreForADeviceThatTakesNothing() throws Exception {
        CompletableFuture<Thread> reader = new CompletableFuture<>();
        Doorbell readable = Doorbell.open();
        readable.ring();
        NetDevice broken =
                new NetDevice() {
                    @Override
                    public MacAddress mac() {
                        return FAR;
                    }

                    @Override
                    public int mtu() {
                        return 1500;
                    }

                    @Override
                    public Pollable readiness() {
                        return readable;
                    }

                    @Override
                    public boolean read(ByteBuffer into) {
                        reader.complete(Thread.currentThread());
                        return false;
                    }

                    @Override
                    public boolean write(ByteBuffer frame) {
                        throw new HostException("broken", "is broken", 0, "");
                    }
                };
        SwitchPort here = near.connect(NEAR);
        try (Uplink out = near.uplink(broken)) {
            Thread thread = reader.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            here.write(frame(FAR, NEAR, 1));
            assertTrue(out.isGone());
            thread.join(PATIENCE.toMillis());
            assertFalse(thread.isAlive());
        }
        readable.close();
    }

    @Test
    void shouldRefuseADeviceOfASmallerMtu() {
        VirtualSwitch large = VirtualSwitch.open(9000);
        assertThrows(IllegalArgumentException.class, () -> large.uplink(connected));
        large.close();
        near.close();
        assertThrows(IllegalStateException.class, () -> near.uplink(connected));
    }
}
