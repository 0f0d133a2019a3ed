package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command takes for an interface, and what it says of all else. */
@RequiresKvm
@RequiresRoot
final class TapErrorsIT {
    private static final String ECHO = Guests.prebuilt("echo.hvt").toString();

    // Attaches to an interface, then becomes the command with the descriptor's number for FD.
    // 0x400454ca is TUNSETIFF, 0x1002 IFF_TAP | IFF_NO_PI; $^F keeps descriptors open on exec.
    private static final String OPENER =
            "$^F = 99; open(my $tap, '+<', '/dev/net/tun') or die $!;"
                    + " my $request = pack('a16Sx22', 'tap0', FLAGS);"
                    + " ioctl($tap, 0x400454ca, $request) or die $!;"
                    + " my $fd = fileno $tap; s/\\@FD$/\\@$fd/ for @ARGV; exec @ARGV";

    private Namespace host;

    @BeforeEach
    void open() throws Exception {
        host = Namespace.open();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static String[] run(String... options) {
        List<String> line = new ArrayList<>(List.of("run", "--mem=16", "--deadline=120s"));
        line.addAll(List.of(options));
        return Command.line(line.toArray(String[]::new)).toArray(String[]::new);
    }

    private void assertRefused(Namespace.Result result, String message) {
        assertEquals("jukvm: Could not attach interface: " + message + "\n", result.output());
        assertEquals(1, result.status());
    }

    private void assertRefused(String tap, String message) throws Exception {
        assertRefused(host.run(run("--net:service0=" + tap, ECHO)), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "@99; @99: is not an open descriptor",
                "@0; @0: is not a TAP descriptor",
                "@x; @x: is not @ and the number of an inherited descriptor, as in"
                        + " --net:service0=@3",
                "@-1; @-1: is not @ and the number of an inherited descriptor, as in"
                        + " --net:service0=@3",
                "@2147483648; @2147483648: no descriptor has a number above 2147483647",
                "tap%d; tap%d: is no name of an interface: it contains '%', '/' or ':'",
                "../x; ../x: is no name of an interface: it contains '%', '/' or ':'",
                "abcdefghijklmnop; abcdefghijklmnop: is no name of an interface: it has 16 bytes,"
                        + " and may have 15",
                "tap7; tap7: there is no such interface. Make it: ip tuntap add tap7 mode tap &&"
                        + " ip link set tap7 up"
            })
    void shouldSayWhatIsWrong(String tap, String message) throws Exception {
        assertRefused(tap, message);
        assertEquals("lo", host.shell("ip -o link | cut -d : -f 2").strip());
    }

    @Test
    void shouldRefuseAnInterfaceThatIsDown() throws Exception {
        host.shell("ip tuntap add tap0 mode tap");
        assertRefused("tap0", "tap0: the interface is down. Bring it up: ip link set tap0 up");
    }

    @Test
    void shouldRefuseAnInterfaceThatIsNoTap() throws Exception {
        host.shell("ip tuntap add tun0 mode tun; ip link set tun0 up");
        Namespace.Result result = host.run(run("--net:service0=tun0", ECHO));
        assertEquals(1, result.status());
        assertTrue(result.output().contains("tun0: "), result.output());
        assertEquals(1, result.output().lines().count());
    }

    @Test
    void shouldNameWhoHasTheInterface() throws Exception {
        host.tap("tap0", "10.0.0.1/24", 1500);
        try (BackgroundCommand first =
                BackgroundCommand.start(host.line(List.of(run("--net:service0=tap0", ECHO))))) {
            first.awaitOutput("MTU is ");
            assertRefused(
                    "tap0",
                    "tap0: is in use by pid "
                            + first.pid()
                            + " (java). An interface serves one process at a time.");
            assertTrue(first.isAlive());
            first.stop();
        }
    }

    private static List<String> opener(String flags, String... command) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "no perl");
        String script = OPENER.replace("FLAGS", flags);
        List<String> line = new ArrayList<>(List.of("/usr/bin/perl", "-e", script));
        line.addAll(List.of(command));
        return line;
    }

    @Test
    void shouldServeADescriptorThatItInherits() throws Exception {
        host.tap("tap0", "10.0.0.1/24", 9000);
        List<String> line = opener("0x1002", run("--net:service0=@FD", ECHO, "limit=20"));
        try (BackgroundCommand guest = BackgroundCommand.start(host.line(line))) {
            guest.awaitOutput("MTU is 9000");
            // One at a time: of many answers a ping that gets no turn loses those it has no room
            // for.
            host.shell(
                    "for i in $(seq 20); do ping -q -c 1 -W 60 -M do -s 8972 10.0.0.2 || exit;"
                            + " done");
            Command ended = guest.await();
            assertEquals(0, ended.status(), ended::toString);
            assertEquals("", ended.stderr());
            assertTrue(ended.stdout().endsWith("SUCCESS\n"), ended.stdout());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0x0002 | puts packet information before frames; set IFF_NO_PI",
                "0x5002 | puts a virtio header before frames; clear IFF_VNET_HDR"
            })
    void shouldRefuseADescriptorThatPassesMoreThanFrames(String flags, String message)
            throws Exception {
        host.tap("tap0", "10.0.0.1/24", 1500);
        List<String> line = opener(flags, run("--net:service0=@FD", ECHO));
        Namespace.Result result = host.run(line.toArray(String[]::new));
        assertEquals(1, result.status());
        assertTrue(result.output().endsWith(": " + message + "\n"), result.output());
        assertEquals(1, result.output().lines().count());
    }

    @Test
    void shouldRefuseATunDescriptor() throws Exception {
        host.shell("ip tuntap add tap0 mode tun; ip link set tap0 up");
        List<String> line = opener("0x1001", run("--net:service0=@FD", ECHO));
        Namespace.Result result = host.run(line.toArray(String[]::new));
        assertEquals(1, result.status());
        assertTrue(result.output().contains("is a TUN descriptor"), result.output());
    }
}
