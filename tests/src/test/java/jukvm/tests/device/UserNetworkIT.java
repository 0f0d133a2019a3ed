package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests reach the world and are reached by passt, in a JVM of their own and by the daemon. */
@RequiresKvm
@RequiresRoot
@RequiresPasst
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UserNetworkIT {
    private static final Pattern PUBLISHED =
            Pattern.compile("echo\\.hvt: published 127\\.0\\.0\\.1:(\\d+):7/udp\n");
    private static final String DEAD =
            "echo.hvt: device 'service0': passt: has ended; the guest goes on without it\n";

    private DaemonFixture fixture;
    private Namespace host;

    @BeforeAll
    void startDaemon() throws Exception {
        fixture = DaemonFixture.common();
        fixture.startDaemon();
    }

    @AfterAll
    void stopDaemon() {
        fixture.close();
    }

    @BeforeEach
    void open() throws Exception {
        host = Namespace.open();
        host.route("192.0.2.1");
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private BackgroundCommand begin(String daemon, String options) throws IOException {
        String script = "exec $J run --mem=16 " + options + " $G/echo.hvt address=10.0.2.15";
        return BackgroundCommand.start(
                host.line(List.of("sh", "-c", script)), fixture.environment(daemon));
    }

    private BackgroundCommand start(String daemon, String options) throws Exception {
        BackgroundCommand guest = begin(daemon, options);
        guest.awaitOutput("MTU is ");
        return guest;
    }

    private static int port(BackgroundCommand guest) throws IOException {
        Matcher published = PUBLISHED.matcher(guest.errors());
        assertTrue(published.find(), guest.errors());
        return Integer.parseInt(published.group(1));
    }

    @ParameterizedTest
    @CsvSource({"off, 3", "off, 0", "auto, 3", "auto, 0"})
    void shouldLeadAPublishedPortToTheGuest(String daemon, int ring) throws Exception {
        try (BackgroundCommand guest =
                start(
                        daemon,
                        "--ring=" + ring + " --net:service0=user,mtu=9000 --publish 0:7/udp")) {
            guest.awaitOutput("MTU is 9000");
            host.askByUdp(port(guest));
            List<ProcessHandle> passts = host.passts();
            assertEquals(1, passts.size());
            // By the daemon it is the client's.
            assertEquals(guest.pid(), passts.get(0).parent().orElseThrow().pid());
            Command ended = guest.stop();
            assertEquals(List.of(), host.passts(), "left when the command had ended");
            assertEquals(1, ended.status());
            assertTrue(ended.stderr().endsWith("guest stopped by a signal\n"), ended.stderr());
            assertEquals(2, ended.stderr().lines().count(), ended.stderr());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldGoOnWithoutPasstThatIsKilled(String daemon) throws Exception {
        try (BackgroundCommand guest = start(daemon, "--net:service0=user")) {
            host.passts().get(0).destroyForcibly();
            long start = System.nanoTime();
            while (!guest.errors().endsWith(DEAD)) {
                assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), guest.errors());
                Thread.sleep(10);
            }
            assertTrue(guest.isAlive());
            assertEquals(2, guest.stop().stderr().lines().count());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldEndPasstWhenTheCommandIsKilled(String daemon) throws Exception {
        try (BackgroundCommand guest = start(daemon, "--net:service0=user --publish 0:7/udp")) {
            assertEquals(1, host.passts().size());
            ProcessHandle.of(guest.pid()).orElseThrow().destroyForcibly();
            host.awaitNoPasst();
        }
        fixture.idle();
    }

    @Test
    void shouldEndPasstWhenTheDaemonIsKilled() throws Exception {
        DaemonFixture other = DaemonFixture.common();
        try {
            other.startDaemon();
            String script = "exec $J run --net:service0=user $G/echo.hvt";
            try (BackgroundCommand guest =
                    BackgroundCommand.start(
                            host.line(List.of("sh", "-c", script)), other.environment("auto"))) {
                guest.awaitOutput("MTU is ");
                ProcessHandle.of(other.status().pid()).orElseThrow().destroyForcibly();
                assertEquals(1, guest.await().status());
                host.awaitNoPasst();
            }
        } finally {
            other.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldSayInOneLineThatAPortIsTaken(String daemon) throws Exception {
        String options = "--net:service0=user --publish 0:7/udp";
        try (BackgroundCommand first = start(daemon, options)) {
            int port = port(first);
            try (BackgroundCommand second = begin(daemon, options.replace("0:7", port + ":7"))) {
                Refusal.assertRefused(
                        second.await(),
                        "127.0.0.1:" + port + "/udp: bind: EADDRINUSE",
                        "Name another port");
            }
            // TCP's port is another.
            start(daemon, "--net:service0=user --publish " + port + ":7").close();
        }
        host.awaitNoPasst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldSayInOneLineThatThereIsNoNetwork(String daemon) throws Exception {
        host.shell("ip route del default");
        try (BackgroundCommand guest = begin(daemon, "--net:service0=user")) {
            Refusal.assertRefused(
                    guest.await(), "passt: ", "interface", "The host needs a default route");
        }
    }

    @Test
    void shouldSayInOneLineThatPasstIsNotInstalled() throws Exception {
        List<String> cold = new ArrayList<>(List.of("env", "PATH=/nowhere"));
        String guest = Guests.prebuilt("echo.hvt").toString();
        cold.addAll(Command.line("run", "--net:service0=user", guest));
        String served = "PATH=/nowhere; exec $J run --net:service0=user $G/echo.hvt";
        for (List<String> line : List.of(cold, List.of("sh", "-c", served))) {
            try (BackgroundCommand run =
                    BackgroundCommand.start(host.line(line), fixture.environment("auto"))) {
                Refusal.assertRefused(run.await(), "passt: is not on PATH. Install passt, or");
            }
        }
    }
}
