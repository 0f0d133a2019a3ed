package jukvm.run;

import static jukvm.image.ElfBuilder.abi;
import static jukvm.image.ElfBuilder.entry;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.manifest;
import static jukvm.image.ElfBuilder.reserved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jukvm.abi.DeviceType;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.BackgroundTasks;
import jukvm.control.GuestStop;
import jukvm.control.ManualTime;
import jukvm.control.VcpuScheduler;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.error.HostException;
import jukvm.guest.Metrics;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.memory.GuestMemory;
import jukvm.process.ThreadClock;
import jukvm.telemetry.MetricsCollector;
import jukvm.vm.FakeVm;
import jukvm.vm.GuestHost;
import jukvm.vm.GuestStart;
import jukvm.vm.GuestVm;
import jukvm.vm.Templates;
import jukvm.vm.VmKind;
import jukvm.vm.VmPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One run from its request to its result, whatever its guest, devices and stoppers do. */
final class RunSessionTest {
    private static final long SECONDS = 60;
    private static final int PUTS = 0x502;
    private static final int POLL = 0x503;
    private static final int HALT = 0x508;
    private static final long REQUEST = 0x180000;
    private static final int VMS = 5; // One more than may begin at a time, with two processors.
    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final GuestImage IMAGE =
            hvt(abi(1, 2), manifest(reserved(), entry("disk", 1, 0))).parse();

    private static final GuestHost HOST =
            new GuestHost() {
                @Override
                public PrivilegeLevel resolve(PrivilegeMode choice) {
                    return PrivilegeLevel.RING_3;
                }

                @Override
                public boolean runsNatively(PrivilegeLevel privilege) {
                    return true;
                }
            };

    private final ManualTime time = new ManualTime();
    private final BackgroundTasks background = new BackgroundTasks();
    private final List<FakeVm> vms = Collections.synchronizedList(new ArrayList<>());
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private Consumer<FakeVm> script = vm -> halt(vm, 0);
    private @Nullable HostException refusal;
    private final Recorder recorder = new Recorder();
    private final VmPool pool = new VmPool(this::make, 64 << 20, () -> {});
    private final RunServices services =
            new RunServices(
                    HOST,
                    pool,
                    new Templates(0),
                    new VcpuScheduler(time, 2),
                    time,
                    background,
                    RunSession.entrance(time, 2),
                    new ParkingLot(),
                    new MetricsCollector());

    private GuestVm make(VmKind kind, GuestMemory memory, ThreadClock clock) {
        if (refusal != null) {
            throw refusal;
        }
        FakeVm vm =
                new FakeVm(memory) {
                    @Override
                    public void begin(GuestStart start) {
                        script.accept(this);
                    }
                };
        vms.add(vm);
        return vm;
    }

    private static void halt(FakeVm vm, int status) {
        vm.memory().putU64(REQUEST, 0);
        vm.memory().putU64(REQUEST + 8, status);
        vm.vcpu.out(HALT, (int) REQUEST);
    }

    private static void poll(FakeVm vm) {
        vm.memory().putU64(REQUEST + 64, TimeUnit.HOURS.toNanos(1));
        vm.vcpu.out(POLL, (int) REQUEST + 64);
    }

    private static void print(FakeVm vm) {
        vm.memory().putU64(REQUEST + 32, REQUEST);
        vm.memory().putU64(REQUEST + 40, 5);
        vm.vcpu.out(PUTS, (int) REQUEST + 32);
    }

    /** A console that does what it is told to, and tells what is asked of it. */
    private class Recorder implements Console {
        @Override
        public void write(ByteBuffer bytes) {
            told.add("write");
        }

        @Override
        public void stop() {
            told.add("stop");
        }

        @Override
        public void end() {
            told.add("end");
        }
    }

    /** A disk that tells when it is flushed. */
    private class Disk implements BlockDevice {
        @Override
        public int blockSize() {
            return MIN_BLOCK_SIZE;
        }

        @Override
        public long capacity() {
            return 1024;
        }

        @Override
        public void read(long offset, ByteBuffer into) {}

        @Override
        public void write(long offset, ByteBuffer from) {}

        @Override
        public void flush() {
            told.add("flush");
        }
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private GuestSettings guest() {
        return guest(recorder, new Disk());
    }

    private GuestSettings guest(Console console) {
        return guest(console, new Disk());
    }

    private GuestSettings guest(Console console, BlockDevice disk) {
        GuestSettings guest = new GuestSettings(IMAGE, null);
        guest.memory = 2 << 20;
        guest.requestedAt = time.now();
        guest.console = console;
        guest.operator = told::add;
        guest.devices.add(DeviceType.BLOCK_BASIC, "disk", disk);
        return guest;
    }

    private GuestSettings limited() {
        GuestSettings guest = guest();
        guest.limits = guest.limits.withDeadline(DEADLINE);
        return guest;
    }

