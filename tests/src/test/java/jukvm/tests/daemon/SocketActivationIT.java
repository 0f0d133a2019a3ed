package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jukvm.daemon.Client;
import jukvm.daemon.DaemonLink;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A service manager listens, and starts the daemon with the first run. It is one of a few lines, as
 * systemd does with the units of the Debian package: it waits for a client, starts the daemon with
 * the socket as descriptor 3, and waits for its end.
 */
@RequiresKvm
@RequiresProgram(value = "perl", byRoot = false)
final class SocketActivationIT {
    private static final String MANAGER =
            """
            use Socket; use POSIX; $| = 1;
            my ($path, @line) = @ARGV;
            socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die $!;
            bind($s, pack_sockaddr_un($path)) && listen($s, 16) or die $!;
            print "listening\n";
            while (1) {
                vec(my $in = '', fileno $s, 1) = 1;
                select($in, undef, undef, undef);
                my $pid = fork;
                if (!$pid) {
                    POSIX::dup2(fileno $s, 3);
                    fcntl($s, 2, 0);
                    ($ENV{LISTEN_PID}, $ENV{LISTEN_FDS}) = ($$, 1);
                    exec @line;
                }
                $SIG{TERM} = sub { kill 15, $pid; waitpid $pid, 0; exit 0 };
                print "started $pid\n";
                waitpid $pid, 0;
                $SIG{TERM} = 'DEFAULT';
                print "ended\n";
            }
            """;
    private static final FileAttribute<?> OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String HELLO = "$J run $G/hello.hvt Hello";
    private static final String GREETING =
            "Hello from a jukvm guest (hvt 2)\ncommand line: Hello\n";

    private DaemonFixture fixture;
    private Path socket;
    private BackgroundCommand manager;

    @BeforeEach
    void listen() throws Exception {
        fixture = DaemonFixture.common();
        socket = Files.createDirectory(fixture.place(), OWNER).resolve("daemon");
        List<String> line = new ArrayList<>(List.of("perl", "-e", MANAGER, socket.toString()));
        line.addAll(List.of("sh", "-c", "exec \"$J\" daemon serve >/dev/null"));
        manager = BackgroundCommand.start(line, fixture.environment("auto"));
        manager.awaitOutput("listening\n");
    }

    @AfterEach
    void close() throws Exception {
        manager.stop();
        fixture.close();
    }

    private void assertGreets() throws Exception {
        // A daemon that is slow to start is not waited for by a run, which goes its own way then.
        assertEquals(new Command(0, GREETING, ""), fixture.shell(HELLO));
    }

    private long started() throws Exception {
        String output = manager.output();
        return output.lines().filter(line -> line.startsWith("started ")).count();
    }

    private static void awaitEnd(long pid) {
        ProcessHandle.of(pid)
                .ifPresent(
                        handle ->
                                handle.onExit()
                                        .orTimeout(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                                        .join());
    }

    @Test
    void shouldStartWithTheFirstRun() throws Exception {
        assertEquals(0, started());
        assertGreets();
        DaemonFixture.Status status = fixture.idle();
        assertTrue(manager.output().contains("started " + status.pid() + "\n"));
        long before = status.served();
        assertGreets();
        assertEquals(before + 1, fixture.idle().served());
        assertEquals(1, started(), manager.output() + manager.errors());
        Command told = fixture.daemon("status");
        assertTrue(told.stdout().startsWith("running as pid " + status.pid() + " for "), "" + told);
        assertEquals(1, told.stdout().lines().count(), told.stdout());
    }

    @Test
    void shouldStartAgainAfterItsEnd() throws Exception {
        assertEquals(1, fixture.daemon("status").stdout().lines().count());
        long first = fixture.status().pid();
        assertEquals(new Command(0, "stopped\n", ""), fixture.daemon("stop"));
        awaitEnd(first);
        manager.awaitOutput("ended\n");
        assertTrue(Files.exists(socket), "it is the manager's");
        assertGreets();
        assertNotEquals(first, fixture.status().pid());
        assertEquals(2, started());
    }

    @Test
    void shouldSendClientsAwayWhileTheLastGuestOfOneThatEndsRuns() throws Exception {
        fixture.daemon("status"); // Which starts it.
        try (BackgroundCommand guest = fixture.begin("exec $J run $G/spin.hvt")) {
            guest.awaitOutput("spinning");
            DaemonFixture.Status status = fixture.status();
            assertEquals(1, status.guests(), "the guest is the daemon's");
            assertTrue(DaemonLink.ask(socket, Client.Request.RETIRE).isPresent());
            assertGreets(); // In a JVM of its own.
            assertEquals(status, fixture.status());
            guest.stop();
            awaitEnd(status.pid());
        }
        manager.awaitOutput("ended\n");
        assertGreets();
        assertEquals(2, started());
    }

    @Test
    void shouldRefuseASocketOfAnotherPlace() throws Exception {
        String lent =
                "mkdir -m 700 $XDG_RUNTIME_DIR/2 $XDG_RUNTIME_DIR/2/jukvm"
                        + " && export XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR/2 LISTEN_FDS=1"
                        + " && exec 3</dev/null && LISTEN_PID=$$ exec \"$J\" daemon serve";
        Command refused = fixture.shell(lent);
        assertEquals("", refused.stdout());
        assertTrue(refused.stderr().contains(" from LISTEN_FDS, is no socket"), "" + refused);
        assertEquals(1, refused.stderr().lines().count(), refused.stderr());
        assertNotEquals(0, refused.status());
    }
}
