package jukvm.tests.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.device.PublishedPort;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.guest.Outcome;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with 256 MiB that was ready once answers each request by a clone from its file: of cold
 * processes, of the daemon, of a program with the library.
 */
@RequiresKvm
@RequiresPasst
@Soak
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SnapshotHttpIT {
    private static final int CLONES = Integer.getInteger("jukvm.soak.clones", Soak.LONG ? 300 : 5);
    private static final Pattern PUBLISHED = Pattern.compile("published 127\\.0\\.0\\.1:(\\d+):80");
    private static final int TIMEOUT = (int) Run.LONG.toMillis();

    private Path snapshot;

    @BeforeAll
    void write(@TempDir Path folder) throws Exception {
        snapshot = folder.resolve("web.snap");
        Command written =
                Command.run(
                        "snapshot",
                        "--mem=256",
                        "--net:service0=user",
                        "--output=" + snapshot,
                        Guests.prebuilt("http.hvt").toString(),
                        "--ipv4=10.0.2.15/24",
                        "--ipv4-gateway=10.0.2.2",
                        "limit=1");
        assertEquals("", written.stderr());
        assertEquals(0, written.status());
        assertTrue(written.stdout().contains("serves HTTP on port 80"), written.stdout());
    }

    private static String get(int port) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + port + "/");
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT);
        connection.setReadTimeout(TIMEOUT);
        try (InputStream answer = connection.getInputStream()) {
            return new String(answer.readAllBytes(), UTF_8);
        }
    }

    private void askClone(Map<String, String> environment) throws Exception {
        String line = "exec $J run --net:service0=user --publish=0:80 '" + snapshot + "'";
        try (BackgroundCommand run =
                BackgroundCommand.start(List.of("sh", "-c", line), environment)) {
            assertEquals("Hello from a jukvm guest\n", get(port(run)));
            Command ended = run.await();
            assertEquals(0, ended.status(), ended.stderr());
            assertTrue(ended.stdout().endsWith("SUCCESS\n"), ended.stdout());
        }
    }

    private static int port(BackgroundCommand run) throws Exception {
        long start = System.nanoTime();
        while (true) {
            Matcher published = PUBLISHED.matcher(run.errors());
            if (published.find()) {
                return Integer.parseInt(published.group(1));
            }
            assertTrue(run.isAlive(), run::toString);
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), run.errors());
            Thread.sleep(1);
        }
    }

    @Test
    void shouldAnswerByColdProcesses() throws Exception {
        DaemonFixture fixture = DaemonFixture.resident();
        for (int i = 0; i < CLONES; i++) {
            askClone(fixture.environment("off"));
        }
    }

    @Test
    void shouldAnswerByTheDaemon() throws Exception {
        DaemonFixture fixture = DaemonFixture.resident();
        for (int i = 0; i < CLONES; i++) {
            askClone(fixture.environment("auto"));
        }
    }

    @Test
    void shouldAnswerByTheLibrary() throws Exception {
        try (Monitor monitor = Monitor.open();
                Snapshot ready = monitor.openSnapshot(snapshot);
                UserNetwork network =
                        UserNetwork.open(
                                UserNetworkSpec.usual()
                                        .mac(ready.mac("service0").orElseThrow())
                                        .publish(PublishedPort.tcp(0, 80)))) {
            assertEquals(256L << 20, ready.memory());
            assertTrue(ready.bytes() < 4 << 20, () -> ready.bytes() + " bytes");
            int port = network.published().get(0).getPort();
            for (int i = 0; i < CLONES; i++) {
                GuestSpec clone = GuestSpec.of(ready).deadline(Run.LONG).net("service0", network);
                try (GuestRun run = monitor.start(clone)) {
                    assertEquals("Hello from a jukvm guest\n", get(port));
                    assertEquals(new Outcome.Exited(0), run.await().outcome());
                }
            }
        }
    }
}
