package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jukvm.device.AttachedNet;
import jukvm.device.NetDevice;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.PluggedNet;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests that use their network ring as no guest should, and what the ring owes those that do not.
 * After each no thread and no descriptor of it is left.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileRingIT {
    private static final int FRAMES = 100;
    private static final int LARGE_MTU = 9000;
    private static final int LARGE = 4000;
    private static final int NUMBER = 14;
    private static final int QUEUED = 256;
    private static final int READS = 1000;

    private final Monitor monitor = Monitor.open();
    private VirtualSwitch network = VirtualSwitch.open(LARGE_MTU);
    private SwitchPort port = network.connect();
    private SwitchPort receiver = network.connect();
    // Doorbells and what waits for them; VMs may be kept for guests to come.
    private OpenFiles events = OpenFiles.now("anon_inode:[event");

    @BeforeEach
    void open() {
        events = OpenFiles.now("anon_inode:[event");
        network = VirtualSwitch.open(LARGE_MTU);
        port = network.connect();
        receiver = network.connect();
    }

    @AfterEach
    void assertNothingIsLeft() throws InterruptedException {
        network.close();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("jukvm-ring")) {
                thread.join(Run.LONG.toMillis());
                assertFalse(thread.isAlive());
            }
        }
        events.assertNothingMore();
    }

    @AfterAll
    void close() {
        monitor.close();
    }

    private RunResult run(Hostile guest, PrivilegeMode privilege) {
        return Run.run(monitor, guest.spec(privilege).net(TinyGuest.NIC, port));
    }

    private static AttachedNet.Counters nic(RunResult result) {
        return Objects.requireNonNull(result.counters().nets().get(TinyGuest.NIC));
    }

    static Stream<Arguments> guests() {
        return HostileRing.guests().stream()
                .flatMap(
                        guest ->
                                guest.rings().stream()
                                        .map(privilege -> Arguments.of(guest, privilege)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("guests")
    void shouldEndAsItMust(Hostile guest, PrivilegeMode privilege) {
        RunResult result = run(guest, privilege);
        Hostile.End end = guest.end(monitor, privilege);
        assertTrue(
                end.holds().test(result.outcome()),
                () -> guest + ", " + privilege + ": expected " + end + ", was " + result.outcome());
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        assertTrue(took.compareTo(guest.deadline().plus(Run.LATE)) < 0, "ended too late: " + took);
    }

    @Test
    void shouldLeaveOtherGuestsAloneWhileOneKicksForEver() {
        Hostile flood =
                Hostile.guest("kicks for ever", RingCode.forever(new Code(), RingCode::kick))
                        .withNic()
                        .runsUntilItsDeadline();
        GuestRun flooding =
                monitor.start(
                        flood.spec(PrivilegeMode.RING_3)
                                .net(TinyGuest.NIC, port)
                                .deadline(Run.LONG));
        for (int i = 0; i < 20; i++) {
            Run other =
                    Run.of(monitor, Guests.prebuilt("hello.hvt"), PrivilegeMode.RING_3, "exit=7");
            assertEquals(new Outcome.Exited(7), other.result().outcome());
        }
        flooding.cancel();
        RunResult flooded = flooding.result().join();
        assertEquals(new Outcome.Cancelled(), flooded.outcome()); // So it kicked all the time.
        assertTrue(flooded.counters().exits() > 0);
    }

    /** How a guest tells that frames wait. */
    enum Kicks {
        NONE,
        FIRST,
        EACH
    }

    static Stream<Arguments> kicks() {
        return Stream.of(Kicks.values())
                .flatMap(
                        kicks ->
                                Stream.of(PrivilegeMode.RING_3, PrivilegeMode.RING_0)
                                        .map(privilege -> Arguments.of(kicks, privilege)));
    }

    private static Code sending(Kicks kicks, int count) {
        Code code = RingCode.startSending(new Code());
        if (kicks == Kicks.FIRST) {
            RingCode.kick(code);
        }
        return RingCode.times(
                code,
                count,
                body ->
                        kicks == Kicks.EACH
                                ? RingCode.kick(RingCode.sendOne(body))
                                : RingCode.sendOne(body));
    }

    private List<Long> received() throws IOException {
        List<Long> numbers = new ArrayList<>();
        ByteBuffer frame = ByteBuffer.allocate(LARGE_MTU + 18).order(ByteOrder.LITTLE_ENDIAN);
        while (receiver.read(frame.clear())) {
            assertTrue(frame.position() == RingCode.FRAME_SIZE || frame.position() == LARGE);
            numbers.add(frame.getLong(NUMBER));
        }
        return numbers;
    }

    private static List<Long> countdown() {
        return IntStream.range(0, FRAMES).mapToObj(i -> (long) FRAMES - i).toList();
    }

    @ParameterizedTest
    @MethodSource("kicks")
    void shouldSendWhatWasQueuedWhenTheGuestEnds(Kicks kicks, PrivilegeMode privilege)
            throws IOException {
        RunResult result =
                run(Hostile.guest("sender", sending(kicks, FRAMES).done()).withNic(), privilege);
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        assertEquals(countdown(), received());
        assertEquals(FRAMES, nic(result).framesWritten());
    }

    // A frame too long for the guest's ring buffers goes by hypercall, in its turn.
    @ParameterizedTest
    @MethodSource("kicks")
    void shouldKeepTheOrderOfFramesThatGoBothWays(Kicks kicks, PrivilegeMode privilege)
            throws IOException {
        Code code = RingCode.sendLarge(sending(kicks, FRAMES), LARGE);
        RunResult result = run(Hostile.guest("sender", code.done()).withNic(), privilege);
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        List<Long> expected = new ArrayList<>(countdown());
        expected.add(0L);
        assertEquals(expected, received());
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_3", "RING_0"})
    void shouldGoByItsOwnIndexes(PrivilegeMode privilege) throws IOException {
        Code code =
                RingCode.times(
                        RingCode.kick(RingCode.startSending(new Code())),
                        FRAMES,
                        body ->
                                RingCode.kick(
                                        RingCode.sendOne(body)
                                                .store(RingCode.HEAD, 0x12345678_9abcdef0L)
                                                .store(RingCode.NEEDS_KICK, 0)
                                                .store(RingCode.HEAD, -1)));
        RunResult result = run(Hostile.guest("ring", code.done()).withNic(), privilege);
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        assertEquals(countdown(), received());
    }

    /** An embedder's device that throws what no device should. */
    private record Throwing(SwitchPort port, Throwable thrown) implements PluggedNet {
        @Override
        public boolean read(ByteBuffer into) {
            return false;
        }

        @Override
        public boolean write(ByteBuffer frame) {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown;
        }
    }

    static Stream<Throwable> failures() {
        return Stream.of(new ArithmeticException("its own"), new StackOverflowError("its own"));
    }

    // On the ring's thread, beside a guest that would wait for ever; and after the guest's end.
    @ParameterizedTest
    @MethodSource("failures")
    void shouldPassOnWhatADeviceThrows(Throwable failure) {
        NetDevice device = new Throwing(port, failure);
        for (Code code : List.of(sending(Kicks.EACH, 5).spin(), sending(Kicks.NONE, 5).done())) {
            GuestSpec guest =
                    Hostile.guest("sender", code)
                            .withNic()
                            .spec(PrivilegeMode.RING_3)
                            .net(TinyGuest.NIC, device);
            assertEquals(failure, assertThrows(failure.getClass(), () -> monitor.run(guest)));
        }
    }

    // Frames overwrite the argument of the very calls that are made: some are nonsense, and each
    // is taken as it was at one moment.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_3", "RING_0"})
    void shouldTakeArgumentsThatFramesOverwrite(PrivilegeMode privilege) throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Code calls =
                    RingCode.forever(
                            RingCode.kick(readsAt(TinyGuest.CALL - 16)),
                            body ->
                                    RingCode.kick(RingCode.submitFew(body))
                                            .call(Code.PUTS, TinyGuest.CALL));
            GuestSpec guest =
                    Hostile.guest("calls beside the ring", calls)
                            .withNic()
                            .spec(privilege)
                            .net(TinyGuest.NIC, port)
                            .deadline(Run.LONG);
            GuestRun run = monitor.start(guest);
            CompletableFuture<RunResult> running = run.result();
            // All that were taken but those that may still wait have been read.
            int taken = 0;
            while (taken < QUEUED + READS && !running.isDone()) {
                boolean isNonsense = seed % 2 == 1 && taken == QUEUED + READS / 2;
                taken += receiver.write(argument(port, isNonsense ? -1L : TinyGuest.TEXT)) ? 1 : 0;
                Thread.onSpinWait();
            }
            run.cancel();
            Outcome outcome = running.join().outcome();
            boolean isRight =
                    outcome.equals(new Outcome.Cancelled())
                            || outcome instanceof Outcome.Faulted faulted
                                    && faulted.message().contains("PUTS: Invalid guest access");
            assertTrue(isRight, outcome::toString);
            assertTrue(nic(running.join()).framesRead() > 0);
        }
    }

    // All submissions read to one place.
    private static Code readsAt(long data) {
        return RingCode.times(
                new Code().set(Code.RSI, RingCode.SUBMISSIONS),
                RingCode.ENTRIES,
                body ->
                        body.set(Code.RAX, RingCode.READ | (long) RingCode.HANDLE << 32)
                                .op("mov %rax, (%rsi)", "48 89 06")
                                .set(Code.RAX, data)
                                .op("mov %rax, 8(%rsi)", "48 89 46 08")
                                .set(Code.RAX, 64)
                                .op("mov %rax, 16(%rsi)", "48 89 46 10")
                                .op("add $32, %rsi", "48 83 c6 20"));
    }

    private static ByteBuffer argument(NetDevice to, long data) {
        ByteBuffer frame = ByteBuffer.allocate(60).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            frame.put(i, to.mac().octet(i));
        }
        return frame.putLong(16, data).putLong(24, 1);
    }
}
