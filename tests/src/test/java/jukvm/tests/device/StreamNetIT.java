package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of two commands that are wired together, and peers that guests cannot trust. */
@RequiresKvm
final class StreamNetIT {
    private static final String ECHO = "exec $J run --mem=16 --net:service0=NET $G/echo.hvt ";

    private DaemonFixture fixture;
    private Path folder = Path.of("");

    @BeforeEach
    void makeFolder() throws Exception {
        fixture = DaemonFixture.resident();
        folder = Files.createTempDirectory("jukvm"); // Short, since a socket's address is.
    }

    @AfterEach
    void removeFolder() throws Exception {
        Files.delete(folder);
    }

    /** Starts echo in the folder, with its network by a name in it. */
    private BackgroundCommand begin(String daemon, String net, String words) throws IOException {
        String script = "cd " + folder + "; " + ECHO.replace("NET", net) + words;
        return BackgroundCommand.start(List.of("sh", "-c", script), fixture.environment(daemon));
    }

    private static void awaitErrors(BackgroundCommand guest, String end) throws Exception {
        long start = System.nanoTime();
        while (!guest.errors().endsWith(end)) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), guest.errors());
            Thread.sleep(10);
        }
    }

    @ParameterizedTest
    @CsvSource({"off, auto", "auto, off", "auto, auto"})
    void shouldWireTwoGuestsTogether(String listening, String connecting) throws Exception {
        try (BackgroundCommand echo = begin(listening, "listen:wire", "")) {
            echo.awaitOutput("MTU is ");
            for (int i = 0; i < 2; i++) { // One after another.
                String ping = "address=10.0.0.3 ping=10.0.0.2 count=50";
                try (BackgroundCommand pinger = begin(connecting, "unix:wire", ping)) {
                    Command ended = pinger.await();
                    assertEquals("", ended.stderr());
                    assertTrue(ended.stdout().contains("50 sent, 50 received"), ended.stdout());
                }
            }
            assertEquals(1, echo.stop().stderr().lines().count());
        }
        assertFalse(Files.exists(folder.resolve("wire")), "left when the command had ended");
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldSayInOneLineThatNobodyWaits(String daemon) throws Exception {
        try (BackgroundCommand guest = begin(daemon, "unix:wire", "")) {
            Refusal.assertRefused(
                    guest.await(), "wire: connect: ENOENT", "Start what is to wait there first");
        }
        Path file = Files.writeString(folder.resolve("wire"), "mine");
        try (BackgroundCommand guest = begin(daemon, "listen:wire", "")) {
            Refusal.assertRefused(guest.await(), "wire: bind: EADDRINUSE");
        }
        assertEquals("mine", Files.readString(file));
        Files.delete(file);
    }

    @ParameterizedTest
    @CsvSource({"off, 0", "off, 13", "auto, -1", "auto, 1000000"})
    void shouldGoOnWithoutAPeerThatBreaksTheFraming(String daemon, int length) throws Exception {
        Path wire = folder.resolve("wire");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(wire));
            try (BackgroundCommand guest = begin(daemon, "unix:wire", "");
                    SocketChannel peer = server.accept()) {
                guest.awaitOutput("MTU is ");
                // What is not a whole frame is nothing to the guest, however long it lasts.
                peer.write(ByteBuffer.allocate(10).putInt(60).rewind());
                peer.write(ByteBuffer.allocate(54));
                peer.write(ByteBuffer.allocate(4).putInt(length).rewind());
                awaitErrors(
                        guest,
                        "device 'service0': wire: the peer sent a frame of "
                                + Integer.toUnsignedString(length)
                                + " bytes: not 14 to 65553; the guest goes on without it\n");
                assertTrue(guest.isAlive());
                assertEquals(2, guest.stop().stderr().lines().count());
            }
        }
        Files.delete(wire);
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto"})
    void shouldGoOnWithoutAPeerThatGoesAway(String daemon) throws Exception {
        Path wire = folder.resolve("wire");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(wire));
            try (BackgroundCommand guest = begin(daemon, "unix:wire", "")) {
                try (SocketChannel peer = server.accept()) {
                    guest.awaitOutput("MTU is ");
                    peer.write(ByteBuffer.allocate(10).putInt(60).rewind());
                }
                awaitErrors(
                        guest,
                        "device 'service0': wire: the peer has closed the connection; the guest"
                                + " goes on without it\n");
                assertEquals(2, guest.stop().stderr().lines().count());
            }
        }
        Files.delete(wire);
    }
}
