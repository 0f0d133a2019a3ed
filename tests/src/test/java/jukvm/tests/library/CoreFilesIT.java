package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.io.SparseOutput;
import jukvm.monitor.CoreDumps;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files that the library writes of guests that went wrong. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CoreFilesIT {
    private static final int MEMORY = 4096; // Where that begins in a core.
    private static final long BYTES = 64L << 20;

    private final Monitor monitor = Monitor.open();
    private final GuestImage fault = GuestImage.read(Guests.prebuilt("fault.hvt"));
    private final String name = "core.jukvm." + ProcessHandle.current().pid();

    @AfterAll
    void close() {
        monitor.close();
    }

    private RunResult run(Path folder, GuestSpec guest) {
        try (CoreDumps cores = CoreDumps.in(folder)) {
            return Run.run(monitor, guest.memory(BYTES).coreDumps(cores));
        }
    }

    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldHoldWhatTheGuestWasAndTakeLittleRoom(PrivilegeMode privilege, @TempDir Path folder)
            throws Exception {
        RunResult result = run(folder, GuestSpec.of(fault).privilege(privilege));
        assertTrue(result.outcome() instanceof Outcome.Aborted);
        Path core = folder.resolve(name);
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(core)));
        assertEquals(MEMORY + BYTES, Files.size(core));
        long kibibytes =
                Long.parseLong(Command.sh("du -k '" + core + "' | cut -f1").stdout().strip());
        assertTrue(kibibytes < 1024, kibibytes + " KiB on the disk");
        byte[] image = Files.readAllBytes(Guests.prebuilt("fault.hvt"));
        try (RandomAccessFile file = new RandomAccessFile(core.toFile(), "r")) {
            for (Segment segment : fault.segments()) {
                if (!segment.writable()) {
                    byte[] dumped = new byte[segment.fileSize()];
                    file.seek(MEMORY + segment.gpa());
                    file.readFully(dumped);
                    int from = segment.fileOffset();
                    assertArrayEquals(
                            Arrays.copyOfRange(image, from, from + dumped.length), dumped);
                }
            }
        }
    }

    @Test
    void shouldNeverReplaceAFile(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve(name), "precious");
        Files.createSymbolicLink(folder.resolve(name + ".2"), folder.resolve("elsewhere"));
        List<String> told = new ArrayList<>();
        run(folder, GuestSpec.of(fault).notices(told::add));
        assertEquals(List.of("core dumped: " + folder.resolve(name + ".3")), told);
        assertEquals("precious", Files.readString(folder.resolve(name)));
        assertTrue(Files.notExists(folder.resolve("elsewhere")));
    }

    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldWriteOneOfAGuestThatGoesOn(PrivilegeMode privilege, @TempDir Path folder)
            throws Exception {
        GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));
        CountDownLatch begun = new CountDownLatch(1);
        GuestSpec guest =
                GuestSpec.of(spin)
                        .memory(BYTES)
                        .privilege(privilege)
                        .deadline(Run.LONG)
                        .console(bytes -> begun.countDown());
        GuestRun ended;
        try (CoreDumps cores = CoreDumps.in(folder);
                GuestRun run = monitor.start(guest)) {
            begun.await();
            assertEquals(folder.resolve(name).toString(), run.dumpCore(cores));
            assertEquals(MEMORY + BYTES, Files.size(folder.resolve(name)));
            run.pause();
            assertEquals(folder.resolve(name + ".2").toString(), run.dumpCore(cores));
            run.resume();
            assertFalse(run.result().isDone());
            run.cancel();
            run.await();
            ended = run;
            String told =
                    assertThrows(ConfigException.class, () -> ended.dumpCore(cores)).getMessage();
            assertEquals("core: the guest has ended, or is to end", told);
        }
        assertTrue(Files.notExists(folder.resolve(name + ".3")));
    }

    @Test
    void shouldLetAGuestGoOnWhoseCoreCannotBeWritten(@TempDir Path folder) throws Exception {
        GuestImage poll = GuestImage.read(Guests.prebuilt("poll.hvt"));
        CountDownLatch begun = new CountDownLatch(1);
        GuestSpec guest =
                GuestSpec.of(poll)
                        .arguments("forever")
                        .deadline(Run.LONG)
                        .console(bytes -> begun.countDown());
        Consumer<SparseOutput> full =
                to -> {
                    throw new HostException("disk", "is full", 0, "");
                };
        try (CoreDumps cores = CoreDumps.in(folder);
                GuestRun run = monitor.start(guest)) {
            begun.await();
            assertThrows(HostException.class, () -> cores.write(full));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(0, files.count());
            }
            assertEquals(folder.resolve(name).toString(), run.dumpCore(cores));
            run.cancel();
            assertEquals(new Outcome.Cancelled(), run.await().outcome());
        }
    }

    @Test
    void shouldWriteNothingOfAGuestThatEndsWell(@TempDir Path folder) throws Exception {
        GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
        run(folder, GuestSpec.of(hello));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void shouldRefuseAFolderThatIsNone(@TempDir Path folder) {
        Path none = folder.resolve("none");
        String told = assertThrows(ConfigException.class, () -> CoreDumps.in(none)).getMessage();
        assertTrue(told.startsWith("core dumps: cannot write to " + folder), told);
    }
}
