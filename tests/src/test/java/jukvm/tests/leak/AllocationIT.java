package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.FileDisk;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.host.Sync;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.PluggedNet;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An exit allocates nothing. A device reads, on the thread that calls it, how much that thread has
 * allocated so far: between two of its calls lie as many exits, with all that the monitor does for
 * one.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AllocationIT {
    private static final int FROM = 5_000;
    private static final int TO = 25_000;
    private static final int CALLS = 30_000;

    // For what happens once, such as the first use of a class by code that was just compiled: an
    // object of the smallest size at each exit would be eighty times as much.
    private static final long NOISE = 4096;

    private final Monitor monitor = Monitor.open();

    @TempDir private static Path folder;

    @AfterAll
    void close() {
        monitor.close();
    }

    /** Reads at two calls of a thread how much it has allocated; calls come one at a time. */
    private static final class Meter {
        private static final ThreadMXBean THREADS =
                (ThreadMXBean) ManagementFactory.getThreadMXBean();

        private final Map<Thread, Meter> threads = new ConcurrentHashMap<>();
        private final ThreadLocal<Meter> own = ThreadLocal.withInitial(this::forThread);
        private int calls;
        private long from;
        private long to;

        private Meter forThread() {
            Meter meter = new Meter();
            threads.put(Thread.currentThread(), meter);
            return meter;
        }

        void count() {
            calls++;
            own.get().countOwn();
        }

        private void countOwn() {
            calls++;
            if (calls == FROM) {
                from = THREADS.getCurrentThreadAllocatedBytes();
            } else if (calls > FROM && calls % FROM == 0) {
                to = THREADS.getCurrentThreadAllocatedBytes();
            }
        }

        void require(String what) {
            assertTrue(calls >= TO, what + ": only " + calls + " calls");
            assertTrue(threads.values().stream().anyMatch(one -> one.to > 0), what);
            threads.forEach(
                    (thread, one) ->
                            assertTrue(
                                    one.to - one.from <= NOISE || one.to == 0,
                                    () -> what + ": " + thread + ": " + one.bytes()));
        }

        private String bytes() {
            return to - from + " bytes allocated";
        }
    }

    private GuestSpec builder(String guest, PrivilegeMode privilege, String... words) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(guest)))
                .memory(Run.MEMORY)
                .privilege(privilege)
                .deadline(Run.LONG)
                .arguments(words);
    }

    private static void assertSuccess(RunResult result) {
        assertEquals(new Outcome.Exited(0), result.outcome());
    }

    private FileDisk disk() throws IOException {
        Path image = folder.resolve("storage.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        return FileDisk.open(image.toString(), 512, Sync.NONE);
    }

    /** Counts the reads of a disk. */
    private record MeteredDisk(BlockDevice disk, Meter meter) implements BlockDevice {
        @Override
        public long capacity() {
            return disk.capacity();
        }

        @Override
        public int blockSize() {
            return disk.blockSize();
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            meter.count();
            disk.read(offset, into);
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            disk.write(offset, from);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldNotAllocateForARead(PrivilegeMode privilege) throws IOException {
        Meter meter = new Meter();
        try (FileDisk disk = disk()) {
            GuestSpec guest =
                    builder("block.hvt", privilege, "exits", "" + CALLS)
                            .block("storage", new MeteredDisk(disk, meter));
            assertSuccess(Run.run(monitor, guest));
        }
        meter.require("read");
    }

    // The guest writes a block and prints a line, again and again.
    @ParameterizedTest
    @CsvSource({"block.hvt", "block.v03.ukvm", "block.ukvm"})
    void shouldNotAllocateForAWriteAndALine(String name) throws Exception {
        Meter meter = new Meter();
        try (FileDisk disk = disk()) {
            CompletableFuture<GuestRun> running = new CompletableFuture<>();
            Console console =
                    bytes -> {
                        meter.count();
                        if (meter.calls == CALLS) {
                            running.join().cancel();
                        }
                    };
            GuestSpec guest =
                    builder(name, PrivilegeMode.RING_3, "stamp")
                            .block("storage", disk)
                            .console(console);
            GuestRun run = monitor.start(guest);
            running.complete(run);
            assertEquals(new Outcome.Cancelled(), run.await().outcome());
        }
        meter.require("write and line");
    }

    /** Counts the frames of an interface, and has one to read whenever it is asked. */
    private record MeteredNet(SwitchPort port, Meter meter) implements PluggedNet {
        private static final short TYPE = (short) 0x88b5;
        private static final int SIZE = 64;

        @Override
        public boolean read(ByteBuffer into) {
            meter.count();
            int start = into.position();
            for (int i = 0; i < SIZE; i++) {
                into.put((byte) 0);
            }
            into.put(start + 12, (byte) (TYPE >> 8)).put(start + 13, (byte) TYPE);
            return true;
        }

        @Override
        public boolean write(ByteBuffer frame) throws IOException {
            meter.count();
            return port.write(frame);
        }
    }

    // With the network ring two threads serve the guest.
    @ParameterizedTest
    @CsvSource({
        "send, 100, noring",
        "send, 100, ring",
        "receive, limit=1920000, noring",
        "receive, limit=1920000, ring"
    })
    void shouldNotAllocateForAFrame(String verb, String much, String ring) {
        Meter meter = new Meter();
        String words = verb.equals("send") ? CALLS * 100 + " " + much : much;
        try (VirtualSwitch network = VirtualSwitch.open()) {
            network.connect(); // Somebody to send to, who does not read.
            GuestSpec guest =
                    builder("net-throughput.hvt", PrivilegeMode.RING_3, verb, words, ring)
                            .net("service0", new MeteredNet(network.connect(), meter));
            assertSuccess(Run.run(monitor, guest));
        }
        meter.require(verb + " " + ring);
    }
}
