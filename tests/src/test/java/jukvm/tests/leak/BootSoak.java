package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.FileDisk;
import jukvm.device.SwitchPort;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HostCounters;
import jukvm.tests.support.Run;

/**
 * Boots one guest after another and asserts that the process then holds no more than it did when it
 * was warm. Of ten guests one has a disk and one an interface, each opened for it and closed after
 * it; every third is given a new VM, the others one that was kept. The process is one of its own,
 * with a heap of one size that is resident from the start: only so can its resident memory tell of
 * what native code loses.
 */
final class BootSoak {
    private static final long HEAP_SLACK = 2L << 20;
    private static final long MAPPINGS_SLACK = 64; // The JVM's own, as it goes on.
    private static final long CLASSES_SLACK = 20; // Of paths that are taken now and then.
    private static final int LEGS = 10;

    private final long start = System.nanoTime();
    private final GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
    private final GuestImage block = GuestImage.read(Guests.prebuilt("block.hvt"));
    private final GuestImage echo = GuestImage.read(Guests.prebuilt("echo.hvt"));
    private final String disk;
    private final Map<RunResult.Start, Integer> starts = new EnumMap<>(RunResult.Start.class);
    private int booted;

    private BootSoak(String disk) {
        this.disk = disk;
    }

    /**
     * Runs it.
     *
     * @param args boots to warm up, boots to measure, and by how many bytes resident memory may
     *     grow
     */
    public static void main(String[] args) throws Exception {
        Path disk = Files.write(Files.createTempFile("jukvm", ".img"), new byte[1 << 16]);
        try {
            new BootSoak(disk.toString())
                    .run(
                            Integer.parseInt(args[0]),
                            Integer.parseInt(args[1]),
                            Long.parseLong(args[2]));
        } finally {
            Files.delete(disk);
        }
    }

    private void run(int warmUp, int boots, long growth) throws Exception {
        leg(warmUp);
        report(HostCounters.now()); // Counting and telling have classes to load, too.
        HostCounters warm = report(HostCounters.await(BootSoak::isRid));
        assertTrue(isRid(warm), "VMs are left");
        for (int i = 0; i < LEGS; i++) {
            HostCounters busy = leg(boots * (i + 1) / LEGS - boots * i / LEGS);
            assertAtMost("heap with VMs", warm.heapBytes() + HEAP_SLACK, busy.heapBytes());
            HostCounters now = report(warm.assertGivenBack());
            assertEquals(Map.of(), warm.moreThreads(now.threads()));
            assertAtMost("classes", warm.loadedClasses() + CLASSES_SLACK, now.loadedClasses());
            assertAtMost("mappings", warm.mappings() + MAPPINGS_SLACK, now.mappings());
            assertAtMost("heap", warm.heapBytes() + HEAP_SLACK, now.heapBytes());
            assertAtMost("resident memory", warm.residentBytes() + growth, now.residentBytes());
        }
        assertEquals(EnumSet.of(RunResult.Start.COLD, RunResult.Start.POOLED), starts.keySet());
    }

    private static boolean isRid(HostCounters counters) {
        return counters.guestThreads().isEmpty() && counters.vcpuPages() == 0;
    }

    private static void assertAtMost(String what, long most, long now) {
        assertTrue(now <= most, what + ": " + now + ", more than " + most);
    }

    private HostCounters report(HostCounters counters) {
        System.out.printf(
                Locale.ROOT,
                "%d boots, %s, %d s: resident %d KiB, heap %d KiB, %d mappings, %d classes%n",
                booted,
                starts,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
                counters.residentBytes() >> 10,
                counters.heapBytes() >> 10,
                counters.mappings(),
                counters.loadedClasses());
        return counters;
    }

    /** Boots so many, and returns what is held before the monitors are closed. */
    private HostCounters leg(int count) throws Exception {
        try (Monitor keeping = Monitor.open();
                Monitor cold = Monitor.open(0);
                VirtualSwitch network = VirtualSwitch.open()) {
            for (int i = 0; i < count; i++, booted++) {
                Monitor monitor = booted % 3 == 0 ? cold : keeping;
                switch (booted % 10) {
                    case 4 -> bootWithDisk(monitor);
                    case 9 -> bootWithInterface(monitor, network);
                    default -> bootAlone(monitor);
                }
            }
            HostCounters busy = HostCounters.await(BootSoak::hasAThreadForEachVcpu);
            assertTrue(hasAThreadForEachVcpu(busy), busy::toString);
            return busy;
        }
    }

    // Those kept have one, and nobody else has a vCPU; a thread may wait for guests without one.
    private static boolean hasAThreadForEachVcpu(HostCounters counters) {
        return counters.vcpuPages() <= counters.guestThreads().getOrDefault("jukvm-vcpu", 0L);
    }

    private RunResult run(Monitor monitor, GuestSpec guest) {
        return noted(Run.run(monitor, guest));
    }

    private RunResult noted(RunResult result) {
        starts.merge(result.start(), 1, Integer::sum);
        return result;
    }

    private GuestSpec guest(GuestImage image, ConsoleCapture console) {
        return GuestSpec.of(image).memory(Run.MEMORY).deadline(Run.LONG).console(console);
    }

    private void bootAlone(Monitor monitor) {
        ConsoleCapture console = Console.capture(1000);
        GuestSpec guest = guest(hello, console);
        int status = booted % 200;
        RunResult result = run(monitor, guest.arguments("exit=" + status));
        assertEquals(new Outcome.Exited(status), result.outcome());
        assertEquals(
                "Hello from a jukvm guest (hvt 2)\ncommand line: exit=" + status + "\n",
                console.text());
        assertEquals(0, console.dropped());
    }

    private void bootWithDisk(Monitor monitor) {
        ConsoleCapture console = Console.capture(1000);
        try (FileDisk file = FileDisk.openReadOnly(disk, BlockDevice.MIN_BLOCK_SIZE)) {
            GuestSpec guest = guest(block, console);
            RunResult result = run(monitor, guest.arguments("exits 3").block("storage", file));
            assertEquals(new Outcome.Exited(0), result.outcome());
        }
        assertEquals(
                "block (hvt 2)\nstorage: 65536 bytes in blocks of 512\nSUCCESS\n", console.text());
    }

    private void bootWithInterface(Monitor monitor, VirtualSwitch network) throws Exception {
        ConsoleCapture console = Console.capture(1000);
        try (SwitchPort guests = network.connect();
                UdpPort ours = network.udp("10.0.0.1")) {
            GuestSpec guest = guest(echo, console);
            String ring = booted % 20 == 9 ? "ring" : "noring";
            CompletableFuture<RunResult> end =
                    monitor.start(guest.arguments("limit=1", ring).net("service0", guests))
                            .result();
            assertEquals(1, EchoClient.ask(ours, "10.0.0.2", 1));
            RunResult result = noted(end.get(Run.LONG.toSeconds(), TimeUnit.SECONDS));
            assertEquals(new Outcome.Exited(0), result.outcome());
        }
        assertTrue(console.text().endsWith(" 0 dropped, 0 malformed\nSUCCESS\n"), console.text());
    }
}
