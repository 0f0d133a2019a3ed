package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.device.FileDisk;
import jukvm.device.SwitchPort;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HostCounters;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of a guest is left with the host when its run has returned. */
@RequiresKvm
final class HostLeakIT {
    private static final int WARM_UP = 50;
    private static final int RUNS = 500;
    private static final int ROUNDS_WITH_DEVICES = 40;
    private static final String IMAGE = "storage.img";

    @TempDir private static Path folder;

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        try (Monitor monitor = Monitor.open(0)) {
            runMany(monitor, WARM_UP);
            HostCounters before = settled();
            runMany(monitor, RUNS);
            before.assertGivenBack();
        }
    }

    // Nothing is kept, so no vCPU is left; threads still wait for guests.
    private static HostCounters settled() throws Exception {
        HostCounters counters = HostCounters.await(now -> now.vcpuPages() == 0);
        assertEquals(0, counters.vcpuPages());
        return counters;
    }

    private static void runMany(Monitor monitor, int count) {
        Path hello = Guests.prebuilt("hello.hvt");
        Path fault = Guests.prebuilt("write-text.hvt");
        for (int i = 0; i < count; i++) {
            Run run = Run.of(monitor, i % 5 == 0 ? fault : hello, PrivilegeMode.AUTO, "exit=7");
            assertEquals(i % 5 != 0, run.result().outcome().equals(new Outcome.Exited(7)));
        }
    }

    // It makes the VMs after it cheaper, and is of nobody; who runs one guest has none of it.
    @Test
    void shouldKeepOneVcpuFromTheSecondVmOn() throws Exception {
        OpenFiles before = OpenFiles.now("anon_inode:kvm-");
        try (Monitor monitor = Monitor.open(0)) {
            runMany(monitor, 1);
            before.assertNothingMore();
            runMany(monitor, 1);
            List<String> kept = OpenFiles.now("anon_inode:kvm-").minus(before);
            assertEquals(List.of("anon_inode:kvm-vm", "anon_inode:kvm-vcpu:0"), kept);
            runMany(monitor, 3);
            assertEquals(kept, OpenFiles.now("anon_inode:kvm-").minus(before));
        }
        before.assertNothingMore();
    }

    // Each closes what it has opened, which must be enough.
    @Test
    void shouldLeaveNothingOfDevicesBehind() throws Exception {
        Files.write(folder.resolve(IMAGE), new byte[1 << 20]);
        try (Monitor monitor = Monitor.open(0)) {
            runWithDevices(monitor);
            HostCounters before = settled();
            for (int i = 0; i < ROUNDS_WITH_DEVICES; i++) {
                runWithDevices(monitor);
            }
            before.assertGivenBack();
        }
    }

    private static void runWithDevices(Monitor monitor) throws Exception {
        runWithDisk(monitor);
        for (String ring : List.of("ring", "noring")) {
            runWithNetwork(monitor, ring);
            stopWhileSending(monitor, ring);
        }
        runWithUnusedNetwork(monitor);
    }

    private static GuestSpec guest(String guest, String... words) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(guest)))
                .memory(Run.MEMORY)
                .deadline(Run.LONG)
                .arguments(words);
    }

    private static void runWithDisk(Monitor monitor) {
        String image = folder.resolve(IMAGE).toString();
        for (String words : List.of("exits 10", "")) {
            try (FileDisk disk = FileDisk.openReadOnly(image, 512)) {
                GuestSpec guest = guest("block.hvt", words).block("storage", disk);
                // It fails where it wants to write.
                int status = words.isEmpty() ? 1 : 0;
                assertEquals(new Outcome.Exited(status), Run.run(monitor, guest).outcome());
            }
        }
    }

    private static void runWithNetwork(Monitor monitor, String ring) throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open();
                SwitchPort port = network.connect()) {
            GuestSpec guest = guest("echo.hvt", "limit=2", ring).net("service0", port);
            UdpPort peer = network.udp("10.0.0.1");
            CompletableFuture<RunResult> result = monitor.start(guest).result();
            assertEquals(2, EchoClient.ask(peer, "10.0.0.2", 2));
            assertEquals(
                    new Outcome.Exited(0),
                    result.get(Run.LONG.toSeconds(), TimeUnit.SECONDS).outcome());
        }
    }

    private static void stopWhileSending(Monitor monitor, String ring) throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open()) {
            GuestSpec guest =
                    guest("net-throughput.hvt", "send 999999999999 60", ring)
                            .net("service0", network.connect());
            SwitchPort peer = network.connect();
            GuestRun run = monitor.start(guest);
            assertTrue(peer.await(Run.LONG));
            run.cancel();
            assertEquals(
                    new Outcome.Cancelled(),
                    run.result().get(Run.LONG.toSeconds(), TimeUnit.SECONDS).outcome());
        }
    }

    // Room for a ring is made for a guest that fails before it uses it.
    private static void runWithUnusedNetwork(Monitor monitor) {
        try (VirtualSwitch network = VirtualSwitch.open()) {
            GuestSpec guest =
                    guest("net-throughput.hvt", "noring").net("service0", network.connect());
            assertEquals(new Outcome.Exited(1), Run.run(monitor, guest).outcome());
        }
    }
}
