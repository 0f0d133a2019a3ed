package jukvm.tests.isolation;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.FileDisk;
import jukvm.device.MemoryDisk;
import jukvm.device.SwitchPort;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.error.ConfigException;
import jukvm.guest.Metrics;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.guest.TracedCall;
import jukvm.host.Sync;
import jukvm.image.GuestImage;
import jukvm.monitor.CoreDumps;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.Profiler;
import jukvm.monitor.Recorder;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest in a worker is as one in this process, with whatever devices it has. */
@RequiresKvm
final class ProcessIT {
    private static final long SECONDS = Run.LONG.toSeconds();
    private static final int DISK = 256 * 512;

    private static Monitor monitor;
    private static Monitor threads;

    @BeforeAll
    static void open() {
        monitor = Monitor.open(Isolation.PROCESS);
        threads = Monitor.open();
    }

    @AfterAll
    static void close() {
        monitor.close();
        threads.close();
        assertEquals(Set.of(), Workers.here());
    }

    private static GuestSpec guest(String name, String... words) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(Run.MEMORY)
                .deadline(Run.LONG)
                .arguments(words);
    }

    private static GuestSpec ours(String name, String... words) {
        return guest(name, words).tenant("ours");
    }

    private static RunResult end(GuestRun run) throws Exception {
        return run.result().get(SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello.hvt",
                "hello.v1.hvt",
                "hello.ukvm",
                "hello.v03.ukvm",
                "fault.hvt",
                "write-text.hvt",
                "exec-data.hvt",
                "fpu.hvt",
                "traces.hvt"
            })
    void shouldEndAsInThisProcess(String name) {
        ConsoleCapture there = Console.capture(10_000);
        ConsoleCapture here = Console.capture(10_000);
        RunResult far = Run.run(monitor, ours(name, "a", "b").console(there));
        RunResult near = Run.run(threads, guest(name, "a", "b").console(here));
        assertEquals(here.text(), there.text());
        assertEquals(near.outcome(), far.outcome());
        assertEquals(near.dialect(), far.dialect());
        assertEquals(near.privilege(), far.privilege());
        assertEquals(near.counters().hypercalls(), far.counters().hypercalls());
        assertEquals(near.counters().consoleBytes(), far.counters().consoleBytes());
        assertEquals(near.timeline().phases().size(), far.timeline().phases().size());
    }

    @Test
    void shouldRunAtRing0() {
        RunResult result = Run.run(monitor, ours("exits.hvt").privilege(PrivilegeMode.RING_0));
        assertEquals(PrivilegeLevel.RING_0, result.privilege());
    }

    @Test
    void shouldUseADiskByItsDescriptor(@TempDir Path folder) throws IOException {
        Path image = folder.resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DISK);
        }
        try (FileDisk disk = FileDisk.open(image.toString(), 512, Sync.EXIT)) {
            RunResult result = Run.run(monitor, ours("block.hvt").block("storage", disk));
            assertEquals(new Outcome.Exited(0), result.outcome());
            assertTrue(requireNonNull(result.counters().blocks().get("storage")).writes() > 0);
        }
    }

    @Test
    void shouldUseADiskOfTheEmbedders() {
        BlockDevice here = MemoryDisk.of(DISK, 512);
        BlockDevice there = MemoryDisk.of(DISK, 512);
        RunResult near = Run.run(threads, guest("block.hvt").block("storage", here));
        RunResult far = Run.run(monitor, ours("block.hvt").block("storage", there));
        assertEquals(new Outcome.Exited(0), far.outcome());
        assertEquals(near.counters().blocks(), far.counters().blocks());
    }

    /** A disk that does as it is told, and counts. */
    private abstract static class OddDisk implements BlockDevice {
        final AtomicInteger flushes = new AtomicInteger();

        @Override
        public long capacity() {
            return DISK;
        }

        @Override
        public int blockSize() {
            return MIN_BLOCK_SIZE;
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {}

        @Override
        public void flush() {
            flushes.incrementAndGet();
        }
    }

    @Test
    void shouldTellTheGuestOfAnErrorAndTheOperator() {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        OddDisk bad =
                new OddDisk() {
                    @Override
                    public void read(long offset, ByteBuffer into) throws IOException {
                        throw new IOException("worn out");
                    }
                };
        RunResult result =
                Run.run(monitor, ours("block.hvt").block("storage", bad).notices(told::add));
        assertTrue(result.outcome().exitStatus().orElse(0) != 0, result.outcome().message());
        assertTrue(requireNonNull(result.counters().blocks().get("storage")).errors() > 0);
        assertTrue(told.stream().anyMatch(line -> line.contains("worn out")), told::toString);
        assertEquals(1, bad.flushes.get());
    }

    @Test
    void shouldGiveWhatADeviceThrows() throws Exception {
        RuntimeException thrown = new IllegalArgumentException("no");
        OddDisk bad =
                new OddDisk() {
                    @Override
                    public void read(long offset, ByteBuffer into) {
                        throw thrown;
                    }
                };
        GuestRun run = monitor.start(ours("block.hvt").block("storage", bad));
        assertSame(thrown, assertThrows(ExecutionException.class, () -> end(run)).getCause());
        assertSame(thrown, assertThrows(IllegalArgumentException.class, run::await));
        assertEquals(1, bad.flushes.get());
    }

    @Test
    void shouldGiveWhatAConsoleThrows() {
        RuntimeException thrown = new IllegalStateException("no");
        Console console =
                bytes -> {
                    throw thrown;
                };
        GuestRun run = monitor.start(ours("hello.hvt").console(console));
        assertSame(thrown, assertThrows(IllegalStateException.class, run::await));
    }

    @Test
    void shouldPassFramesOfASwitch() throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open();
                SwitchPort port = network.connect()) {
            GuestSpec guest = ours("echo.hvt", "limit=50").net("service0", port);
            UdpPort peer = network.udp("10.0.0.1");
            GuestRun run = monitor.start(guest);
            assertEquals(50, EchoClient.ask(peer, "10.0.0.2", 50));
            RunResult result = end(run);
            assertEquals(new Outcome.Exited(0), result.outcome());
            assertTrue(
                    requireNonNull(result.counters().nets().get("service0")).framesWritten() >= 50);
        }
    }

    @Test
    void shouldHaveGuestsOfBothKindsTalk() throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open()) {
            GuestRun there =
                    monitor.start(ours("echo.hvt", "limit=9").net("service0", network.connect()));
            UdpPort peer = network.udp("10.0.0.1");
            assertEquals(9, EchoClient.ask(peer, "10.0.0.2", 9));
            assertEquals(new Outcome.Exited(0), end(there).outcome());
        }
    }

    @Test
    void shouldTellOfHypercallsAndTime() {
        List<TracedCall> calls = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger asked = new AtomicInteger();
        RunResult result =
                Run.run(
                        monitor,
                        ours("time.hvt")
                                .trace(calls::add)
                                .clock(() -> 1_000_000_000L * asked.incrementAndGet()));
        long sum = result.counters().hypercalls().values().stream().mapToLong(n -> n).sum();
        assertEquals(sum, calls.size());
        assertTrue(asked.get() > 0);
    }

    @Test
    void shouldExpireADeadline() {
        RunResult result = Run.run(monitor, ours("spin.hvt").deadline(Duration.ofMillis(300)));
        assertEquals(new Outcome.DeadlineExpired(Duration.ofMillis(300)), result.outcome());
        assertTrue(result.timeline().halted() > 0);
    }

    @Test
    void shouldKeepToLimits() {
        assertEquals(
                OutcomeKind.LIMIT,
                Run.run(monitor, ours("spin.hvt").cpuTime(Duration.ofMillis(50))).outcome().kind());
        ConsoleCapture console = Console.capture(100);
        RunResult result = Run.run(monitor, ours("hello.hvt").console(console).consoleBytes(5));
        assertEquals(OutcomeKind.LIMIT, result.outcome().kind());
        assertEquals("Hello", console.text());
    }

    @Test
    void shouldStopWhenItIsCancelled() throws Exception {
        CountDownLatch spins = new CountDownLatch(1);
        GuestRun run = monitor.start(ours("spin.hvt").console(bytes -> spins.countDown()));
        assertTrue(spins.await(SECONDS, TimeUnit.SECONDS));
        run.pause();
        run.resume();
        run.cancel();
        assertEquals(new Outcome.Cancelled(), end(run).outcome());
        try (GuestRun never = monitor.start(ours("spin.hvt"))) {
            assertTrue(never.result().cancel(true));
        }
    }

    @Test
    void shouldStopWhenWhoWaitsIsInterrupted() throws Exception {
        GuestRun run = monitor.start(ours("spin.hvt"));
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread waiting =
                new Thread(
                        () -> {
                            try {
                                run.await();
                                interrupted.complete(false);
                            } catch (InterruptedException e) {
                                interrupted.complete(true);
                            }
                        });
        waiting.start();
        waiting.interrupt();
        assertTrue(interrupted.get(SECONDS, TimeUnit.SECONDS));
        assertTrue(run.result().isDone());
    }

    @Test
    void shouldGoOnWhileAnothersConsoleBlocks() throws Exception {
        CountDownLatch blocks = new CountDownLatch(1);
        CountDownLatch ends = new CountDownLatch(1);
        Console slow =
                bytes -> {
                    blocks.countDown();
                    try {
                        ends.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                };
        GuestRun held = monitor.start(ours("hello.hvt").console(slow));
        assertTrue(blocks.await(SECONDS, TimeUnit.SECONDS));
        for (int i = 0; i < 3; i++) {
            assertEquals(new Outcome.Exited(0), Run.run(monitor, ours("hello.hvt")).outcome());
        }
        ends.countDown();
        assertEquals(new Outcome.Exited(0), end(held).outcome());
    }

    @Test
    void shouldRefuseWhatNeedsTheGuestHere(@TempDir Path folder) {
        assertThrows(
                ConfigException.class,
                () -> monitor.start(ours("hello.hvt").profile(Profiler.every(10))));
        assertThrows(
                ConfigException.class,
                () -> monitor.snapshot(ours("hello.hvt"), SnapshotPoint.firstPoll()));
        try (CoreDumps cores = CoreDumps.in(folder)) {
            assertThrows(
                    ConfigException.class, () -> monitor.check(ours("hello.hvt").coreDumps(cores)));
        }
        try (Recorder recorder = Recorder.to(folder.resolve("r"))) {
            String refusal =
                    assertThrows(
                                    ConfigException.class,
                                    () -> monitor.start(ours("hello.hvt").record(recorder)))
                            .getMessage();
            assertTrue(refusal.startsWith("a recording needs the guest in this process: "));
        }
        assertThrows(ConfigException.class, () -> threads.start(ours("hello.hvt")));
        assertThrows(ConfigException.class, () -> monitor.start(ours("block.hvt")));
    }

    @Test
    void shouldCountGuests() {
        try (Monitor counting = Monitor.open(Isolation.PROCESS)) {
            for (int i = 0; i < 3; i++) {
                Run.run(counting, ours("hello.hvt"));
            }
            Metrics metrics = counting.metrics();
            assertEquals(Map.of(OutcomeKind.EXITED, 3L), metrics.guests().ended());
            assertEquals(3, metrics.guests().started());
            assertEquals(0, metrics.guests().running());
            assertTrue(metrics.work().exits() >= 6);
        }
    }

    @Test
    void shouldStopAllWhenItIsClosed() throws Exception {
        Monitor closed = Monitor.open(Isolation.PROCESS);
        GuestRun first = closed.start(ours("spin.hvt"));
        GuestRun second = closed.start(guest("spin.hvt"));
        closed.close();
        assertInstanceOf(Outcome.Cancelled.class, first.result().getNow(null).outcome());
        assertInstanceOf(Outcome.Cancelled.class, second.result().getNow(null).outcome());
        assertThrows(IllegalStateException.class, () -> closed.start(ours("hello.hvt")));
    }
}
