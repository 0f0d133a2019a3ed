package jukvm.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import jukvm.device.MacAddress;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/**
 * Sends a guest a request over a virtual network and reads its answer, from Java: no interface of
 * the host, no socket, no privilege. The request is a ping, since that is what the echo guest
 * answers; the guest ends when it has.
 */
public final class RequestResponse {
    private static final int IP = 14;
    private static final int ICMP = 34;
    private static final int DATA = 42;

    private RequestResponse() {}

    /** Pings the echo guest named by the first argument, once. */
    public static void main(String[] args) throws IOException, InterruptedException {
        GuestImage image = GuestImage.read(Path.of(args[0]));
        try (Monitor monitor = Monitor.open();
                VirtualSwitch network = VirtualSwitch.open();
                SwitchPort ours = network.connect();
                SwitchPort guests = network.connect()) {
            Tender tender =
                    Tender.builder(monitor, image)
                            .memory(16L << 20)
                            .arguments("limit=1")
                            .net("service0", guests)
                            .deadline(Duration.ofSeconds(10))
                            .build();
            CompletableFuture<RunResult> end = tender.start();
            ours.write(ping(guests.mac(), ours.mac(), "Is there anybody?")); // Waits in its port.
            ByteBuffer frame = ByteBuffer.allocate(1514);
            while (ours.await(Duration.ofSeconds(10)) && ours.read(frame.clear())) {
                if (frame.flip().getShort(12) == 0x0800) { // IPv4; an ARP announcement comes first.
                    byte[] answer = new byte[frame.limit() - DATA];
                    frame.get(DATA, answer);
                    System.out.println(new String(answer, StandardCharsets.UTF_8));
                    break;
                }
            }
            System.out.println(end.join().outcome());
        }
    }

    // ICMP echo (RFC 792) from 10.0.0.1 to 10.0.0.2, in IPv4 and Ethernet.
    private static ByteBuffer ping(MacAddress to, MacAddress from, String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(DATA + data.length);
        frame.putLong(0, to.bits() << 16).putLong(6, from.bits() << 16).putShort(12, (short) 0x800);
        frame.putShort(IP, (short) 0x4500).putShort(IP + 2, (short) (28 + data.length));
        frame.putShort(IP + 8, (short) 0x4001).putInt(IP + 12, 0x0a000001);
        frame.putInt(IP + 16, 0x0a000002).putShort(ICMP, (short) 0x0800).put(DATA, data);
        frame.putShort(IP + 10, checksum(frame, IP, ICMP));
        return frame.putShort(ICMP + 2, checksum(frame, ICMP, frame.limit()));
    }

    private static short checksum(ByteBuffer frame, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (frame.get(i) & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~(sum + (sum >>> 16));
    }
}
