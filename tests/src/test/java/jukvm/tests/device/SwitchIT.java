package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.SwitchPort;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.host.Pollable;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests and Java code of one JVM talk over a switch, without an interface of the host. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwitchIT {
    private static final Duration A_WHILE = Duration.ofMillis(50);
    private static final int PINGS = 200;
    private static final MacAddress EVERYBODY = new MacAddress(0xffff_ffff_ffffL);
    private static final String SUCCESS = "SUCCESS\n";

    private final Monitor monitor = Monitor.open();
    private final List<Guest> guests = new ArrayList<>();
    private VirtualSwitch network = VirtualSwitch.open();

    @AfterEach
    void stop() {
        List<Guest> last = List.copyOf(guests);
        guests.clear();
        last.forEach(Guest::stop);
        network.close();
        network = VirtualSwitch.open();
    }

    @AfterAll
    void close() {
        monitor.close();
    }

    /** A guest that was started. */
    private record Guest(GuestRun run, ByteArrayOutputStream console) {
        String output() {
            return console.toString(StandardCharsets.UTF_8);
        }

        RunResult await() throws Exception {
            return run.result().get(Run.LONG.toSeconds() + 5, TimeUnit.SECONDS);
        }

        RunResult stop() {
            run.close();
            return run.result().join();
        }
    }

    /** Starts a guest and waits until it has printed its address. */
    private Guest start(String image, PrivilegeMode privilege, String... arguments)
            throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        CountDownLatch printed = new CountDownLatch(1);
        Console watched =
                bytes -> {
                    byte[] text = new byte[bytes.remaining()];
                    bytes.get(text);
                    console.writeBytes(text);
                    if (console.toString(StandardCharsets.UTF_8).contains("MTU is ")) {
                        printed.countDown();
                    }
                };
        GuestSpec spec =
                GuestSpec.of(GuestImage.read(Guests.prebuilt(image)))
                        .memory(16L << 20)
                        .privilege(privilege)
                        .net("service0", network.connect())
                        .deadline(Run.LONG)
                        .arguments(arguments)
                        .console(watched);
        Guest guest = new Guest(monitor.start(spec), console);
        guests.add(guest);
        assertTrue(printed.await(Run.LONG.toSeconds(), TimeUnit.SECONDS), guest.output());
        return guest;
    }

    private static void assertAnswered(Guest pinger) throws Exception {
        assertEquals(new Outcome.Exited(0), pinger.await().outcome(), pinger::output);
        assertTrue(pinger.output().endsWith(SUCCESS), pinger.output());
        String all = PINGS + " sent, " + PINGS + " received";
        assertTrue(pinger.output().contains(all), pinger.output());
    }

    private Guest pinger(String image, PrivilegeMode privilege, int from, int to, String... more)
            throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of("address=10.0.0." + from, "ping=10.0.0." + to, "count=" + PINGS));
        words.addAll(List.of(more));
        return start(image, privilege, words.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_3", "RING_0"})
    void shouldLetTwoGuestsPingWithoutTheHost(PrivilegeMode privilege) throws Exception {
        OpenFiles interfaces = OpenFiles.now("/dev/net/");
        Guest echo = start("echo.hvt", privilege);
        Guest pinger = pinger("echo.hvt", privilege, 3, 2);
        interfaces.assertNothingMore();
        assertAnswered(pinger);
        assertEquals(new Outcome.Cancelled(), echo.stop().outcome());
    }

    @ParameterizedTest
    @CsvSource({"ring,ring", "ring,noring", "noring,ring", "noring,noring"})
    void shouldServeGuestsWithAndWithoutTheNetworkRing(String one, String other) throws Exception {
        start("echo.hvt", PrivilegeMode.RING_3, one);
        assertAnswered(pinger("echo.hvt", PrivilegeMode.RING_3, 3, 2, other, "size=1400"));
    }

    // Each pings the next while it answers the one before; the last is asked by Java.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_3", "RING_0"})
    void shouldOfferTheNetworkRingWhereGuestsRunNatively(PrivilegeMode privilege) throws Exception {
        Guest guest = start("echo.hvt", privilege, "address=10.0.0.77");
        boolean natively = privilege == PrivilegeMode.RING_3 || monitor.ring0Support().isNative();
        long patience = System.nanoTime() + Run.LONG.toNanos();
        while (natively
                && !guest.output().contains("uses the ring")
                && System.nanoTime() < patience) {
            Thread.onSpinWait();
        }
        guest.stop();
        assertEquals(natively, guest.output().contains("uses the ring"), guest.output());
    }

    @Test
    void shouldServeManyGuestsOfAllGenerationsAtOnce() throws Exception {
        start("echo.hvt", PrivilegeMode.RING_3, "address=10.0.0.10");
        start("echo.ukvm", PrivilegeMode.RING_3, "address=10.0.0.11");
        start("echo.v03.ukvm", PrivilegeMode.RING_0, "address=10.0.0.12");
        start("echo.v1.hvt", PrivilegeMode.RING_0, "address=10.0.0.13");
        Guest a = pinger("echo.v03.ukvm", PrivilegeMode.RING_3, 20, 10);
        Guest b = pinger("echo.v1.hvt", PrivilegeMode.RING_3, 21, 11);
        Guest c = pinger("echo.hvt", PrivilegeMode.RING_0, 22, 12, "noring");
        Guest d = pinger("echo.ukvm", PrivilegeMode.RING_0, 23, 13);
        try (UdpPort udp = network.udp("10.0.0.30")) {
            for (int i = 0; i < PINGS; i++) {
                EchoClient.ask(udp, "10.0.0.1" + i % 4, i, i);
            }
        }
        for (Guest pinger : List.of(a, b, c, d)) {
            assertAnswered(pinger);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo.hvt", "echo.v1.hvt", "echo.v03.ukvm", "echo.ukvm"})
    void shouldAnswerAJavaProgram(String image) throws Exception {
        start(image, PrivilegeMode.AUTO);
        try (UdpPort udp = network.udp("10.0.0.1")) {
            for (int size : new int[] {0, 1, 2, 56, 1471, 1472}) {
                EchoClient.ask(udp, "10.0.0.2", size, size);
            }
            assertEquals(0, udp.dropped());
        }
    }

    // The requests wait for the guest, which is started last.
    @Test
    void shouldAnswerThoseWhoAskedBeforeItWasStarted() throws Exception {
        try (UdpPort udp = network.udp("10.0.0.1")) {
            List<CompletableFuture<Void>> askers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                int number = i;
                askers.add(
                        CompletableFuture.runAsync(
                                () -> EchoClient.ask(udp, "10.0.0.2", number, number),
                                Run.THREADS));
            }
            start("echo.hvt", PrivilegeMode.AUTO);
            for (CompletableFuture<Void> asker : askers) {
                asker.get(2 * Run.LONG.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void shouldSayThatNobodyHasAnAddress() throws Exception {
        start("echo.hvt", PrivilegeMode.AUTO);
        try (UdpPort udp = network.udp("10.0.0.1")) {
            EchoClient.ask(udp, "10.0.0.2", 1);
            Exception e =
                    assertThrows(
                            NoRouteToHostException.class,
                            () -> udp.ask("10.0.0.3", 7, new byte[1], A_WHILE));
            assertEquals("no ARP reply from 10.0.0.3:7 in 50 ms", e.getMessage());
        }
    }

    // Polls for ever, reads, polls for 1 ms, and halts with what the read returned.
    private static GuestImage waiting() {
        Code code =
                new Code()
                        .puts(TinyGuest.TEXT, 1)
                        .store(TinyGuest.CALL, -1)
                        .call(Code.POLL, TinyGuest.CALL)
                        .store(TinyGuest.CALL, 1)
                        .store(TinyGuest.CALL + 8, TinyGuest.SCRATCH)
                        .store(TinyGuest.CALL + 16, 1514)
                        .call(0x507, TinyGuest.CALL)
                        .store(TinyGuest.SCRATCH, 1_000_000)
                        .call(Code.POLL, TinyGuest.SCRATCH)
                        .load(TinyGuest.CALL + 24)
                        .op("add $100, %eax", "83 c0 64")
                        .haltWithRax();
        return TinyGuest.withNic("waiting", code.bytes());
    }

    private static ByteBuffer frame(MacAddress to, SwitchPort from) {
        ByteBuffer frame = ByteBuffer.allocate(NetDevice.HEADER_SIZE);
        return frame.putLong(0, to.bits() << 16).putLong(6, from.mac().bits() << 16);
    }

    /** Starts the guest that waits, and lets it come to that. */
    private Guest startWaiting(NetDevice device, Duration deadline, List<String> notices)
            throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        GuestSpec spec =
                GuestSpec.of(waiting())
                        .memory(2L << 20)
                        .net(TinyGuest.NIC, device)
                        .deadline(deadline)
                        .notices(notices::add)
                        .console(bytes -> printed.countDown());
        Guest guest = new Guest(monitor.start(spec), new ByteArrayOutputStream());
        guests.add(guest);
        assertTrue(printed.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        Thread.sleep(A_WHILE.toMillis());
        return guest;
    }

    private static Outcome within(Duration time, Guest guest) throws Exception {
        return guest.run.result().get(time.toMillis(), TimeUnit.MILLISECONDS).outcome();
    }

    @Test
    void shouldWakeAGuestByAFrame() throws Exception {
        Guest guest = startWaiting(network.connect(), Run.LONG, new ArrayList<>());
        try (SwitchPort port = network.connect()) {
            port.write(frame(EVERYBODY, port));
        }
        assertEquals(new Outcome.Exited(100), within(Run.LATE, guest));
    }

    @Test
    void shouldNotWakeAGuestByAnothersFrame() throws Exception {
        Guest guest = startWaiting(network.connect(), Run.LONG, new ArrayList<>());
        try (SwitchPort port = network.connect();
                SwitchPort other = network.connect()) {
            port.write(frame(other.mac(), port));
            Thread.sleep(A_WHILE.toMillis());
            assertFalse(guest.run.result().isDone());
        }
        guest.run.cancel();
        assertEquals(new Outcome.Cancelled(), within(Run.LATE, guest));
    }

    @Test
    void shouldEndAGuestThatWaitsAtItsDeadline() throws Exception {
        Duration deadline = Duration.ofMillis(400);
        Guest guest = startWaiting(network.connect(), deadline, new ArrayList<>());
        assertEquals(new Outcome.DeadlineExpired(deadline), within(Run.LATE.plus(deadline), guest));
    }

    /** An embedder's device that has frames, and fails when they are read. */
    private record Unplugged(SwitchPort port) implements NetDevice {
        @Override
        public MacAddress mac() {
            return port.mac();
        }

        @Override
        public int mtu() {
            return port.mtu();
        }

        @Override
        public Pollable readiness() {
            return port.readiness();
        }

        @Override
        public boolean read(ByteBuffer into) throws IOException {
            throw new IOException("unplugged");
        }

        @Override
        public boolean write(ByteBuffer frame) throws IOException {
            throw new IOException("unplugged");
        }
    }

    // 103: EUNSPEC, what a guest is told of a device that is gone. The poll after that ends by its
    // own time, though a frame still waits.
    @Test
    void shouldGoOnWithoutADeviceThatFails() throws Exception {
        List<String> notices = new ArrayList<>();
        Guest guest = startWaiting(new Unplugged(network.connect()), Run.LONG, notices);
        try (SwitchPort port = network.connect()) {
            port.write(frame(EVERYBODY, port));
        }
        assertEquals(new Outcome.Exited(103), within(Run.LATE, guest));
        assertEquals(List.of("device 'service': unplugged; the guest goes on without it"), notices);
    }
}
