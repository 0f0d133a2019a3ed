package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guest http answers the host's own TCP, over networks good and bad. */
@RequiresKvm
@RequiresRoot
final class HttpGuestIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    // Where ring 0 is emulated, each byte takes long.
    @ParameterizedTest
    @CsvSource({
        "http.hvt, 3, 1500, 4000000, 0, ''",
        "http.hvt, 3, 1500, 4000000, 0, noring",
        "http.hvt, 3, 65521, 20000000, 0, ''",
        "http.hvt, 3, 1500, 200000, 10, ''",
        "http.hvt, 3, 9000, 400000, 10, noring",
        "http.hvt, 0, 1500, 30000, 0, ''",
        "http.v1.hvt, 3, 1500, 1000000, 0, ''",
        "http.v03.ukvm, 3, 1500, 1000000, 0, ''",
        "http.ukvm, 3, 1500, 1000000, 0, ''"
    })
    void shouldServe(String guest, int ring, int mtu, int large, int perMille, String word)
            throws Exception {
        try (Namespace host = Namespace.open()) {
            host.tap("tap0", "10.0.0.1/24", mtu);
            List<String> line =
                    host.line(
                            Command.mainLine(
                                    HttpTrial.class,
                                    List.of(),
                                    Guests.prebuilt(guest).toString(),
                                    Integer.toString(ring),
                                    Integer.toString(large),
                                    Integer.toString(perMille),
                                    word));
            Command trial = Command.program(PATIENCE, Map.of(), line.toArray(String[]::new));
            assertEquals("SUCCESS\n", trial.stdout(), trial.stderr());
        }
    }

    @Test
    void shouldEndAfterAsManyRequestsAsToldTo() throws Exception {
        try (Namespace host = Namespace.open()) {
            host.tap("tap0", "10.0.0.1/24", 1500);
            String[] words = {
                "run",
                "--mem=16",
                "--deadline=200s",
                "--net:service0=tap0",
                Guests.prebuilt("http.hvt").toString(),
                "--ipv4=10.0.0.2/24",
                "--ipv4-gateway=10.0.0.1",
                "limit=1"
            };
            try (BackgroundCommand guest =
                    BackgroundCommand.start(host.line(Command.line(words)))) {
                guest.awaitOutput("address 10.0.0.2/24, gateway 10.0.0.1, MTU is 1500\n");
                String ask =
                        "exec 3<>/dev/tcp/10.0.0.2/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3;";
                assertEquals(0, host.run("bash", "-c", ask + " grep -q Hello <&3").status());
                Command ended = guest.await();
                assertEquals(0, ended.status(), ended.stderr());
                assertTrue(ended.stdout().contains("1 requests answered\n"), ended.stdout());
            }
        }
    }

    // Its stack as a program of the host, which finds what no peer of the kernel's would do.
    @Test
    void shouldBearHostileFramesAndLeases(@TempDir Path folder) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "there is no gcc");
        Path sources = Guests.ROOT.resolve("guest-images");
        Command checked =
                Command.program(
                        PATIENCE,
                        Map.of(),
                        "make",
                        "-C",
                        sources.toString(),
                        "OUT=" + folder,
                        "check");
        assertTrue(checked.stdout().contains("SUCCESS"), checked.stderr());
    }
}
