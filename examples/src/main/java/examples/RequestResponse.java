package examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Asks a guest something by UDP: no interface of the host, no socket, no privilege. */
public final class RequestResponse {
    private RequestResponse() {}

    /** Asks the echo guest named by the first argument, once; it gives the request back. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Duration patience = Duration.ofSeconds(10);
        GuestSpec echo = GuestSpec.of(GuestImage.read(Path.of(args[0]))).arguments("limit=1");
        try (Monitor monitor = Monitor.open();
                VirtualSwitch network = VirtualSwitch.open();
                UdpPort udp = network.udp("10.0.0.1");
                GuestRun run = monitor.start(echo.net("service0", network.connect()))) {
            byte[] answer = udp.ask("10.0.0.2", 7, "Is there anybody?".getBytes(UTF_8), patience);
            System.out.println(new String(answer, UTF_8));
            System.out.println(run.await().outcome().message());
        }
    }
}
