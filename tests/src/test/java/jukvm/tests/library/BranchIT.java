package jukvm.tests.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.MacAddress;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A snapshot of a guest that runs: the guest goes on, and so do its clones. */
@RequiresKvm
final class BranchIT {
    private static final int ECHO = 7;
    private static final String NIC = "service0";

    private final Monitor monitor = Monitor.open();

    @AfterEach
    void close() {
        monitor.close();
    }

    private static GuestSpec guest(String name, PrivilegeMode privilege, String... arguments) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(Run.MEMORY)
                .privilege(privilege)
                .deadline(Run.LONG)
                .arguments(arguments);
    }

    private static void assertEchoes(VirtualSwitch network, String text) throws Exception {
        try (UdpPort port = network.udp("10.0.0.1")) {
            byte[] sent = text.getBytes(UTF_8);
            assertArrayEquals(sent, port.ask("10.0.0.2", ECHO, sent, Run.LONG));
        }
    }

    // It waits in a poll, and takes its snapshots there.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldBranchAGuestThatWaits(PrivilegeMode privilege) throws Exception {
        List<Snapshot> snapshots = new ArrayList<>();
        try (VirtualSwitch network = VirtualSwitch.open();
                GuestRun run =
                        monitor.start(
                                guest("echo.hvt", privilege, "limit=1000")
                                        .net(NIC, network.connect()))) {
            assertEchoes(network, "before");
            snapshots.add(run.snapshot());
            assertEchoes(network, "between");
            snapshots.add(run.snapshot());
            assertEchoes(network, "after");
        }
        // A clone is branched, too, where it waits in the hypercall that it began with.
        snapshots.add(branched(snapshots.get(0)));
        for (Snapshot snapshot : snapshots) {
            assertGoesOn(snapshot);
            assertGoesOn(snapshot);
            snapshot.close();
        }
    }

    private Snapshot branched(Snapshot snapshot) throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open();
                GuestRun run = monitor.start(clone(snapshot, network))) {
            Snapshot taken = run.snapshot();
            assertEchoes(network, "a clone");
            return taken;
        }
    }

    private void assertGoesOn(Snapshot snapshot) throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open();
                GuestRun run = monitor.start(clone(snapshot, network))) {
            assertEchoes(network, "a clone");
            assertFalse(run.result().isDone());
        }
    }

    private static GuestSpec clone(Snapshot snapshot, VirtualSwitch network) {
        MacAddress mac = snapshot.mac(NIC).orElseThrow();
        return GuestSpec.of(snapshot).deadline(Run.LONG).net(NIC, network.connect(mac));
    }

    // From one hypercall to the next it never waits.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldBranchAGuestThatIsBusy(PrivilegeMode privilege) throws Exception {
        ConsoleCapture console = Console.capture(1000);
        List<Snapshot> snapshots = new ArrayList<>();
        Outcome outcome;
        try (GuestRun run =
                monitor.start(guest("exits.hvt", privilege, "calls=40000").console(console))) {
            for (int i = 0; i < 2; i++) {
                snapshots.add(run.snapshot());
            }
            outcome = run.await().outcome();
        }
        assertEquals(new Outcome.Exited(0), outcome);
        assertTrue(console.text().endsWith("SUCCESS\n"), console.text());
        for (Snapshot snapshot : snapshots) {
            ConsoleCapture rest = Console.capture(1000);
            GuestSpec clone = GuestSpec.of(snapshot).deadline(Run.LONG).console(rest);
            assertEquals(new Outcome.Exited(0), Run.run(monitor, clone).outcome());
            assertTrue(rest.text().endsWith("SUCCESS\n"), rest.text());
            snapshot.close();
        }
    }

    private GuestRun spinning(Duration deadline) throws InterruptedException {
        CountDownLatch spins = new CountDownLatch(1);
        GuestRun run =
                monitor.start(
                        guest("spin.hvt", PrivilegeMode.RING_3)
                                .deadline(deadline)
                                .console(bytes -> spins.countDown()));
        assertTrue(spins.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        return run;
    }

    @Test
    void shouldSaySoWhenTheGuestEndsBefore() throws Exception {
        try (GuestRun run = spinning(Duration.ofSeconds(2))) {
            GuestException thrown = assertThrows(GuestException.class, run::snapshot);
            assertEquals("guest ended before its snapshot was taken", thrown.getMessage());
            assertThrows(GuestException.class, run::snapshot);
        }
    }

    @Test
    void shouldLeaveTheGuestToGoOnWhenItsThreadIsInterrupted() throws Exception {
        try (GuestRun run = spinning(Run.LONG)) {
            FutureTask<Snapshot> asked = new FutureTask<>(run::snapshot);
            Thread thread = new Thread(asked, "asks");
            thread.start();
            thread.interrupt();
            ExecutionException thrown =
                    assertThrows(
                            ExecutionException.class,
                            () -> asked.get(Run.LONG.toSeconds(), TimeUnit.SECONDS));
            assertInstanceOf(InterruptedException.class, thrown.getCause());
            assertFalse(run.result().isDone());
        }
    }

    @Test
    void shouldRefuseAGuestWhoseStateIsElsewhere() throws Exception {
        try (Monitor workers = Monitor.open(Isolation.PROCESS);
                GuestRun run = workers.start(guest("spin.hvt", PrivilegeMode.RING_3))) {
            assertThrows(ConfigException.class, run::snapshot);
        }
    }

    @Test
    void shouldGoOnFromAFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("echo.snap");
        try (VirtualSwitch network = VirtualSwitch.open();
                GuestRun run =
                        monitor.start(
                                guest("echo.hvt", PrivilegeMode.RING_3, "limit=1000")
                                        .net(NIC, network.connect()))) {
            assertEchoes(network, "before");
            try (Snapshot taken = run.snapshot()) {
                taken.write(file);
            }
        }
        try (Snapshot opened = monitor.openSnapshot(file)) {
            assertGoesOn(opened);
        }
    }
}
