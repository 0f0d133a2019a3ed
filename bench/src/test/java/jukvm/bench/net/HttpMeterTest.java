package jukvm.bench.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpMeterTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 262_143, 262_144, 5_000_000})
    void shouldSendAndReceiveByPlainSockets(long bytes) throws IOException {
        try (PlainServer server = PlainServer.start()) {
            HttpMeter meter = new HttpMeter(server.address());
            assertTrue(meter.down(bytes) > 0);
            assertTrue(meter.up(bytes) > 0);
            assertTrue(meter.roundTrip(0.01) > 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 500 No\r\n\r\nno\n", "HTTP/1.1 200 OK\r\n\r\nshort\n"})
    void shouldRefuseAnyOtherAnswer(String answer) throws Exception {
        Thread thread;
        try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            thread = new Thread(() -> answerAlways(server, answer));
            thread.start();
            HttpMeter meter = new HttpMeter((InetSocketAddress) server.getLocalSocketAddress());
            assertThrows(IOException.class, () -> meter.down(1000));
            if (!answer.contains("200")) {
                assertThrows(IOException.class, () -> meter.up(1000));
                assertThrows(IOException.class, () -> meter.roundTrip(0.01));
            }
        }
        thread.join();
    }

    private static void answerAlways(ServerSocket server, String answer) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                // This is over.
            }
        }
    }

    @Test
    void shouldShowMediansOfTheRounds() {
        NetRow row = new NetRow("TAP, ring", 1500);
        assertEquals(List.of("TAP, ring", "1500", "-", "-", "-", "-", "-"), row.cells());
        for (double value : new double[] {3, 1, 20}) {
            row.add(NetRow.Figure.OUT, 1000 * value);
            row.add(NetRow.Figure.ROUND_TRIP, value);
        }
        assertEquals(List.of("TAP, ring", "1500", "3,000", "-", "-", "-", "3.00"), row.cells());
        assertEquals(row.cells().size(), NetRow.heads().size());
    }
}
