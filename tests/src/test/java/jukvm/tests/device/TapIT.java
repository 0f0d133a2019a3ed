package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of the command answer the host's ping through TAP interfaces. */
@RequiresKvm
@RequiresRoot
final class TapIT {
    private static final Pattern COUNTS =
            Pattern.compile("(\\d+) packets transmitted, (\\d+) received, ");
    private static final long SECONDS = Patience.of(Duration.ofMinutes(3)).toSeconds();
    private static final int FLOOD = Patience.fewer(30_000);

    // Ping asks on while the guest has no processor: these it has not answered yet, not lost.
    private static final int UNDER_WAY = 100;

    private static final String MAC = "02:00:00:c0:ff:ee";

    private Namespace host;
    @TempDir private Path folder;

    @BeforeEach
    void open() throws Exception {
        host = Namespace.open();
        host.tap("tap0", "10.0.0.1/24", 1500);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    /** Starts a guest and waits until it has begun. */
    private BackgroundCommand start(String guest, String... options) throws Exception {
        List<String> line =
                new ArrayList<>(List.of("run", "--mem=16", "--deadline=" + (SECONDS + 20) + "s"));
        line.addAll(List.of(options));
        line.add(Guests.prebuilt(guest).toString());
        BackgroundCommand started =
                BackgroundCommand.start(host.line(Command.line(line.toArray(String[]::new))));
        started.awaitOutput("MTU is ");
        return started;
    }

    /**
     * Pings until so many answers have come, and wants none to be lost; returns what ping said. It
     * goes on asking until then: without -w it waits for the last answer twice as long as for the
     * slowest before, which is nothing on a host that is busy just then.
     */
    private String ping(int count, String options, String address) throws Exception {
        String said =
                host.shell(
                        "ping -q -w SECONDS -c ".replace("SECONDS", SECONDS + "")
                                + count
                                + " "
                                + options
                                + " "
                                + address);
        Matcher numbers = COUNTS.matcher(said);
        assertTrue(numbers.find(), said);
        int sent = Integer.parseInt(numbers.group(1));
        int received = Integer.parseInt(numbers.group(2));
        assertTrue(received >= count && sent - received <= UNDER_WAY, said);
        return said;
    }

    /**
     * Returns the errors and drops of an interface, received and sent, those of before its guest
     * included: the host may have had something to say when nobody listened.
     */
    private List<String> losses(String tap) throws Exception {
        // The lines after RX and TX: bytes, packets, errors, dropped and others.
        Pattern line = Pattern.compile("[RT]X: .*\\n +\\d+ +\\d+ +(\\d+ +\\d+) ");
        String statistics = host.shell("ip -s link show " + tap);
        return line.matcher(statistics).results().map(match -> match.group(1)).toList();
    }

    private static void assertStopped(Command ended) {
        assertEquals(1, ended.status(), ended::toString);
        assertTrue(ended.stderr().endsWith("guest stopped by a signal\n"), ended.stderr());
        assertEquals(1, ended.stderr().lines().count(), ended.stderr());
    }

    @ParameterizedTest
    @CsvSource({"'', true", "--no-net-ring, false"})
    void shouldOfferARingUnderTheNameOfSolo5UnlessToldNot(String option, boolean offered)
            throws Exception {
        List<String> line = new ArrayList<>(Command.line("--mem=16", "--net:service0=tap0"));
        line.add(1, "-Djukvm.as=solo5-hvt");
        if (!option.isEmpty()) {
            line.add(option);
        }
        line.addAll(List.of("--", Guests.prebuilt("echo.hvt").toString()));
        try (BackgroundCommand guest = BackgroundCommand.start(host.line(line))) {
            // It says so after all else, before it first answers.
            guest.awaitOutput(offered ? "uses the ring" : "MTU is ");
            ping(1, "-i 1", "10.0.0.2");
            assertEquals(offered, guest.output().contains("uses the ring"), guest.output());
            assertEquals(1, guest.stop().status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAnswerAFloodAndLoseNothing(boolean usesRing) throws Exception {
        List<String> options = new ArrayList<>(List.of("--ring=3", "--net:service0=tap0"));
        if (!usesRing) {
            options.add("--no-net-ring");
        }
        try (BackgroundCommand guest = start("echo.hvt", options.toArray(String[]::new))) {
            List<String> before = losses("tap0");
            ping(FLOOD, "-f", "10.0.0.2");
            assertEquals(2, before.size());
            assertEquals(before, losses("tap0"));
            assertEquals(usesRing, guest.output().contains("uses the ring"));
            assertStopped(guest.stop());
        }
    }

    @Test
    void shouldAnswerAtRing0() throws Exception {
        try (BackgroundCommand guest = start("echo.hvt", "--ring=0", "--net:service0=tap0")) {
            ping(500, "-i 0.002", "10.0.0.2");
            assertStopped(guest.stop());
        }
    }

    @Test
    void shouldServeTwoInterfacesAtOnce() throws Exception {
        host.tap("tap1", "10.1.0.1/24", 1500);
        try (BackgroundCommand guest =
                start("echo2.hvt", "--net:service0=tap0", "--net:service1=tap1")) {
            CompletableFuture<String> other =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return ping(FLOOD / 6, "-f", "10.1.0.2");
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            },
                            Run.THREADS);
            ping(FLOOD / 6, "-f", "10.0.0.2");
            other.join();
            assertStopped(guest.stop());
        }
    }

    @ParameterizedTest
    @CsvSource({"echo.hvt,--net=tap0", "echo.hvt,--no-net-ring", "echo.v03.ukvm,--net=tap0"})
    void shouldCarryFramesOfEverySize(String guest, String option) throws Exception {
        host.shell("ip link set tap0 mtu 9000");
        String[] options =
                option.startsWith("--net=")
                        ? new String[] {option}
                        : new String[] {"--net=tap0", option};
        try (BackgroundCommand echo = start(guest, options)) {
            // Before hvt 0.6 a guest is not told, and sends no more than Ethernet allows.
            boolean isTold = guest.endsWith(".hvt");
            if (isTold) {
                echo.awaitOutput("MTU is 9000");
            }
            for (int size : isTold ? new int[] {0, 1, 56, 1472, 8972} : new int[] {0, 1, 1472}) {
                String said = ping(20, "-i 0.002 -M do -p deadbeef -s " + size, "10.0.0.2");
                assertTrue(!said.contains("wrong") && !said.contains("DUP"), said);
            }
            assertStopped(echo.stop());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo.v1.hvt", "echo.v03.ukvm", "echo.ukvm"})
    void shouldServeGuestsOfEveryGeneration(String guest) throws Exception {
        host.tap("tap100", "10.0.0.1/24", 1500);
        host.shell("ip address del 10.0.0.1/24 dev tap0");
        for (int ring : new int[] {0, 3}) {
            try (BackgroundCommand echo = start(guest, "--ring=" + ring, "--net=tap100")) {
                ping(50, "-i 0.002", "10.0.0.2");
                assertStopped(echo.stop());
            }
        }
    }

    // What the host calls a cable pulled: frames are lost meanwhile, and nothing else is.
    @Test
    void shouldOutliveAnInterfaceThatGoesDownForAWhile() throws Exception {
        Path report = folder.resolve("report.json");
        try (BackgroundCommand guest =
                start("echo.hvt", "--net:service0=tap0", "--report=" + report)) {
            ping(50, "-f", "10.0.0.2");
            host.shell("ip link set tap0 down");
            Namespace.Result lost = host.run("ping", "-c", "1", "-W", "1", "10.0.0.2");
            assertTrue(lost.status() != 0, lost.output());
            host.shell("ip link set tap0 up");
            ping(50, "-i 0.002", "10.0.0.2");
            assertStopped(guest.stop());
        }
        assertEquals(0, number(Files.readString(report), "frames_refused"));
    }

    @Test
    void shouldGoOnWithoutAnInterfaceThatIsDeleted() throws Exception {
        host.tap("tap1", "10.1.0.1/24", 1500);
        try (BackgroundCommand guest =
                start("echo2.hvt", "--net:service0=tap0", "--net:service1=tap1")) {
            ping(50, "-f", "10.0.0.2");
            host.shell("ip link del tap0");
            long before = guest.cpuNanos();
            Thread.sleep(2000);
            Duration used = Duration.ofNanos(guest.cpuNanos() - before);
            assertTrue(used.toMillis() < 1000, "it spins: " + used);
            ping(200, "-f", "10.1.0.2");
            Command ended = guest.stop();
            List<String> lines = ended.stderr().lines().toList();
            assertEquals(2, lines.size(), ended.stderr());
            // Found by waiting for a frame, or by a read or write, which say more.
            assertTrue(
                    lines.get(0)
                            .matches(
                                    ".*: device 'service0': (tap0: (read|write): EBADFD .*; the interface )?"
                                            + "has vanished; the guest goes on without it"),
                    lines.get(0));
        }
    }

    @Test
    void shouldTellTheGuestWhatItsInterfaceHas() throws Exception {
        host.tap("tap1", "10.1.0.1/24", 1400);
        List<String> line =
                host.line(
                        Command.line(
                                "run",
                                "--expand",
                                "--mem=16",
                                "--deadline=200s",
                                "--net:service0=tap1",
                                Guests.prebuilt("net-throughput.hvt").toString(),
                                "send {mtu:service0} {mtu}"));
        try (BackgroundCommand guest = BackgroundCommand.start(line)) {
            Command ended = guest.await();
            assertTrue(ended.stdout().contains("sent 1400 bytes, 1 frames in "), ended.toString());
        }
        String[] unknown = {
            "run",
            "--expand",
            "--net:service0=tap1",
            Guests.prebuilt("http.hvt").toString(),
            "--ipv4={ipv4}"
        };
        Command refused =
                Command.program(
                        Command.PATIENCE,
                        Map.of(),
                        host.line(Command.line(unknown)).toArray(String[]::new));
        assertEquals(1, refused.status(), refused.toString());
        assertTrue(
                refused.stderr().contains("interface 'service0' has no IPv4 address"),
                refused.stderr());
    }

    @Test
    void shouldBeKnownByTheAddressThatWasAskedFor() throws Exception {
        try (BackgroundCommand guest =
                start("echo.hvt", "--net:service0=tap0", "--net-mac:service0=" + MAC)) {
            guest.awaitOutput("MAC " + MAC);
            ping(3, "-i 0.002", "10.0.0.2");
            String neighbours = host.shell("ip neigh show 10.0.0.2");
            assertTrue(neighbours.contains("lladdr " + MAC), neighbours);
            assertStopped(guest.stop());
        }
    }

    @Test
    void shouldCaptureWhatThePingWas() throws Exception {
        Path file = folder.resolve("service0.pcapng");
        Path report = folder.resolve("report.json");
        String capture = "--net-pcap:service0=" + file;
        try (BackgroundCommand guest =
                start("echo.hvt", "--net:service0=tap0", capture, "--report=" + report)) {
            ping(100, "-i 0.002", "10.0.0.2");
            assertStopped(guest.stop());
        }
        long[] frames = frames(file);
        String document = Files.readString(report);
        assertEquals(number(document, "frames_read"), frames[0]);
        assertEquals(number(document, "frames_written"), frames[1]);
        assertTrue(frames[0] >= 100 && frames[1] >= 100, document);
    }

    private static long number(String document, String field) {
        Matcher found = Pattern.compile("\"" + field + "\" *: *(\\d+)").matcher(document);
        assertTrue(found.find(), document);
        return Long.parseLong(found.group(1));
    }

    // The format: draft-ietf-opsawg-pcapng, blocks of type, length, body and length once more.
    private static long[] frames(Path path) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        long[] frames = new long[2];
        assertEquals(0x0a0d0d0a, file.getInt(0));
        while (file.hasRemaining()) {
            int start = file.position();
            int length = file.getInt(start + 4);
            assertTrue(length % 4 == 0 && length >= 12 && length <= file.remaining());
            assertEquals(length, file.getInt(start + length - 4));
            if (file.getInt(start) == 6) {
                int captured = file.getInt(start + 20);
                assertTrue(captured >= 14 && captured <= 1518, "a frame of " + captured);
                int options = start + 28 + (captured + 3) / 4 * 4;
                assertEquals(2 | 4 << 16, file.getInt(options), "the first option tells which way");
                frames[(file.getInt(options + 4) & 3) - 1]++;
            }
            file.position(start + length);
        }
        return frames;
    }
}
