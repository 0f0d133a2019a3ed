package jukvm.tests.container;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import jukvm.device.DnsDevice;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.io.Requester;
import jukvm.tests.support.Patience;

/**
 * Asks as a guest of this network namespace would for the IPv4 address of a name, and prints it:
 * {@code NameQuestion NAME-SERVER NAME}.
 */
final class NameQuestion {
    private static final String GATEWAY = "10.0.0.1";
    private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(60));

    private NameQuestion() {}

    @SuppressWarnings("try") // The gateway only has to be there.
    public static void main(String[] words) throws Exception {
        try (VirtualSwitch world = VirtualSwitch.open();
                VirtualSwitch guests = VirtualSwitch.open();
                UdpPort gateway = world.udp(GATEWAY);
                DnsDevice device =
                        DnsDevice.of(
                                Requester.self(),
                                world.connect(),
                                GATEWAY,
                                words[0],
                                DnsDevice.PORT);
                var uplink = guests.uplink(device);
                UdpPort guest = guests.udp("10.0.0.2")) {
            byte[] answer =
                    guest.askRepeatedly(
                            GATEWAY,
                            DnsDevice.PORT,
                            question(words[1]),
                            PATIENCE,
                            Duration.ofSeconds(5));
            // The last of an answer with one record is its data.
            StringBuilder address = new StringBuilder();
            for (byte octet : Arrays.copyOfRange(answer, answer.length - 4, answer.length)) {
                address.append(address.isEmpty() ? "" : ".").append(octet & 0xff);
            }
            System.out.println(address + (uplink.isGone() ? ", gone" : ""));
        }
    }

    // Source: RFC 1035, 4.1.
    private static byte[] question(String name) {
        ByteArrayOutputStream question = new ByteArrayOutputStream();
        question.writeBytes(new byte[] {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.", -1)) {
            question.write(label.length());
            question.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        question.writeBytes(new byte[] {0, 0, 1, 0, 1});
        return question.toByteArray();
    }
}
