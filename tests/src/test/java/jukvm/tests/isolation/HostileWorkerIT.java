package jukvm.tests.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.abi.DeviceType;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.BackgroundTasks;
import jukvm.control.TimeThread;
import jukvm.control.VcpuScheduler;
import jukvm.device.MemoryDisk;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.isolation.ProcessSession;
import jukvm.isolation.WorkerCommand;
import jukvm.isolation.WorkerPool;
import jukvm.isolation.WorkerSettings;
import jukvm.run.GuestSettings;
import jukvm.run.ParkingLot;
import jukvm.run.RunServices;
import jukvm.run.RunSession;
import jukvm.telemetry.MetricsCollector;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Run;
import jukvm.vm.GuestHost;
import jukvm.vm.Templates;
import jukvm.vm.VmPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that its guest has taken over loses that guest, and does no harm to this process. */
final class HostileWorkerIT {
    private static final long SECONDS = Run.LONG.toSeconds();
    private static final WorkerSettings SETTINGS = new WorkerSettings(4, 1, 1000, 64 << 20, 0, 0);

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

    private static final GuestImage IMAGE = GuestImage.read(Guests.prebuilt("block.hvt"));
    private static final TimeThread TIME = new TimeThread();

    private static final RunServices SERVICES =
            new RunServices(
                    HOST,
                    new VmPool(
                            (kind, memory, clock) -> {
                                throw new AssertionError("no VM is made here");
                            },
                            0,
                            () -> {}),
                    new Templates(0),
                    new VcpuScheduler(TIME, 1),
                    TIME,
                    new BackgroundTasks(),
                    RunSession.entrance(TIME, 1),
                    new ParkingLot(),
                    new MetricsCollector());

    private static WorkerPool pool;

    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void open() throws URISyntaxException {
        Set<String> places = WorkerCommand.classPath();
        places.add(
                Path.of(
                                HostileWorker.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                        .toString());
        pool =
                new WorkerPool(
                        SETTINGS,
                        new WorkerCommand(SETTINGS, HostileWorker.class.getName(), places));
    }

    @AfterAll
    static void close() {
        pool.close();
        TIME.close();
    }

    private ProcessSession start(String how, Duration deadline) {
        GuestSettings guest = new GuestSettings(IMAGE, null);
        guest.memory = 16 << 20;
        guest.commandLine = how;
        guest.operator = told::add;
        guest.tenant = how;
        guest.clock = () -> 1;
        guest.limits = guest.limits.withDeadline(deadline);
        guest.devices.add(DeviceType.BLOCK_BASIC, "storage", MemoryDisk.of(1 << 20, 512));
        ProcessSession session = new ProcessSession(SERVICES, pool, guest);
        session.request();
        session.begin();
        return session;
    }

    private Outcome outcome(String how) throws Exception {
        RunResult result = start(how, Run.LONG).result().get(2 * SECONDS, TimeUnit.SECONDS);
        return result.outcome();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "wrong kind",
                "short console",
                "long console",
                "negative console",
                "no device",
                "beyond the disk",
                "overflow",
                "unaligned",
                "too much",
                "negative length",
                "empty result",
                "odd result"
            })
    void shouldEndWhatSaysWhatNoWorkerSays(String how) throws Exception {
        assertEquals(
                new Outcome.WorkerDied("said what no worker says and was ended"), outcome(how));
    }

    @Test
    void shouldHaveNoMoreMemoryThanItsGuest() throws Exception {
        assumeTrue(Groups.areThere(), "no control groups");
        String how = outcome("memory").message();
        long end = System.nanoTime() + Run.LONG.toNanos();
        while (how.endsWith("has gone") && System.nanoTime() < end) { // How was known too late.
            how = outcome("memory").message();
        }
        long most = SETTINGS.heapBytes() + (256 << 20) + (16 << 20) + (16 << 20);
        assertEquals(
                "guest lost: its worker process was ended by the kernel, at its limit of "
                        + most
                        + " bytes of memory",
                how);
    }

    @Test
    void shouldEndWhatLeavesOrSpeaksOutOfTurn() throws Exception {
        assertEquals(new Outcome.WorkerDied("exited with status 3"), outcome("exit"));
        assertEquals(Outcome.WorkerDied.class, outcome("close").getClass());
        assertEquals(Outcome.WorkerDied.class, outcome("out of turn").getClass());
    }

    @ParameterizedTest
    @ValueSource(strings = {"silence", "unread answers"})
    void shouldStopWhatDoesNotAnswer(String how) throws Exception {
        Duration deadline = Duration.ofSeconds(2);
        RunResult result = start(how, deadline).result().get(2 * SECONDS, TimeUnit.SECONDS);
        assertEquals(new Outcome.DeadlineExpired(deadline), result.outcome());
    }

    @Test
    void shouldTellNoMoreThanAFewPrintableLines() throws Exception {
        assertEquals(Outcome.WorkerDied.class, outcome("notices").getClass());
        assertTrue(told.size() < 1000, () -> told.size() + " lines");
        assertEquals("\\x1b[2J line 0", told.get(0));
    }

    // The worker sends its standard input, two thousand times.
    @Test
    void shouldTakeNoDescriptors() throws Exception {
        long before = OfNothing.count();
        assertEquals(Outcome.WorkerDied.class, outcome("descriptors").getClass());
        assertTrue(OfNothing.count() < before + 500);
    }

    /** The descriptors of this process that lead to /dev/null. */
    private static final class OfNothing {
        static long count() throws IOException {
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                return open.filter(OfNothing::isOne).count();
            }
        }

        private static boolean isOne(Path link) {
            try {
                return Files.readSymbolicLink(link).equals(Path.of("/dev/null"));
            } catch (IOException e) {
                return false; // It was closed meanwhile.
            }
        }
    }

    @Test
    void shouldTellWhyNoWorkerStarts() throws Exception {
        WorkerCommand command =
                new WorkerCommand(SETTINGS, "no.such.Program", WorkerCommand.classPath());
        try (WorkerPool none = new WorkerPool(SETTINGS, command)) {
            GuestSettings guest = new GuestSettings(IMAGE, null);
            guest.memory = 16 << 20;
            guest.devices.add(DeviceType.BLOCK_BASIC, "storage", MemoryDisk.of(1 << 20, 512));
            ProcessSession session = new ProcessSession(SERVICES, none, guest);
            session.request();
            session.begin();
            Outcome outcome = session.result().get(SECONDS, TimeUnit.SECONDS).outcome();
            assertTrue(outcome.message().contains("no.such.Program"), outcome::message);
        }
    }
}
