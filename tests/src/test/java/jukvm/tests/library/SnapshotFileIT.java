package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.MemoryDisk;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones go on from a file as from memory, in a monitor that knows nothing of the first guest. */
@RequiresKvm
final class SnapshotFileIT {
    private static final int CLONES = Patience.fewer(20);

    @TempDir private Path folder;

    private static GuestSpec guest(GuestImage image, PrivilegeMode privilege) {
        return GuestSpec.of(image).memory(16L << 20).privilege(privilege).deadline(Run.LONG);
    }

    private static GuestImage image(String name) {
        return GuestImage.read(Guests.prebuilt(name));
    }

    private Path write(GuestSpec guest, SnapshotPoint point) throws InterruptedException {
        Path file = folder.resolve("guest.snap");
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.snapshot(guest, point)) {
            snapshot.replace(file);
        }
        return file;
    }

    private static RunResult clone(Monitor monitor, Snapshot snapshot, Console console) {
        return Run.run(monitor, GuestSpec.of(snapshot).console(console).deadline(Run.LONG));
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
        GuestSpec guest = guest(image(name), privilege).arguments("x");
        ConsoleCapture whole = Console.capture(1 << 20);
        Path file = write(guest, SnapshotPoint.afterHypercalls(0));
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            Run.run(monitor, guest.console(whole));
            assertEquals(16L << 20, snapshot.memory());
            for (int i = 0; i < CLONES; i++) {
                ConsoleCapture console = Console.capture(1 << 20);
                assertEquals(new Outcome.Exited(0), clone(monitor, snapshot, console).outcome());
                assertEquals(whole.text(), console.text());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldKeepWhatAGuestHasInItsRegisters(PrivilegeMode privilege) throws Exception {
        Code code =
                new Code()
                        .wrmsr(0xc0000100, TinyGuest.SCRATCH)
                        .set(Code.RBX, 0x42)
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .set(Code.RAX, 0x1234567)
                        .op("mov %rax, %fs:0", "64 48 89 04 25 00 00 00 00")
                        .op("add %rbx, %fs:0", "64 48 01 1c 25 00 00 00 00")
                        .load(TinyGuest.SCRATCH)
                        .haltWithRax();
        Path file =
                write(
                        guest(TinyGuest.image("registers", code.bytes()), privilege),
                        SnapshotPoint.afterHypercalls(0));
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            for (int i = 0; i < CLONES; i++) {
                assertEquals(
                        new Outcome.Exited(0x1234567 + 0x42),
                        clone(monitor, snapshot, Console.discard()).outcome());
            }
        }
    }

    @Test
    void shouldKeepVectorRegistersAndTheClockRunning() throws Exception {
        Code code =
                new Code()
                        .set(Code.RAX, 0x55)
                        .op("movq %rax, %xmm7", "66 48 0f 6e f8")
                        .op("rdtsc", "0f 31")
                        .op("shl $32, %rdx", "48 c1 e2 20")
                        .op("or %rdx, %rax", "48 09 d0")
                        .op("mov %rax, %rbx", "48 89 c3")
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .op("rdtsc", "0f 31")
                        .op("shl $32, %rdx", "48 c1 e2 20")
                        .op("or %rdx, %rax", "48 09 d0")
                        .op("cmp %rbx, %rax", "48 39 d8")
                        .op("setae %cl", "0f 93 c1")
                        .op("movzx %cl, %rcx", "48 0f b6 c9")
                        .op("movq %xmm7, %rax", "66 48 0f 7e f8")
                        .op("add %rcx, %rax", "48 01 c8")
                        .haltWithRax();
        Path file =
                write(
                        guest(TinyGuest.image("clock", code.bytes()), PrivilegeMode.RING_3),
                        SnapshotPoint.afterHypercalls(0));
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            for (int i = 0; i < CLONES; i++) {
                assertEquals(
                        new Outcome.Exited(0x56),
                        clone(monitor, snapshot, Console.discard()).outcome());
            }
        }
    }

    @Test
    void shouldGoOnFromACloneOfAClone() throws Exception {
        Code code =
                new Code()
                        .store(TinyGuest.SCRATCH, 40)
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .op("incq SCRATCH", "48 ff 04 25")
                        .raw(Code.littleEndian(TinyGuest.SCRATCH, 4))
                        .call(Code.WALLTIME, TinyGuest.CALL)
                        .op("incq SCRATCH", "48 ff 04 25")
                        .raw(Code.littleEndian(TinyGuest.SCRATCH, 4))
                        .load(TinyGuest.SCRATCH)
                        .haltWithRax();
        Path first =
                write(
                        guest(TinyGuest.image("twice", code.bytes()), PrivilegeMode.RING_3),
                        SnapshotPoint.afterHypercalls(0));
        Path second = folder.resolve("second.snap");
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(first);
                Snapshot later =
                        monitor.snapshot(
                                GuestSpec.of(snapshot).deadline(Run.LONG),
                                SnapshotPoint.afterHypercalls(1))) {
            later.write(second);
        }
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(second)) {
            assertEquals(
                    new Outcome.Exited(42), clone(monitor, snapshot, Console.discard()).outcome());
        }
    }

    @Test
    void shouldTakeOneAfterTheGuestHasPrinted() throws Exception {
        ConsoleCapture before = Console.capture(1 << 20);
        GuestSpec guest = guest(image("hello.hvt"), PrivilegeMode.RING_3).arguments("x");
        Path file = write(guest.console(before), SnapshotPoint.afterPrinting("Hello"));
        assertTrue(before.text().contains("Hello"), before.text());
        ConsoleCapture whole = Console.capture(1 << 20);
        ConsoleCapture after = Console.capture(1 << 20);
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            Run.run(monitor, guest.console(whole));
            clone(monitor, snapshot, after);
            assertEquals(whole.text(), before.text() + after.text());
        }
    }

    // Changed or cut as soon as it is open, it is none of the clones' business.
    @Test
    void shouldNotMindWhatBecomesOfTheFile() throws Exception {
        GuestSpec guest = guest(image("hello.hvt"), PrivilegeMode.RING_3).arguments("x");
        Path file = write(guest, SnapshotPoint.afterHypercalls(0));
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            for (int i = 0; i < CLONES; i++) {
                assertEquals(
                        new Outcome.Exited(0),
                        clone(monitor, snapshot, Console.discard()).outcome());
            }
            Files.delete(file);
            assertEquals(
                    new Outcome.Exited(0), clone(monitor, snapshot, Console.discard()).outcome());
        }
    }

    @Test
    void shouldRefuseWhatIsNoSnapshot() throws IOException {
        try (Monitor monitor = Monitor.open()) {
            Path hello = Guests.prebuilt("hello.hvt");
            ImageException refused =
                    assertThrows(ImageException.class, () -> monitor.openSnapshot(hello));
            assertEquals(
                    hello + ": is not a snapshot: it does not begin with JUKVMSNP",
                    refused.getMessage());
            assertThrows(ImageException.class, () -> monitor.openSnapshot(folder));
            assertThrows(
                    ImageException.class, () -> monitor.openSnapshot(folder.resolve("absent")));
        }
    }

    @Test
    void shouldNotWriteOverAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("mine"), "mine");
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot =
                        monitor.snapshot(
                                guest(image("hello.hvt"), PrivilegeMode.RING_3),
                                SnapshotPoint.afterHypercalls(0))) {
            assertThrows(HostException.class, () -> snapshot.write(file));
            assertEquals("mine", Files.readString(file));
        }
    }

    @Test
    void shouldNotWriteWhatIsClosed() throws Exception {
        Path file = folder.resolve("late");
        try (Monitor monitor = Monitor.open()) {
            Snapshot snapshot =
                    monitor.snapshot(
                            guest(image("hello.hvt"), PrivilegeMode.RING_3),
                            SnapshotPoint.afterHypercalls(0));
            snapshot.close();
            assertThrows(IllegalStateException.class, () -> snapshot.write(file));
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void shouldKeepWhatTheGuestWasToldOfItsDevices() throws Exception {
        Path file =
                write(
                        guest(image("block.hvt"), PrivilegeMode.RING_3)
                                .block("storage", MemoryDisk.of(1 << 20, 512)),
                        SnapshotPoint.afterHypercalls(1));
        try (Monitor monitor = Monitor.open();
                Snapshot snapshot = monitor.openSnapshot(file)) {
            GuestSpec clone = GuestSpec.of(snapshot).deadline(Duration.ofMinutes(1));
            assertThrows(ConfigException.class, () -> monitor.check(clone));
            GuestSpec larger = clone.block("storage", MemoryDisk.of(2 << 20, 512));
            assertThrows(ConfigException.class, () -> monitor.check(larger));
            assertEquals(
                    new Outcome.Exited(0),
                    Run.run(monitor, clone.block("storage", MemoryDisk.of(1 << 20, 512)))
                            .outcome());
        }
    }
}
