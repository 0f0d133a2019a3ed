package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.daemon.ClientListener;
import jukvm.daemon.MessageBuffer;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a daemon whose folder is removed, and of a folder that is another user's. */
@RequiresKvm
final class DaemonPlaceIT {
    private static final int NOBODY = 65534;
    private static final int PATIENCE_SECONDS = 60;
    private static final String HELLO = "Hello from a jukvm guest (hvt 2)\ncommand line: a\n";

    private DaemonFixture fixture;

    @BeforeEach
    void begin() throws Exception {
        fixture = DaemonFixture.common();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private ProcessHandle daemon() {
        return ProcessHandle.of(fixture.status().pid()).orElseThrow();
    }

    private static void awaitEnd(ProcessHandle daemon) throws Exception {
        daemon.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void shouldEndWhenItsSocketIsRemoved() throws Exception {
        fixture.startDaemon();
        ProcessHandle daemon = daemon();
        Files.delete(fixture.place().resolve("daemon"));
        awaitEnd(daemon);
        assertEquals("not running\n", fixture.daemon("status").stdout());
        assertEquals(0, fixture.daemon("start").status());
        assertEquals(HELLO, fixture.shell("exec $J run $G/hello.hvt a").stdout());
        assertEquals(1, fixture.idle().served());
    }

    // Editors and other daemons may have all that a user may have of them.
    @Test
    @RequiresRoot
    void shouldServeWhereNoFolderCanBeWatched() throws Exception {
        String daemon =
                "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$J\" daemon serve --idle=1s";
        Command served = fixture.shell("unshare --user --map-root-user sh -c '" + daemon + "'");
        assertEquals("", served.stderr());
        assertTrue(served.stdout().startsWith("running as pid "), served::toString);
        assertEquals(0, served.status());
    }

    // As at the end of the user's last session, or by a cleaner of old files.
    @Test
    void shouldBeFoundWhenItsFolderIsRemoved() throws Exception {
        fixture.startDaemon();
        ProcessHandle daemon = daemon();
        try (BackgroundCommand run = fixture.begin("exec $J run $G/spin.hvt")) {
            run.awaitOutput("spinning");
            Launcher.remove(fixture.place());
            Command status = fixture.daemon("status");
            assertTrue(
                    status.stdout()
                            .startsWith(
                                    "running as pid " + daemon.pid() + ", but out of" + " reach"),
                    status::toString);
            assertEquals(0, status.status());
            assertTrue(run.isAlive());
            // Another one can begin meanwhile, and is found as well.
            fixture.startDaemon();
            Command both = fixture.daemon("status");
            assertEquals(2, both.stdout().lines().count(), both::toString);
            assertEquals("stopped\n", fixture.daemon("stop").stdout());
            awaitEnd(daemon);
            Command ended = run.await();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(ended.stderr().endsWith("guest stopped\n"), ended.stderr());
        }
    }

    @Test
    void shouldLetGuestsEndWhenItsFolderIsRemoved() throws Exception {
        fixture.startDaemon();
        ProcessHandle daemon = daemon();
        String line = "guest stopped: its deadline of 2s expired\n";
        try (BackgroundCommand run = fixture.begin("exec $J run --deadline=2s $G/spin.hvt")) {
            run.awaitOutput("spinning");
            Launcher.remove(fixture.place());
            Command ended = run.await();
            assertTrue(ended.stderr().endsWith(line), ended::toString);
        }
        awaitEnd(daemon);
    }

    @Test
    void shouldEndItsGuestsInOrderAtASignal() throws Exception {
        fixture.startDaemon();
        ProcessHandle daemon = daemon();
        try (BackgroundCommand run = fixture.begin("exec $J run $G/spin.hvt")) {
            run.awaitOutput("spinning");
            assertTrue(daemon.destroy());
            awaitEnd(daemon);
            Command ended = run.await();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(ended.stderr().endsWith("guest stopped\n"), ended.stderr());
        }
        assertFalse(Files.exists(fixture.place().resolve("daemon")));
    }

    private static void giveAway(Path file) throws Exception {
        assumeTrue(ClientListener.user() == 0, "only root can give files away");
        Files.setAttribute(file, "unix:uid", NOBODY);
    }

    // Of whoever listens there: it could keep a client waiting.
    @Test
    void shouldNotConnectInAFolderOfAnother() throws Exception {
        Files.createDirectory(fixture.place());
        Path socket = fixture.place().resolve("daemon");
        try (ClientListener listener = ClientListener.open(socket, 1);
                MessageBuffer room = new MessageBuffer()) {
            giveAway(fixture.place());
            for (String run : new String[] {"$J", "$C $J"}) {
                Command cold = fixture.shell("exec " + run + " run $G/hello.hvt a");
                assertEquals(new Command(0, HELLO, ""), cold);
            }
            String reason = "is not a folder of user 0, but of user " + NOBODY;
            for (String word : new String[] {"start", "status", "stop"}) {
                Command refused = fixture.daemon(word);
                assertTrue(refused.stderr().contains(reason), refused::toString);
                assertEquals(1, refused.stderr().lines().count(), refused.stderr());
                assertEquals(1, refused.status());
            }
            assertEquals(Optional.empty(), listener.accept(room).map(client -> "a client"));
        } finally {
            Files.setAttribute(fixture.place(), "unix:uid", 0);
        }
    }

    @Test
    void shouldNotFollowALinkToItsFolder() throws Exception {
        Path real = Files.createDirectory(fixture.runtime().resolve("real"));
        Files.createSymbolicLink(fixture.place(), real);
        try (ClientListener listener = ClientListener.open(real.resolve("daemon"), 1);
                MessageBuffer room = new MessageBuffer()) {
            for (String run : new String[] {"$J", "$C $J"}) {
                Command cold = fixture.shell("exec " + run + " run $G/hello.hvt a");
                assertEquals(new Command(0, HELLO, ""), cold);
            }
            assertEquals(1, fixture.daemon("start").status());
            assertEquals(Optional.empty(), listener.accept(room).map(client -> "a client"));
        } finally {
            Files.delete(fixture.place());
        }
    }

    @Test
    void shouldNotListenInAFolderOfAnother() throws Exception {
        giveAway(fixture.runtime());
        try {
            Command start = fixture.daemon("start");
            assertTrue(start.stderr().contains("is a folder of user " + NOBODY), start::toString);
            assertEquals(1, start.status());
            assertFalse(Files.exists(fixture.place()));
        } finally {
            Files.setAttribute(fixture.runtime(), "unix:uid", 0);
        }
    }
}