    private RunSession request(GuestSettings guest) {
        RunSession session = new RunSession(services, guest, null);
        session.request();
        return session;
    }

    private RunSession start(GuestSettings guest) {
        RunSession session = request(guest);
        session.begin();
        return session;
    }

    private static RunResult result(RunSession session) throws Exception {
        return Objects.requireNonNull(session.result().get(SECONDS, TimeUnit.SECONDS));
    }

    private static Throwable thrown(RunSession session) {
        return Objects.requireNonNull(
                assertThrows(ExecutionException.class, () -> result(session)).getCause());
    }

    private void awaitTold(String what) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!told.contains(what)) {
            assertTrue(System.nanoTime() < end, told + " without " + what);
            Thread.sleep(1);
        }
    }

    @Test
    void shouldRunAGuestToItsEnd() throws Exception {
        script =
                vm -> {
                    print(vm);
                    halt(vm, 7);
                };
        RunResult ended = result(start(guest()));
        assertEquals(new Outcome.Exited(7), ended.outcome());
        assertEquals(RunResult.Start.COLD, ended.start());
        assertEquals(5, ended.counters().consoleBytes());
        assertEquals(2, ended.counters().exits());
        assertEquals(List.of("write", "flush", "end"), told);
        assertEquals(0, time.timers());
    }

    @Test
    void shouldLetTwiceAsManyBeginAsThereAreProcessorsInVmsThatAreKept() throws Exception {
        makeFive();
        CountDownLatch until = new CountDownLatch(1);
        List<RunSession> sessions = startBlocked(until);
        assertEquals(1, services.entrance().waiting());
        time.pass(TimeUnit.MILLISECONDS.toNanos(4));
        assertEquals(0, services.entrance().waiting(), "others would wait for ever");
        until.countDown();
        for (RunSession session : sessions) {
            assertEquals(RunResult.Start.POOLED, result(session).start());
        }
        awaitKept();
        CountDownLatch again = new CountDownLatch(1);
        sessions = startBlocked(again);
        assertEquals(1, services.entrance().waiting(), "all have left who have ended");
        again.countDown();
        for (RunSession session : sessions) {
            result(session);
        }
    }

    @Test
    void shouldLetOthersBeginWhileGuestsWait() throws Exception {
        makeFive();
        script = RunSessionTest::poll;
        List<RunSession> sessions = new ArrayList<>();
        for (int i = 0; i < VMS; i++) {
            sessions.add(start(guest()));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (services.entrance().waiting() > 0) {
            assertTrue(System.nanoTime() < end, "waits for guests that wait");
            Thread.sleep(1);
        }
        for (RunSession session : sessions) {
            session.cancel();
            assertEquals(RunResult.Start.POOLED, result(session).start());
        }
    }

    @Test
    void shouldKeepNoPlaceForAGuestThatWasStoppedBeforeItBegan() throws Exception {
        for (int i = 0; i < VMS; i++) {
            RunSession session = request(guest());
            session.cancel();
            result(session);
            session.begin();
        }
        assertEquals(new Outcome.Exited(0), result(start(guest())).outcome());
    }

    // At once: where a VM has to be made, more guests begin.
    private void makeFive() throws Exception {
        script =
                vm -> {
                    print(vm);
                    halt(vm, 0);
                };
        CountDownLatch until = new CountDownLatch(1);
        List<RunSession> sessions = startBlocked(until);
        assertEquals(0, services.entrance().waiting(), "to make a VM takes the host long");
        until.countDown();
        for (RunSession session : sessions) {
            result(session);
        }
        awaitKept();
    }

    // Guests whose consoles come back when they are told to.
    private List<RunSession> startBlocked(CountDownLatch until) throws InterruptedException {
        List<RunSession> sessions = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(2);
        for (int i = 0; i < VMS; i++) {
            sessions.add(
                    start(
                            guest(
                                    new Recorder() {
                                        @Override
                                        public void write(ByteBuffer bytes) {
                                            begun.countDown();
                                            awaitQuietly(until);
                                        }
                                    })));
        }
        assertTrue(begun.await(SECONDS, TimeUnit.SECONDS));
        return sessions;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitKept() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (pool.kept().kept() < VMS) {
            assertTrue(System.nanoTime() < end, pool.kept() + " are kept");
            Thread.sleep(1);
        }
    }

    @Test
    void shouldTellWhatAConsoleThrowsAndDoTheRest() throws Exception {
        script = RunSessionTest::print;
        RuntimeException own = new ArithmeticException("the embedder's");
        RunSession session =
                start(
                        guest(
                                new Recorder() {
                                    @Override
                                    public void write(ByteBuffer bytes) {
                                        throw own;
                                    }
                                }));
        assertSame(own, thrown(session));
        assertEquals(List.of("flush", "end"), told);
        assertEquals(
                Map.of(OutcomeKind.THROWN, 1L),
                services.metrics().metrics(0, pool.kept(), Metrics.Workers.NONE).guests().ended());
        pool.close();
        assertEquals(0, vms.get(0).cleaned.get(), "its VM is for nobody else");
    }

    @Test
    void shouldSuppressWhatIsThrownLater() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        Disk disk =
                new Disk() {
                    @Override
                    public void flush() {
                        throw first;
                    }
                };
        Recorder console =
                new Recorder() {
                    @Override
                    public void end() {
                        throw second;
                    }
                };
        RunSession session = start(guest(console, disk));
        assertSame(first, thrown(session));
        assertEquals(List.of(second), List.of(first.getSuppressed()));
    }

    @Test
    void shouldEndAGuestThatIsStoppedBeforeItHasAVm() throws Exception {
        RunSession session = request(guest());
        session.cancel();
        session.begin();
        RunResult ended = result(session);
        assertEquals(new Outcome.Cancelled(), ended.outcome());
        assertEquals(RunResult.Start.NONE, ended.start());
        assertEquals(0, vms.size());
        assertEquals(List.of("flush", "end"), told);
    }

    @Test
    void shouldCountADeadlineWhileTheGuestWaits() throws Exception {
        RunSession session = request(limited());
        time.pass(DEADLINE.toNanos() - 1);
        assertFalse(session.result().isDone());
        time.pass(1);
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result(session).outcome());
        session.begin();
        assertEquals(0, vms.size());
    }

    @Test
    void shouldStopAGuestAtItsDeadline() throws Exception {
        script = RunSessionTest::print; // Then it computes for ever.
        RunSession session = start(limited());
        awaitTold("write");
        time.pass(DEADLINE.toNanos());
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result(session).outcome());
        assertTrue(background.awaitQuiet(TimeUnit.SECONDS.toNanos(SECONDS)));
        assertEquals(0, time.timers());
    }

    @Test
    void shouldStopAGuestWhosePoolIsClosed() throws Exception {
        script = RunSessionTest::print;
        RunSession running = start(guest());
        awaitTold("write");
        pool.close();
        assertEquals(new Outcome.Cancelled(), result(running).outcome());
        assertEquals(new Outcome.Cancelled(), result(start(guest())).outcome());
    }

    @Test
    void shouldTellThatTheHostRefusesAVm() throws Exception {
        refusal = new HostException("KVM", "no more VMs", 12, "Use fewer.");
        Outcome.HostError error =
                assertInstanceOf(Outcome.HostError.class, result(start(guest())).outcome());
        assertEquals(12, error.errno());
        assertEquals(List.of("flush", "end"), told);
    }

    // Its thread is in the embedder's console, out of which nothing can take it.
    @Test
    void shouldNotWaitForAConsoleThatDoesNotComeBack() throws Exception {
        script = RunSessionTest::print;
        CountDownLatch released = new CountDownLatch(1);
        RunSession session =
                start(
                        guest(
                                new Recorder() {
                                    @Override
                                    public void write(ByteBuffer bytes) {
                                        super.write(bytes);
                                        try {
                                            released.await();
                                        } catch (InterruptedException e) {
                                            throw new AssertionError(e);
                                        }
                                    }
                                }));
        awaitTold("write");
        session.cancel();
        assertFalse(session.result().isDone());
        time.pass(GuestStop.PATIENCE_NANOS);
        assertEquals(new Outcome.Cancelled(), result(session).outcome());
        assertTrue(session.isAbandoned());
        released.countDown();
        awaitTold("end");
        pool.close();
        assertFalse(session.isAbandoned());
        assertEquals(
                Map.of(OutcomeKind.CANCELLED, 1L),
                services.metrics().metrics(0, pool.kept(), Metrics.Workers.NONE).guests().ended(),
                "it is counted once");
    }

    @Test
    void shouldGoOnInTheVmOfTheGuestBefore() throws Exception {
        result(start(guest()));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (pool.kept().kept() == 0) {
            assertTrue(System.nanoTime() < end, "it is not kept");
            Thread.sleep(1);
        }
        assertEquals(RunResult.Start.POOLED, result(start(guest())).start());
        assertEquals(1, vms.size());
    }

    // A stop that comes before the point wins, and leaves no snapshot.
    @Test
    void shouldEndAtItsPointOrBefore() throws Exception {
        script =
                vm -> {
                    print(vm);
                    halt(vm, 0);
                };
        SnapshotPoint second = SnapshotPoint.afterHypercalls(2);
        RunSession early = new RunSession(services, guest(), second);
        early.request();
        early.begin();
        assertEquals(new Outcome.Exited(0), result(early).outcome());
        assertNull(early.snapshot());
        SnapshotPoint first = SnapshotPoint.afterHypercalls(1);
        RunSession stopped = new RunSession(services, guest(), first);
        stopped.request();
        stopped.cancel();
        stopped.begin();
        assertEquals(new Outcome.Cancelled(), result(stopped).outcome());
        assertNull(stopped.snapshot());
    }
}
