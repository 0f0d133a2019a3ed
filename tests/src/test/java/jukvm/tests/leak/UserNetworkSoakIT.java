package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.RequiresRoot;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whoever of jukvm, its client and passt is killed, and whenever: nothing is left, and the port
 * that was published can be published again. {@code -Djukvm.seed} repeats a run's moments.
 */
@Soak
@RequiresKvm
@RequiresRoot
@RequiresPasst
final class UserNetworkSoakIT {
    private static final int KILLS = Integer.getInteger("jukvm.soak.kills", Soak.LONG ? 200 : 12);
    private static final int IN_TURN = Soak.LONG ? 1000 : 30;
    private static final int AT_ONCE = Soak.LONG ? 100 : 15;
    private static final int PORT = 9007;

    private DaemonFixture fixture;
    private Namespace host;

    @BeforeEach
    void start() throws Exception {
        host = Namespace.open();
        host.route("192.0.2.1");
        fixture = DaemonFixture.common();
        fixture.startDaemon();
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        host.close();
    }

    @Test
    void shouldLeaveNothingWhoeverIsKilled() throws Exception {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("UserNetworkSoakIT: -Djukvm.seed=" + seed + ", " + KILLS + " kills");
        Random random = new Random(seed);
        String script = "exec $J run --net:service0=user --publish " + PORT + ":7/udp $G/echo.hvt";
        for (int i = 0; i < KILLS; i++) {
            boolean isCold = random.nextInt(4) == 0;
            boolean isPasst = random.nextBoolean();
            long millis = random.nextInt(isCold ? 1500 : 150);
            try (BackgroundCommand guest =
                    BackgroundCommand.start(
                            host.line(List.of("sh", "-c", script)),
                            fixture.environment(isCold ? "off" : "auto"))) {
                Thread.sleep(millis);
                if (isPasst) {
                    host.passts().forEach(ProcessHandle::destroyForcibly);
                    guest.stop();
                } else {
                    ProcessHandle.of(guest.pid()).ifPresent(ProcessHandle::destroyForcibly);
                    guest.await();
                }
            }
            host.awaitNoPasst();
        }
        fixture.idle();
    }

    @Test
    void shouldLeaveNothingOfManyGuests() throws Exception {
        String run =
                "$J run --mem=4 --net:service0=user --publish 0:7/udp $G/net-throughput.hvt send 6000 60";
        awaitAll(run + " >/dev/null 2>&1 || echo failed", 1, 2);
        OpenFiles before = OpenFiles.ofGuests(fixture.status().pid());
        awaitAll(run + " >/dev/null 2>&1 || echo failed", 1, IN_TURN);
        awaitAll(run + " >/dev/null 2>&1 || echo failed", AT_ONCE, 1);
        host.awaitNoPasst();
        fixture.idle();
        before.assertNothingMore();
    }

    // So many at once, each so often.
    private void awaitAll(String run, int atOnce, int times) throws Exception {
        String script =
                "i=0; while [ $i -lt %d ]; do (j=0; while [ $j -lt %d ]; do %s; j=$((j+1)); done) &"
                                .formatted(atOnce, times, run)
                        + " i=$((i+1)); done; wait";
        try (BackgroundCommand all =
                BackgroundCommand.start(
                        host.line(List.of("sh", "-c", script)), fixture.environment("auto"))) {
            assertEquals(new Command(0, "", ""), all.await());
        }
    }
}
