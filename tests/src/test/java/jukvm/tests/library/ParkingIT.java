package jukvm.tests.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jukvm.device.MacAddress;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.CoreDumps;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Code;
import jukvm.tests.support.Crowded;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HostCounters;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of many guests those that wait for long have no VM and no thread, and nobody can tell. */
@RequiresKvm
@Timeout(300)
final class ParkingIT {
    private static final int GUESTS = 20;
    private static final String NIC = "service0";
    private static final String ADDRESS = "10.0.0.2";
    private static final long FOREVER = -1;
    private static final long PAUSE = Duration.ofMillis(1500).toNanos();
    private static final GuestImage ECHO = GuestImage.read(Guests.prebuilt("echo.hvt"));

    private static HostCounters before;
    private static OpenFiles filesBefore;

    private final Crowded crowd = new Crowded(1); // No VM waits for another guest.
    private final Monitor monitor = crowd.monitor();
    private final List<VirtualSwitch> networks = new ArrayList<>();
    private final List<GuestRun> runs = new ArrayList<>();

    ParkingIT() throws Exception {}

    @BeforeAll
    static void count() throws Exception {
        before = HostCounters.now();
        filesBefore = OpenFiles.ofGuests();
    }

    @AfterEach
    void close() {
        crowd.close();
        networks.forEach(VirtualSwitch::close);
    }

    @AfterAll
    static void assertGivenBack() throws Exception {
        filesBefore.assertNothingMore();
        before.assertGivenBack();
    }

    private VirtualSwitch echo(GuestSpec guest) {
        VirtualSwitch network = VirtualSwitch.open();
        networks.add(network);
        runs.add(
                monitor.start(
                        guest.memory(Run.MEMORY)
                                .deadline(Run.LONG)
                                .arguments("limit=1000")
                                .net(NIC, network.connect())));
        return network;
    }

    private static void assertEchoes(VirtualSwitch network) {
        try (UdpPort port = network.udp("10.0.0.1")) {
            assertEquals(3, EchoClient.ask(port, ADDRESS, 3));
        }
    }

    @Test
    void shouldAnswerAsIfNothingHadHappened() throws Exception {
        for (int i = 0; i < GUESTS; i++) {
            echo(GuestSpec.of(ECHO).netRing(i % 2 == 0));
        }
        for (int round = 0; round < 3; round++) {
            networks.forEach(ParkingIT::assertEchoes);
            crowd.awaitParked(GUESTS);
        }
        for (GuestRun run : runs) {
            run.cancel();
            RunResult result = run.await();
            assertEquals(new Outcome.Cancelled(), result.outcome());
            assertTrue(result.counters().exits() > 9, result.counters()::toString);
            assertTrue(result.timeline().startToExit() > 0);
            assertTrue(result.timeline().entered() <= result.timeline().firstHypercall());
        }
    }

    @Test
    void shouldEndAtItsDeadline() throws Exception {
        GuestImage waits = TinyGuest.image("waits", new Code().poll(FOREVER).bytes());
        Duration deadline = Duration.ofSeconds(1);
        for (int i = 0; i < GUESTS; i++) {
            runs.add(monitor.start(GuestSpec.of(waits).memory(2 << 20).deadline(deadline)));
        }
        for (GuestRun run : runs) {
            RunResult result = run.await();
            assertEquals(new Outcome.DeadlineExpired(deadline), result.outcome());
            Duration took = Duration.ofNanos(result.timeline().startToExit());
            assertTrue(took.compareTo(deadline.plus(Run.LATE)) < 0, "ended too late: " + took);
        }
    }

    // What it used in one VM counts in the next, and nothing of what others use there.
    @Test
    void shouldKeepToItsLimits() throws Exception {
        Code spends = new Code();
        int again = spends.here();
        spends.burn(60_000_000).poll(PAUSE).jump(again);
        GuestRun burning =
                monitor.start(
                        GuestSpec.of(TinyGuest.image("spends", spends.bytes()))
                                .memory(2 << 20)
                                .deadline(Run.LONG)
                                .cpuTime(Duration.ofMillis(100)));
        Code grows = new Code();
        for (int i = 0; i < 4; i++) {
            grows.touch(TinyGuest.HEAP + (i << 20), 256).poll(PAUSE);
        }
        GuestSpec growing =
                GuestSpec.of(TinyGuest.image("grows", grows.done().bytes()))
                        .memory(Run.MEMORY)
                        .deadline(Run.LONG);
        GuestRun tooLarge = monitor.start(growing.residentMemory(3 << 20));
        GuestRun fits = monitor.start(growing.residentMemory(5 << 20));
        assertEquals(
                new Outcome.LimitExceeded(Limit.CPU_TIME, Duration.ofMillis(100).toNanos()),
                burning.await().outcome());
        assertEquals(new Outcome.LimitExceeded(Limit.MEMORY, 3 << 20), tooLarge.await().outcome());
        assertEquals(new Outcome.Exited(Code.DONE), fits.await().outcome());
    }

    @Test
    void shouldBeBranchedAndDumpedWhereItIsParked(@TempDir Path folder) throws Exception {
        VirtualSwitch network = echo(GuestSpec.of(ECHO));
        GuestRun run = runs.get(0);
        assertEchoes(network);
        crowd.awaitParked(1);
        try (Snapshot taken = run.snapshot()) {
            crowd.awaitParked(1);
            try (CoreDumps cores = CoreDumps.in(folder)) {
                assertEquals(4096 + Run.MEMORY, Files.size(Path.of(run.dumpCore(cores))));
            }
            crowd.awaitParked(1);
            MacAddress mac = taken.mac(NIC).orElseThrow();
            VirtualSwitch other = VirtualSwitch.open();
            networks.add(other);
            GuestRun clone =
                    monitor.start(
                            GuestSpec.of(taken).deadline(Run.LONG).net(NIC, other.connect(mac)));
            assertEchoes(other);
            crowd.awaitParked(2);
            assertEchoes(other);
            assertEchoes(network);
            clone.cancel();
            assertEquals(new Outcome.Cancelled(), clone.await().outcome());
        }
        assertFalse(run.result().isDone());
    }

    @Test
    void shouldStayWhereItIsWhileItIsPaused() throws Exception {
        VirtualSwitch network = echo(GuestSpec.of(ECHO));
        assertEchoes(network);
        crowd.awaitParked(1);
        runs.get(0).pause();
        try (UdpPort port = network.udp("10.0.0.3")) {
            byte[] asked = "paused".getBytes(UTF_8);
            assertThrows(
                    IOException.class, () -> port.ask(ADDRESS, 7, asked, Duration.ofMillis(500)));
        }
        runs.get(0).resume();
        assertEchoes(network);
    }
}
