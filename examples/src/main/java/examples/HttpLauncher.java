package examples;

import static java.net.http.HttpClient.Version.HTTP_1_1;
import static java.net.http.HttpRequest.BodyPublishers.ofByteArray;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import jukvm.device.MacAddress;
import jukvm.device.PublishedPort;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;

/** Answers each HTTP request by a guest of its own, which goes on from a snapshot. */
public final class HttpLauncher {
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HTTP_1_1).build();
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final UserNetworkSpec SPEC =
            UserNetworkSpec.usual().mac(MacAddress.random()).publish(PublishedPort.tcp(0, 80));
    private static final ThreadLocal<UserNetwork> NETWORK =
            ThreadLocal.withInitial(() -> UserNetwork.open(SPEC)); // Its guests come in turn.

    /** Serves until it is killed, by the guest http that is named, at an address that it prints. */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // Else short answers are late.
        String[] words = {"--ipv4=10.0.2.15/24", "--ipv4-gateway=10.0.2.2", "limit=1"};
        GuestSpec guest = GuestSpec.of(GuestImage.read(Path.of(args[0]))).memory(8L << 20);
        guest = guest.arguments(words).net("service0", NETWORK.get());
        Monitor monitor = Monitor.open();
        Snapshot ready = monitor.snapshot(guest, SnapshotPoint.firstPoll());
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", exchange -> answer(exchange, monitor, GuestSpec.of(ready)));
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
    }

    static void answer(HttpExchange call, Monitor monitor, GuestSpec clone) throws IOException {
        int port = NETWORK.get().published().get(0).getPort();
        URI uri = URI.create("http://127.0.0.1:" + port + call.getRequestURI().getRawPath());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
        request.method(call.getRequestMethod(), ofByteArray(call.getRequestBody().readAllBytes()));
        try (GuestRun run = monitor.start(clone.deadline(LIMIT).net("service0", NETWORK.get()))) {
            HttpResponse<byte[]> answer =
                    CLIENT.sendAsync(request.build(), BodyHandlers.ofByteArray()).join();
            call.sendResponseHeaders(answer.statusCode(), answer.body().length);
            call.getResponseBody().write(answer.body());
            call.close();
            run.result().join(); // It ends when both sides have closed the connection.
        }
    }
}
