package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of containers that run in the node's JVM, the daemon. */
@RequiresKvm
@RequiresProgram({"runc", "crun"})
final class NodeJvmIT {
    private static final Pattern MEMORY = Pattern.compile("\"memory\":.*?\"usage\":(\\d+)");
    private static final String RESOURCES = "\"resources\":{";
    private static final String OWN = "{\"jukvm.jvm\":\"container\"}";
    private static final int KILLS = Soak.LONG ? 300 : 10;
    private static final long MIB = 1 << 20;

    @TempDir Path folder;

    private DaemonFixture daemon;
    private RuncBundle bundle;

    @BeforeEach
    void start() throws Exception {
        daemon = DaemonFixture.common();
        daemon.startDaemon();
        bundle = bundle(folder, DockerFixture.RUNTIME);
    }

    private RuncBundle bundle(Path around, Path runtime) throws IOException {
        List<String> guests = List.of("hello.hvt", "fault.hvt", "block.hvt", "spin.hvt");
        return new RuncBundle(around, guests, runtime, "--jvm=node --daemon=" + daemon.runtime());
    }

    @AfterEach
    void stop() throws Exception {
        bundle.remove();
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "~\"/hello.hvt\",\"{env:TERM}\",\"{hostname}\",\"{x}\"~, 0, command line: xterm"
                        + " runc {x}",
                "~\"/hello.hvt\",\"exit=77\"~, 77, command line: exit=77",
                "~\"/fault.hvt\"~, 255, ABORT: unhandled exception #PF"
            })
    void shouldRunGuests(String args, int status, String last) throws Exception {
        bundle.configure(args);
        Command run = bundle.run();
        assertEquals(status, run.status(), run::toString);
        assertTrue(run.stdout().endsWith(last + "\n"), run::toString);
        assertEquals(1, daemon.idle().served());
        assertTrue(Files.readString(bundle.config).contains("\"/jukvm-guest\",\"3\""));
        assertFalse(Files.readString(bundle.config).contains("/dev/kvm"));
    }

    // Whose mounts are not those of the daemon.
    @ParameterizedTest
    @ValueSource(strings = {"runc", "crun"})
    void shouldRunGuestsForEnginesInOtherNamespaces(String lowLevel) throws Exception {
        bundle.configure("\"/hello.hvt\",\"there\"");
        try (BackgroundCommand container = bundle.start(lowLevel)) {
            Command run = container.await();
            assertEquals(0, run.status(), run::toString);
            assertTrue(run.stdout().endsWith("command line: there\n"), run::toString);
        }
        assertEquals(1, daemon.idle().served());
    }

    @Test
    void shouldDoWithoutForAContainerThatAnnotationsSaySo() throws Exception {
        bundle.configure("\"/hello.hvt\",\"own\"");
        bundle.replace("{\"ociVersion\":", "{\"annotations\":" + OWN + ",\"ociVersion\":");
        Command run = bundle.run();
        assertEquals(0, run.status(), run::toString);
        assertTrue(run.stdout().endsWith("command line: own\n"), run::toString);
        assertEquals(0, daemon.idle().served());
        bundle.configure("\"/missing\"");
        String config = Files.readString(bundle.config);
        run = bundle.run();
        assertTrue(run.stderr().contains("/missing: no such file"), run::toString);
        assertEquals(config, Files.readString(bundle.config));
    }

    @Test
    void shouldGiveAGuestTheDiskThatItDeclares() throws Exception {
        Path disk = folder.resolve("disk");
        Files.write(disk, new byte[1 << 20]);
        bundle.configure("\"/block.hvt\"");
        bundle.mount(disk, "/jukvm/block/storage", "rw");
        Command run = bundle.run();
        assertEquals(0, run.status(), run::toString);
        assertTrue(run.stdout().endsWith("SUCCESS\n"), run::toString);
        assertFalse(Arrays.equals(new byte[1 << 20], Files.readAllBytes(disk)));
        bundle.configure("\"/block.hvt\",\"ro\"");
        bundle.mount(disk, "/jukvm/block/storage", "ro");
        run = bundle.run();
        assertEquals(0, run.status(), run::toString);
        assertEquals(2, daemon.idle().served());
    }

    /** Returns what the container's control group is charged for, in bytes. */
    private long charged() throws Exception {
        Command stats = bundle.sh("runc events --stats $ID");
        Matcher usage = MEMORY.matcher(stats.stdout());
        assertTrue(usage.find(), stats::toString);
        return Long.parseLong(usage.group(1));
    }

    @Test
    void shouldChargeTheGuestsMemoryToTheContainer() throws Exception {
        bundle.configure("\"/spin.hvt\"");
        bundle.replace(RESOURCES, RESOURCES + "\"memory\":{\"limit\":" + 64 * MIB + "},");
        bundle.create();
        assertTrue(charged() < 32 * MIB);
        bundle.start();
        bundle.awaitOutput("spinning");
        long charged = charged();
        assertTrue(charged >= 60 * MIB && charged <= 64 * MIB, charged + " bytes");
        assertEquals(1, daemon.status().guests());
        assertEquals(0, bundle.sh("runc kill $ID KILL").status());
        daemon.idle();
    }

    @Test
    void shouldStopAGuestAsAProcess() throws Exception {
        bundle.configure("\"/spin.hvt\"");
        try (BackgroundCommand run = bundle.begin()) {
            run.awaitOutput("spinning");
            assertEquals(0, bundle.sh("runc kill $ID TERM").status());
            Command ended = run.await();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(ended.stderr().contains("guest stopped by a signal\n"), ended::toString);
        }
        daemon.idle();
        bundle.remove();
        bundle.configure("\"/spin.hvt\"");
        try (BackgroundCommand run = bundle.begin()) {
            run.awaitOutput("spinning");
            assertEquals(0, bundle.sh("runc kill $ID KILL").status());
            assertEquals(137, run.await().status());
        }
        daemon.idle();
    }

    @Test
    void shouldPauseAGuestWithItsContainer() throws Exception {
        Path disk = folder.resolve("disk");
        Files.write(disk, new byte[1 << 20]);
        bundle.configure("\"/block.hvt\",\"stamp\"");
        bundle.mount(disk, "/jukvm/block/storage", "rw");
        bundle.create();
        bundle.start();
        bundle.awaitOutput("ack");
        assertEquals(0, bundle.sh("runc pause $ID").status());
        long start = System.nanoTime();
        int before;
        do {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "it goes on");
            before = bundle.output().length();
            Thread.sleep(200);
        } while (bundle.output().length() != before);
        assertEquals(1, daemon.status().guests());
        assertEquals(0, bundle.sh("runc resume $ID").status());
        while (bundle.output().length() == before) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "it stays so");
            Thread.sleep(10);
        }
        assertEquals(0, bundle.sh("runc kill $ID KILL").status());
        daemon.idle();
    }

    @Test
    void shouldSayThatThereIsNoNodesJvm() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        bundle.create();
        assertEquals(1, daemon.status().guests(), "one that may begin at any time");
        daemon.close();
        bundle.start();
        bundle.awaitOutput(
                "jukvm-guest: the node's daemon has ended since the container was created");
        bundle.remove();
        bundle.configure("\"/hello.hvt\"");
        Command run = bundle.run();
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.stderr().contains("XDG_RUNTIME_DIR=" + daemon.runtime()), run::toString);
    }

    @Test
    void shouldEndWithTheNodesJvm() throws Exception {
        bundle.configure("\"/spin.hvt\"");
        try (BackgroundCommand run = bundle.begin()) {
            run.awaitOutput("spinning");
            ProcessHandle.of(daemon.status().pid()).orElseThrow().destroyForcibly();
            Command ended = run.await();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(
                    ended.stderr().contains("the node's daemon ended while it ran the guest"),
                    ended::toString);
        }
    }

    @Test
    void shouldHaveTheNextBuildOfTheDaemonTakeIt(@TempDir Path other) throws Exception {
        daemon.close();
        daemon = DaemonFixture.install(other);
        long first = daemon.startDaemon();
        // Older, so that what was prepared of it is not.
        FileTime before = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(daemon.app().resolve("jukvm.jar"), before);
        bundle = bundle(other, other.toRealPath().resolve("jukvm-runtime"));
        bundle.configure("\"/hello.hvt\",\"next\"");
        Command run = bundle.run();
        assertEquals(0, run.status(), run::toString);
        assertTrue(run.stdout().endsWith("command line: next\n"), run::toString);
        assertNotEquals(first, daemon.idle().pid());
    }

    @Test
    void shouldNotLookForADiskOutsideTheContainer() throws Exception {
        bundle.assertFindsNoDiskOutside(folder);
        assertEquals(0, daemon.idle().served());
    }

    @Soak
    @Test
    void shouldLeaveNothingIfTheRuntimeIsKilledAtAnyMoment() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        String config = Files.readString(bundle.config);
        OpenFiles open = OpenFiles.ofGuests(daemon.status().pid());
        for (int i = 0; i < KILLS; i++) {
            Files.writeString(bundle.config, config);
            bundle.killAfter(i * 150L / KILLS);
            bundle.remove();
            daemon.idle();
            bundle.assertNothingIsLeft();
        }
        open.assertNothingMore();
    }

    // Of one that is never started nothing is left, in the daemon or elsewhere.
    @Test
    void shouldForgetAContainerThatIsRemoved() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        bundle.create();
        assertEquals(1, daemon.status().guests());
        bundle.remove();
        assertEquals(0, daemon.idle().served());
    }

    // By the daemon's own clock, since nothing else of it computes.
    @Test
    void shouldGiveAGuestNoMoreThanTheQuotaOfItsContainer() throws Exception {
        bundle.configure("\"/spin.hvt\"");
        String limit = "\"cpu\":{\"quota\":20000,\"period\":100000},";
        bundle.replace(RESOURCES, RESOURCES + limit);
        bundle.create();
        bundle.start();
        bundle.awaitOutput("spinning");
        ProcessHandle jvm = ProcessHandle.of(daemon.status().pid()).orElseThrow();
        long begun = System.nanoTime();
        long before = jvm.info().totalCpuDuration().orElseThrow().toNanos();
        Thread.sleep(3000);
        double used = jvm.info().totalCpuDuration().orElseThrow().toNanos() - before;
        double share = used / (System.nanoTime() - begun);
        assertTrue(share < 0.25, share + " processors");
        assertEquals(0, bundle.sh("runc kill $ID KILL").status());
        daemon.idle();
    }

    @Test
    void shouldRefuseWhatWouldNotHold() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        bundle.replace(RESOURCES, RESOURCES + "\"cpu\":{\"cpus\":\"0\"},");
        Command run = bundle.run();
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.stderr().contains("does not hold for a guest"), run::toString);
        assertTrue(run.stderr().contains("jukvm.jvm=container"), run::toString);
    }
}
