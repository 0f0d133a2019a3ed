package jukvm.tests.library;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.Console;
import jukvm.device.MemoryDisk;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.error.GuestException;
import jukvm.guest.Counters;
import jukvm.guest.Metrics;
import jukvm.guest.OutcomeKind;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A monitor's metrics are exact, at every moment. */
@RequiresKvm
final class MetricsIT {

    private final Monitor monitor = Monitor.open(0);

    @AfterEach
    void close() {
        monitor.close();
    }

    private static GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image)
                .memory(Run.MEMORY)
                .privilege(PrivilegeMode.RING_3)
                .deadline(Run.LONG);
    }

    private static GuestSpec guest(String name) {
        return guest(GuestImage.read(Guests.prebuilt(name)));
    }

    /** A guest that prints ten bytes and ends when it is told to. */
    private static GuestImage printing(Code end) {
        Code code = new Code().puts(TinyGuest.TEXT, 10).raw(end.bytes());
        return TinyGuest.image("printing", code.bytes());
    }

    @Test
    void shouldBeginWithNothing() {
        assertEquals(
                new Metrics(
                        new Metrics.Guests(0, 0, 0, 0, 0, Map.of()),
                        0,
                        new Metrics.PooledVms(0, 0),
                        new Metrics.Work(0, 0, Map.of(), 0, 0, 0, Map.of()),
                        Metrics.Workers.NONE),
                monitor.metrics());
    }

    @Test
    void shouldCountEveryEnd() throws Exception {
        Run.run(monitor, guest("hello.hvt"));
        Run.run(monitor, guest("hello.hvt"));
        Run.run(monitor, guest("write-text.hvt"));
        Run.run(monitor, guest("fault.hvt"));
        Run.run(monitor, guest("spin.hvt").deadline(Duration.ofMillis(20)));
        Run.run(monitor, guest("hello.hvt").consoleBytes(1));
        Console broken =
                bytes -> {
                    throw new IllegalStateException("no paper");
                };
        GuestSpec thrown = guest("hello.hvt").console(broken);
        assertThrows(IllegalStateException.class, () -> monitor.run(thrown));
        Run.neverBegun(monitor, guest("hello.hvt"));
        assertEquals(
                new Metrics.Guests(
                        8,
                        0,
                        0,
                        1,
                        0,
                        Map.of(
                                OutcomeKind.EXITED,
                                2L,
                                OutcomeKind.FAULTED,
                                1L,
                                OutcomeKind.ABORTED,
                                1L,
                                OutcomeKind.DEADLINE,
                                1L,
                                OutcomeKind.LIMIT,
                                1L,
                                OutcomeKind.THROWN,
                                1L,
                                OutcomeKind.CANCELLED,
                                2L)),
                monitor.metrics().guests());
        assertEquals(2, monitor.metrics().guests().ended(OutcomeKind.EXITED));
        assertEquals(0, monitor.metrics().guests().ended(OutcomeKind.HOST_ERROR));
    }

    @Test
    void shouldAddWhatGuestsDid() {
        List<Counters> each = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            each.add(Run.run(monitor, guest(printing(new Code().done()))).counters());
        }
        Metrics.Work work = monitor.metrics().work();
        assertEquals(6, work.exits());
        assertEquals(0, work.traps());
        assertEquals(Map.of(Hypercall.PUTS, 3L, Hypercall.HALT, 3L), work.hypercalls());
        assertEquals(30, work.consoleBytes());
        assertEquals(each.stream().mapToLong(Counters::cpuNanos).sum(), work.cpuNanos());
        assertEquals(0, work.waitedNanos());
    }

    @Test
    void shouldAddTrapsAndWaiting() {
        Code code =
                new Code()
                        .store(TinyGuest.CALL, Duration.ofMillis(1).toNanos())
                        .call(Code.POLL, TinyGuest.CALL)
                        .handlers()
                        .done();
        Counters one = Run.run(monitor, guest(TinyGuest.image("traps", code.bytes()))).counters();
        Metrics.Work work = monitor.metrics().work();
        assertTrue(one.traps() >= 2 && one.waitedNanos() >= 1_000_000, one.toString());
        assertEquals(one.traps(), work.traps());
        assertEquals(one.waitedNanos(), work.waitedNanos());
        assertEquals(one.exits(), work.exits());
    }

    @Test
    void shouldAddWhatDevicesDid() {
        AttachedBlock.Counters blocks = AttachedBlock.Counters.NONE;
        for (int i = 0; i < 2; i++) {
            GuestSpec guest = guest("block.hvt").block("storage", MemoryDisk.of(1 << 20, 512));
            var one = requireNonNull(Run.run(monitor, guest).counters().blocks().get("storage"));
            blocks = blocks.plus(one);
        }
        assertTrue(blocks.reads() > 0 && blocks.bytesWritten() > 0, blocks.toString());
        assertEquals(blocks, monitor.metrics().work().blocks());
    }

    @Test
    void shouldAddFrames() throws Exception {
        try (VirtualSwitch network = VirtualSwitch.open();
                SwitchPort other = network.connect()) {
            GuestSpec guest =
                    guest("net-throughput.hvt")
                            .arguments("send", "50", "100", "noring")
                            .net("service0", network.connect());
            var one = requireNonNull(Run.run(monitor, guest).counters().nets().get("service0"));
            assertEquals(one, monitor.metrics().work().nets());
            assertTrue(one.framesWritten() > 0 && one.bytesWritten() > 0, one.toString());
            assertTrue(other.read(ByteBuffer.allocate(2048)), "a frame arrived");
        }
    }

    @Test
    void shouldCountThoseThatRunAndNotThoseThatWait() throws Exception {
        RunQueue queue = monitor.queue(2);
        CountDownLatch printed = new CountDownLatch(2);
        GuestImage spinning = printing(new Code().spin());
        List<GuestRun> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            runs.add(queue.submit(guest(spinning).console(bytes -> printed.countDown())));
        }
        printed.await();
        Metrics.Guests during = monitor.metrics().guests();
        assertEquals(new Metrics.Guests(2, 0, 0, 0, 2, Map.of()), during);
        assertEquals(2, during.started());
        runs.get(2).close();
        assertEquals(
                new Metrics.Guests(2, 0, 0, 1, 2, Map.of(OutcomeKind.CANCELLED, 1L)),
                monitor.metrics().guests());
        runs.forEach(GuestRun::close);
        assertEquals(
                new Metrics.Guests(2, 0, 0, 1, 0, Map.of(OutcomeKind.CANCELLED, 3L)),
                monitor.metrics().guests());
    }

    // The guest it is taken of ends in it, and its clones go on from it, on whatever VM.
    @Test
    void shouldCountSnapshotsAndClonesAsSuch() throws Exception {
        GuestImage image = printing(new Code().done());
        try (Monitor keeping = Monitor.open();
                Snapshot snapshot =
                        keeping.snapshot(guest(image), SnapshotPoint.afterHypercalls(0))) {
            assertEquals(
                    new Metrics.Guests(1, 0, 0, 0, 0, Map.of(OutcomeKind.SNAPSHOT, 1L)),
                    keeping.metrics().guests());
            List<CompletableFuture<RunResult>> clones = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clones.add(keeping.start(GuestSpec.of(snapshot).deadline(Run.LONG)).result());
            }
            clones.forEach(CompletableFuture::join);
            assertEquals(
                    new Metrics.Guests(
                            1,
                            0,
                            4,
                            0,
                            0,
                            Map.of(OutcomeKind.SNAPSHOT, 1L, OutcomeKind.EXITED, 4L)),
                    keeping.metrics().guests());
        }
    }

    @Test
    void shouldCountASnapshotThatWasNotTakenByItsEnd() {
        GuestSpec early = guest(printing(new Code().done()));
        assertThrows(
                GuestException.class, () -> monitor.snapshot(early, SnapshotPoint.firstPoll()));
        GuestSpec late = guest(printing(new Code().spin())).consoleBytes(1);
        assertThrows(GuestException.class, () -> monitor.snapshot(late, SnapshotPoint.firstPoll()));
        assertEquals(
                new Metrics.Guests(
                        2, 0, 0, 0, 0, Map.of(OutcomeKind.EXITED, 1L, OutcomeKind.LIMIT, 1L)),
                monitor.metrics().guests());
    }

    @Test
    void shouldCountWhatIsKeptAndUsedAgain() throws Exception {
        GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
        Monitor keeping = Monitor.open();
        try (keeping) {
            Run.run(keeping, guest(hello));
            awaitKept(keeping, 1);
            assertEquals(new Metrics.PooledVms(1, Run.MEMORY), keeping.metrics().pooled());
            Run.run(keeping, guest(hello));
            awaitKept(keeping, 1);
            Run.run(keeping, guest(hello).memory(2 * Run.MEMORY));
            awaitKept(keeping, 2);
            assertEquals(new Metrics.PooledVms(2, 3 * Run.MEMORY), keeping.metrics().pooled());
            assertEquals(
                    new Metrics.Guests(2, 1, 0, 0, 0, Map.of(OutcomeKind.EXITED, 3L)),
                    keeping.metrics().guests());
        }
        assertEquals(new Metrics.PooledVms(0, 0), keeping.metrics().pooled());
        assertEquals(3, keeping.metrics().guests().started());
    }

    // A shell is cleaned after its guest's result is there.
    private static void awaitKept(Monitor monitor, int shells) throws InterruptedException {
        for (int i = 0; i < 500 && monitor.metrics().pooled().kept() < shells; i++) {
            Thread.sleep(10);
        }
    }

    @Test
    void shouldMissNothingOfGuestsThatRunAtOnce() throws Exception {
        int guests = 40;
        GuestImage image = printing(new Code().done());
        RunQueue queue = monitor.queue(4);
        List<CompletableFuture<RunResult>> futures = new ArrayList<>();
        for (int i = 0; i < guests; i++) {
            futures.add(queue.submit(guest(image)).result());
        }
        futures.forEach(CompletableFuture::join);
        Metrics metrics = monitor.metrics();
        assertEquals(guests, metrics.guests().started());
        assertEquals(0, metrics.guests().running());
        assertEquals(Map.of(OutcomeKind.EXITED, (long) guests), metrics.guests().ended());
        assertEquals(2L * guests, metrics.work().exits());
        assertEquals(10L * guests, metrics.work().consoleBytes());
    }
}
