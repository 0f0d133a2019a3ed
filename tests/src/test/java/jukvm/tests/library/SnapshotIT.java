package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.MemoryDisk;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.JukvmException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones go on where a guest was stopped, each by itself. */
@RequiresKvm
final class SnapshotIT {
    private static final int CLONES = Patience.fewer(20);

    private final Monitor monitor = Monitor.open();

    @AfterEach
    void close() {
        monitor.close();
    }

    private GuestSpec guest(GuestImage image, PrivilegeMode privilege) {
        return GuestSpec.of(image).memory(16L << 20).privilege(privilege).deadline(Run.LONG);
    }

    private static GuestImage image(String name) {
        return GuestImage.read(Guests.prebuilt(name));
    }

    private RunResult clone(Snapshot snapshot, Console console) {
        return Run.run(monitor, GuestSpec.of(snapshot).console(console).deadline(Run.LONG));
    }

    private String output(Snapshot snapshot) {
        ConsoleCapture console = Console.capture(1 << 20);
        assertEquals(new Outcome.Exited(0), clone(snapshot, console).outcome());
        return console.text();
    }

    @ParameterizedTest
    @CsvSource({
        "hello.hvt, RING_3",
        "hello.hvt, RING_0",
        "hello.v1.hvt, RING_3",
        "hello.v03.ukvm, RING_3",
        "hello.ukvm, RING_3",
        "hello.ukvm, RING_0"
    })
    void shouldGoOnAtTheFirstHypercall(String name, PrivilegeMode privilege) throws Exception {
        GuestImage image = image(name);
        ConsoleCapture whole = Console.capture(1 << 20);
        Run.run(monitor, guest(image, privilege).arguments("x").console(whole));
        ConsoleCapture before = Console.capture(1 << 20);
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image, privilege).arguments("x").console(before),
                        SnapshotPoint.afterHypercalls(0))) {
            assertEquals("", before.text());
            for (int i = 0; i < CLONES; i++) {
                assertEquals(whole.text(), output(snapshot));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldGoOnAtTheFirstPoll(PrivilegeMode privilege) throws Exception {
        Code code =
                new Code()
                        .puts(TinyGuest.TEXT, 3)
                        .store(TinyGuest.CALL, Duration.ofMillis(2).toNanos())
                        .call(Code.POLL, TinyGuest.CALL)
                        .puts(TinyGuest.TEXT, 5)
                        .done();
        ConsoleCapture before = Console.capture(100);
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(TinyGuest.image("poll", code.bytes()), privilege).console(before),
                        SnapshotPoint.firstPoll())) {
            assertEquals(3, before.bytes().length);
            for (int i = 0; i < CLONES; i++) {
                ConsoleCapture after = Console.capture(100);
                RunResult result = clone(snapshot, after);
                assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
                assertEquals(5, after.bytes().length);
                assertTrue(result.counters().waitedNanos() >= 2_000_000, "it did not wait");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldGoOnAmidAnInstructionThatMakesSeveralCalls(PrivilegeMode privilege)
            throws Exception {
        long calls = TinyGuest.CALL | (long) TinyGuest.CALL << 32;
        Code code =
                new Code()
                        .store(TinyGuest.SCRATCH, calls)
                        .store(TinyGuest.SCRATCH + 8, calls)
                        .store(TinyGuest.CALL, TinyGuest.TEXT)
                        .store(TinyGuest.CALL + 8, 1)
                        .set(Code.RSI, TinyGuest.SCRATCH)
                        .set(Code.RCX, 4)
                        .port(Code.PUTS)
                        .op("rep outsl", "f3 6f")
                        .done();
        ConsoleCapture before = Console.capture(100);
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(TinyGuest.image("several", code.bytes()), privilege).console(before),
                        SnapshotPoint.afterHypercalls(1))) {
            assertEquals(1, before.bytes().length);
            for (int i = 0; i < CLONES; i++) {
                ConsoleCapture after = Console.capture(100);
                assertEquals(new Outcome.Exited(Code.DONE), clone(snapshot, after).outcome());
                assertEquals(3, after.bytes().length);
            }
        }
    }

    // Vector registers, the FS base and tables it has loaded go with it.
    @Test
    void shouldKeepWhatAGuestHasInItsRegisters() throws Exception {
        Code code =
                new Code()
                        .handlers()
                        .wrmsr(0xc0000100, TinyGuest.SCRATCH)
                        .set(Code.RAX, 0x1234567)
                        .op("movq %rax, %xmm7", "66 48 0f 6e f8")
                        .set(Code.RBX, 0x42)
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .op("movq %xmm7, %rax", "66 48 0f 7e f8")
                        .op("mov %rax, %fs:0", "64 48 89 04 25 00 00 00 00")
                        .op("add %rbx, %fs:0", "64 48 01 1c 25 00 00 00 00")
                        .load(TinyGuest.SCRATCH)
                        .haltWithRax();
        GuestImage image = TinyGuest.image("registers", code.bytes());
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image, PrivilegeMode.RING_3), SnapshotPoint.afterHypercalls(0))) {
            for (int i = 0; i < CLONES; i++) {
                assertEquals(
                        new Outcome.Exited(0x1234567 + 0x42),
                        clone(snapshot, Console.discard()).outcome());
                // Another guest on the shells that clones were expected on finds nothing of them.
                Run.run(
                        monitor,
                        guest(image("traces.hvt"), PrivilegeMode.RING_3).arguments("leave"));
                RunResult looked =
                        Run.run(
                                monitor,
                                guest(image("traces.hvt"), PrivilegeMode.RING_3)
                                        .arguments("look", "vectors"));
                assertEquals(new Outcome.Exited(0), looked.outcome());
            }
        }
    }

    // Each clone counts up a word of its own.
    @Test
    void shouldKeepClonesApart() throws Exception {
        Code code =
                new Code()
                        .store(TinyGuest.SCRATCH, 41)
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .op("incq SCRATCH", "48 ff 04 25")
                        .raw(Code.littleEndian(TinyGuest.SCRATCH, 4))
                        .load(TinyGuest.SCRATCH)
                        .haltWithRax();
        GuestImage image = TinyGuest.image("counter", code.bytes());
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image, PrivilegeMode.RING_3), SnapshotPoint.afterHypercalls(0))) {
            List<CompletableFuture<RunResult>> clones = new ArrayList<>();
            for (int i = 0; i < Patience.fewer(200); i++) {
                clones.add(monitor.start(GuestSpec.of(snapshot).deadline(Run.LONG)).result());
            }
            for (CompletableFuture<RunResult> clone : clones) {
                assertEquals(
                        new Outcome.Exited(42),
                        clone.get(Run.LONG.toSeconds(), TimeUnit.SECONDS).outcome());
            }
        }
    }

    @Test
    void shouldStartOnKeptVms() throws Exception {
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image("hello.hvt"), PrivilegeMode.RING_3),
                        SnapshotPoint.afterHypercalls(0))) {
            long patience = System.nanoTime() + Run.LONG.toNanos();
            while (clone(snapshot, Console.discard()).start() != RunResult.Start.SNAPSHOT) {
                assertTrue(System.nanoTime() < patience, "no clone was started on a kept VM");
            }
        }
    }

    // In a buffer that no guest may write, so that the very call that each clone begins with is
    // bad.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldEndACloneWhoseFirstCallIsBad(PrivilegeMode privilege) throws Exception {
        Code code = new Code().call(Code.WALLTIME, 0x1000).done();
        GuestImage image = TinyGuest.image("bad", code.bytes());
        Outcome.Faulted plain =
                assertInstanceOf(
                        Outcome.Faulted.class, Run.run(monitor, guest(image, privilege)).outcome());
        try (Snapshot snapshot =
                monitor.snapshot(guest(image, privilege), SnapshotPoint.afterHypercalls(0))) {
            for (int i = 0; i < CLONES; i++) {
                Outcome.Faulted clone =
                        assertInstanceOf(
                                Outcome.Faulted.class,
                                clone(snapshot, Console.discard()).outcome());
                assertEquals(plain.reason(), clone.reason());
                assertEquals(
                        plain.message().replaceFirst(", rip=.*", ""),
                        clone.message().replaceFirst(", rip=.*", ""));
                assertEquals(0x1000, clone.registers().values().get("rax"));
            }
        }
    }

    @Test
    void shouldSayOnWhatACloneWasStarted() throws Exception {
        try (Monitor own = Monitor.open(0);
                Snapshot snapshot =
                        own.snapshot(
                                guest(image("hello.hvt"), PrivilegeMode.AUTO),
                                SnapshotPoint.afterHypercalls(0))) {
            RunResult clone = Run.run(own, GuestSpec.of(snapshot));
            assertEquals(RunResult.Start.COLD_SNAPSHOT, clone.start());
            RunResult never = Run.neverBegun(own, GuestSpec.of(snapshot));
            assertEquals(RunResult.Start.NONE, never.start());
        }
    }

    @Test
    void shouldSaySoWhenAGuestEndsBefore() {
        GuestSpec guest = guest(image("hello.hvt"), PrivilegeMode.RING_3);
        JukvmException thrown =
                assertThrows(
                        GuestException.class,
                        () -> monitor.snapshot(guest, SnapshotPoint.firstPoll()));
        assertEquals(
                "guest ended before the snapshot at its first poll: guest exited with status 0",
                thrown.getMessage());
    }

    @Test
    void shouldSaySoWhenAGuestIsStoppedBefore() {
        GuestSpec guest =
                guest(image("spin.hvt"), PrivilegeMode.RING_3).deadline(Duration.ofMillis(20));
        assertThrows(
                GuestException.class, () -> monitor.snapshot(guest, SnapshotPoint.firstPoll()));
    }

    @Test
    void shouldRefuseWhatAClonesSnapshotHasDecided() throws Exception {
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image("hello.hvt"), PrivilegeMode.RING_3),
                        SnapshotPoint.afterHypercalls(0))) {
            assertEquals(16L << 20, snapshot.memory());
            GuestSpec clone = GuestSpec.of(snapshot);
            assertThrows(ConfigException.class, () -> clone.memory(32L << 20));
            assertThrows(ConfigException.class, () -> clone.arguments("late"));
            assertThrows(ConfigException.class, () -> clone.privilege(PrivilegeMode.RING_0));
        }
    }

    @Test
    void shouldNotStartClonesOfAClosedSnapshot() throws Exception {
        Snapshot snapshot =
                monitor.snapshot(
                        guest(image("hello.hvt"), PrivilegeMode.RING_3),
                        SnapshotPoint.afterHypercalls(0));
        clone(snapshot, Console.discard());
        snapshot.close();
        snapshot.close();
        GuestSpec guest = GuestSpec.of(snapshot);
        assertThrows(IllegalStateException.class, () -> monitor.start(guest));
        assertEquals(
                new Outcome.Exited(0),
                Run.run(monitor, guest(image("hello.hvt"), PrivilegeMode.RING_3)).outcome());
    }

    @Test
    void shouldRefuseADeviceThatIsNotAlike() throws Exception {
        BlockDevice disk = MemoryDisk.of(1 << 20, 512);
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(image("block.hvt"), PrivilegeMode.RING_3).block("storage", disk),
                        SnapshotPoint.afterHypercalls(1))) {
            assertEquals(
                    new Outcome.Exited(0),
                    Run.run(
                                    monitor,
                                    GuestSpec.of(snapshot)
                                            .block("storage", MemoryDisk.of(1 << 20, 512))
                                            .deadline(Run.LONG))
                            .outcome());
            GuestSpec larger = GuestSpec.of(snapshot).block("storage", MemoryDisk.of(2 << 20, 512));
            assertThrows(ConfigException.class, () -> monitor.check(larger));
        }
    }
}
