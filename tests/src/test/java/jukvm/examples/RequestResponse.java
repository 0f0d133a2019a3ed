package jukvm.examples;

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

/**
 * Asks a guest something over a virtual network, from Java: no interface of the host, no socket, no
 * privilege. The echo guest gives the request back, and ends when it has.
 */
public final class RequestResponse {
    private RequestResponse() {}

    /** Asks the echo guest named by the first argument, once. */
    public static void main(String[] args) throws IOException, InterruptedException {
        byte[] request = "Is there anybody?".getBytes(UTF_8);
        try (Monitor monitor = Monitor.open();
                VirtualSwitch network = VirtualSwitch.open();
                UdpPort udp = network.udp("10.0.0.1")) {
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(Path.of(args[0])))
                            .memory(16L << 20)
                            .arguments("limit=1")
                            .net("service0", network.connect())
                            .deadline(Duration.ofSeconds(10));
            GuestRun run = monitor.start(guest);
            byte[] answer = udp.ask("10.0.0.2", 7, request, Duration.ofSeconds(10));
            System.out.println(new String(answer, UTF_8));
            System.out.println(run.await().outcome());
        }
    }
}
