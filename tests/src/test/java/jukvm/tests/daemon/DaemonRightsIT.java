package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A guest of the daemon has the rights of its client, not those of the daemon, which is root's. */
@RequiresKvm
@RequiresRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaemonRightsIT {
    private static final String HELLO = "Hello from a jukvm guest (hvt 2)\ncommand line: a\n";
    private static final String DROP = "exec setpriv --inh-caps=-CAP --bounding-set=-CAP ";
    private static final String WITHOUT_OVERRIDE =
            DROP.replace("CAP", "dac_override,-dac_read_search");

    // Only a file that has not just changed is kept.
    private static final int KEPT_MILLIS = 2100;

    private Path folder = Path.of("");
    private DaemonFixture fixture;
    private long closedNanos;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        fixture = DaemonFixture.common();
        open(folder); // To other users, too.
        Path closed = Files.copy(Guests.prebuilt("hello.hvt"), folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        closedNanos = System.nanoTime();
        fixture.startDaemon();
    }

    @AfterAll
    void stop() throws Exception {
        fixture.close();
    }

    /** Runs a script both ways, by the daemon so many times, and wants the same. */
    private Command same(String script, int served) throws Exception {
        String there = "cd '" + folder + "'; " + script;
        Command cold = fixture.cold(there);
        long before = fixture.idle().served();
        assertEquals(cold, fixture.shell(there));
        assertEquals(before + served, fixture.idle().served(), "runs that the daemon served");
        return cold;
    }

    private static void assertRefused(Command run, String reason) {
        assertEquals(1, run.status(), run::toString);
        assertEquals("", run.stdout());
        assertTrue(run.stderr().contains(reason), run.stderr());
    }

    // What the daemon could read, and has in memory.
    @Test
    void shouldNotReadAGuestThatTheClientMayNot() throws Exception {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - closedNanos);
        Thread.sleep(Math.max(0, KEPT_MILLIS - millis));
        assertEquals(HELLO, same("exec $J run closed a", 1).stdout());
        assertEquals(HELLO, same("exec $J run closed a", 1).stdout());
        assertRefused(same(WITHOUT_OVERRIDE + "$J run closed a", 1), "EACCES");
    }

    @Test
    void shouldNotOpenADiskThatTheClientMayNot() throws Exception {
        String make = "[ -e disk ] || truncate -s 1M disk; chmod 0 disk; ";
        String run = "$J run --block:storage=disk $G/block.hvt";
        assertEquals(0, same(make + "exec " + run, 1).status());
        assertRefused(same(WITHOUT_OVERRIDE + run, 1), "EACCES");
        assertRefused(same(WITHOUT_OVERRIDE + run.replace("disk ", "disk:ro "), 1), "EACCES");
    }

    @Test
    void shouldNotWriteAReportWhereTheClientMayNot() throws Exception {
        String make = "mkdir -p shut; chmod 0 shut; ";
        Command run = same(make + WITHOUT_OVERRIDE + "$J run --report=shut/r $G/hello.hvt", 1);
        assertRefused(run, "ermission denied");
    }

    @Test
    void shouldRunNoGuestForAClientWithoutKvm() throws Exception {
        String closed = "touch kvm; chmod 0 kvm; mount --bind kvm /dev/kvm; ";
        String run = WITHOUT_OVERRIDE + "$J run $G/hello.hvt a";
        String script = "exec unshare -m sh -c '" + closed + run + "'";
        fixture.cold("cd '" + folder + "'; " + script); // Prepares, for what is refused.
        Command refused = same(script, 1);
        assertRefused(refused, "/dev/kvm");
    }

    @Test
    void shouldOpenTheFilesOfTheClientsMountNamespace() throws Exception {
        Path guest = Files.copy(Guests.prebuilt("hello.ukvm"), folder.resolve("bound"));
        String run = "exec $J run " + guest + " a";
        assertNotEquals(HELLO, same(run, 1).stdout());
        String mount = "mount --bind $G/hello.hvt " + guest + "; ";
        assertEquals(HELLO, same("exec unshare -m sh -c '" + mount + run + "'", 1).stdout());
    }

    // Whoever may enter its folder, and connect.
    @Test
    void shouldServeNoOtherUser() throws Exception {
        open(fixture.runtime());
        Path guest = folder.resolve("theirs");
        Files.copy(Guests.prebuilt("hello.hvt"), guest);
        Files.setPosixFilePermissions(guest, PosixFilePermissions.fromString("r--r--r--"));
        String user = "exec setpriv --reuid=65534 --regid=65534 --clear-groups ";
        try {
            Command run = same(user + "$J run theirs a", 0);
            assertTrue(run.stderr().contains("/dev/kvm") || run.status() == 0, run::toString);
            Command direct = same(user + "$C $J run theirs a", 0);
            assertEquals(run, direct);
        } finally {
            Files.setPosixFilePermissions(
                    fixture.place(), PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void open(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                if (!Files.isSymbolicLink(file)) {
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString("rwxrwxrwx"));
                }
            }
        }
    }

    @Test
    void shouldUseTheNetworkOfTheClient() throws Exception {
        try (Namespace host = Namespace.open()) {
            host.tap("tap0", "10.0.0.1/24", 1500);
            String run = "exec $J run --net:service0=tap0 $G/echo.hvt limit=3";
            // Not that of the daemon, where there is none of that name.
            assertRefused(same(run.replace("tap0", "tap0q"), 1), "tap0q");
            List<String> line = host.line(List.of("sh", "-c", run));
            long before = fixture.idle().served();
            try (BackgroundCommand guest =
                    BackgroundCommand.start(line, fixture.environment("auto"))) {
                guest.awaitOutput("MTU is 1500");
                host.shell("ping -q -w 20 -c 3 -i 0.002 10.0.0.2");
                Command ended = guest.await();
                assertEquals(0, ended.status(), ended::toString);
                assertTrue(ended.stdout().contains("SUCCESS"), ended.stdout());
            }
            assertEquals(before + 1, fixture.idle().served());
        }
    }

    @Test
    void shouldTakeThePlaceOfAnInterfaceOfTheClients() throws Exception {
        try (Namespace host = Namespace.open()) {
            host.tap("tap0", "10.0.0.7/24", 1500);
            host.shell("ip route add default via 10.0.0.1");
            String run = "exec $J run --net:service0=tap0 --net-as:service0=tap0 $G/http.hvt";
            for (String daemon : List.of("off", "auto")) {
                try (BackgroundCommand guest =
                        BackgroundCommand.start(
                                host.line(List.of("sh", "-c", run)), fixture.environment(daemon))) {
                    guest.awaitOutput("address 10.0.0.7/24, gateway 10.0.0.1, MTU is 1500");
                    guest.stop();
                }
            }
            assertRefused(same(run.replace("as:service0=tap0", "as:service0=tap0q"), 1), "tap0q");
        }
    }

    @Test
    void shouldNotAttachAnInterfaceThatTheClientMayNot() throws Exception {
        try (Namespace host = Namespace.open()) {
            host.shell("ip tuntap add tap0 mode tap user 12345; ip link set tap0 up");
            String run =
                    DROP.replace("CAP", "net_admin") + "$J run --net:service0=tap0 $G/echo.hvt";
            List<String> line = host.line(List.of("sh", "-c", run));
            List<Command> runs = new ArrayList<>();
            for (String daemon : List.of("off", "auto")) {
                try (BackgroundCommand guest =
                        BackgroundCommand.start(line, fixture.environment(daemon))) {
                    runs.add(guest.await());
                }
            }
            assertRefused(runs.get(0), "tap0");
            assertEquals(runs.get(0), runs.get(1));
        }
    }
}
