package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A TAP interface serves a guest whatever another program has set it to before, and by whatever
 * name.
 */
@RequiresKvm
@RequiresRoot
final class TapUsedIT {
    // Attaches to tap0 with FLAGS and makes a SETTING. By a name it is left behind; by a
    // descriptor, whose number takes the place of FD, the command has it.
    private static final String USER =
            "$^F = 99; open(my $tap, '+<', '/dev/net/tun') or die $!;"
                    + " my $word = pack('a16Sx22', 'tap0', FLAGS);"
                    + " ioctl($tap, 0x400454ca, $word) or die $!;"
                    + " my ($request, $value) = (SETTING); ioctl($tap, $request, $value) or die $!;"
                    + " exit 0 if !@ARGV;"
                    + " my $fd = fileno $tap; s/\\@FD$/\\@$fd/ for @ARGV; exec @ARGV";

    // The request's number, and what it is given.
    private static final String OFFLOADS = "0x400454d0, 7";
    private static final String ANOTHERS_ADDRESS =
            "0x400454d1, pack('SSa6', 0, 1, qq(\\2\\0\\0\\0\\0\\7))";
    private static final String NO_ROOM = "0x400454d4, pack('i', 1)";
    private static final String UNPLUGGED = "0x400454e2, pack('i', 0)";
    private static final String NO_QUEUE = "0x400454d9, pack('x16Sx22', 0x400)";

    private static final String DATAGRAMS =
            "perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0) or die; send(S, q(x) x $_, 0,"
                    + " pack_sockaddr_in(9, inet_aton(q(10.0.0.2)))) or die for 20, 101, 1000'";

    private Namespace host;
    @TempDir private Path folder;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "no perl");
        host = Namespace.open();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static String[] perl(String flags, String setting) {
        String script = USER.replace("FLAGS", flags).replace("SETTING", setting);
        return new String[] {"/usr/bin/perl", "-e", script};
    }

    private List<String> echo(String tap) {
        return Command.line(
                "run",
                "--mem=16",
                "--deadline=80s",
                "--net:service0=" + tap,
                "--net-pcap:service0=" + folder.resolve("pcapng"),
                Guests.prebuilt("echo.hvt").toString());
    }

    private void assertServes(List<String> line) throws Exception {
        try (BackgroundCommand guest = BackgroundCommand.start(host.line(line))) {
            guest.awaitOutput("MTU is ");
            String said = host.shell("ping -q -w 40 -c 5 -i 0.002 10.0.0.2");
            // On a slow host more are under way by the time that five are answered.
            assertTrue(said.matches("(?s).* ([5-9]|\\d\\d+) received.*"), said);
            host.shell(DATAGRAMS);
            // What comes after them has passed, and so have they.
            host.shell("ping -q -w 40 -c 5 -i 0.002 10.0.0.2");
            guest.stop();
        }
        assertEquals(3, wholeDatagrams(folder.resolve("pcapng")));
    }

    @ParameterizedTest
    @ValueSource(strings = {OFFLOADS, ANOTHERS_ADDRESS, NO_ROOM, UNPLUGGED})
    void shouldServeAnInterfaceThatAnotherHasUsed(String setting) throws Exception {
        host.tap("tap0", "10.0.0.1/24", 1500);
        Namespace.Result used = host.run(perl("0x5002", setting));
        assertEquals(new Namespace.Result(0, ""), used);
        assertServes(echo("tap0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {OFFLOADS, ANOTHERS_ADDRESS, UNPLUGGED, NO_QUEUE})
    void shouldServeADescriptorThatIsSetSo(String setting) throws Exception {
        boolean hasQueues = setting.equals(NO_QUEUE);
        host.shell(
                "ip tuntap add tap0 mode tap "
                        + (hasQueues ? "multi_queue" : "")
                        + "; ip address add 10.0.0.1/24 dev tap0; ip link set tap0 up");
        List<String> line =
                new ArrayList<>(List.of(perl(hasQueues ? "0x1102" : "0x1002", setting)));
        line.addAll(echo("@FD"));
        assertServes(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wan0", "a-name-that-is-longer-than-an-interface-may-have"})
    void shouldFindAnInterfaceByAnAlternativeName(String name) throws Exception {
        host.tap("tap0", "10.0.0.1/24", 1500);
        Namespace.Result named =
                host.run("ip", "link", "property", "add", "dev", "tap0", "altname", name);
        assumeTrue(named.status() == 0, "no alternative names: " + named.output());
        assertServes(echo(name));
    }

    // Of the datagrams to port 9, those whose checksum is that of what they carry: RFC 768.
    private static int wholeDatagrams(Path path) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        int whole = 0;
        while (file.hasRemaining()) {
            int start = file.position();
            if (file.getInt(start) == 6) {
                ByteBuffer frame = file.slice(start + 28, file.getInt(start + 20));
                whole += isWholeDatagram(frame.order(ByteOrder.BIG_ENDIAN)) ? 1 : 0;
            }
            file.position(start + file.getInt(start + 4));
        }
        return whole;
    }

    private static boolean isWholeDatagram(ByteBuffer frame) {
        boolean isOne =
                frame.remaining() > 42
                        && frame.getShort(12) == 0x0800
                        && frame.get(23) == 17
                        && frame.getShort(36) == 9;
        if (!isOne) {
            return false;
        }
        int length = frame.getShort(38) & 0xffff;
        long sum = 17L + length;
        for (int at = 26; at < 34 + length; at += 2) {
            boolean isLast = at + 1 == 34 + length;
            sum += isLast ? (frame.get(at) & 0xff) << 8 : frame.getShort(at) & 0xffff;
        }
        return sum % 0xffff == 0 && frame.getShort(40) != 0;
    }
}
