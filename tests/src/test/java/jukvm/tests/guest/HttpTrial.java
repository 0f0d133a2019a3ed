package jukvm.tests.guest;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.device.Console;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.TapDevice;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.HttpQuestions;

/**
 * A program that runs http in a network namespace, where 10.0.0.1 is on tap0, and asks it all sorts
 * of questions: {@code HttpTrial GUEST RING SIZE PER_MILLE [WORDS...]}. SIZE is how much is large,
 * PER_MILLE how bad the network is. Prints SUCCESS.
 */
final class HttpTrial {
    private static final String ADDRESS = "10.0.0.2";
    private static final int PORT = 80;

    private HttpTrial() {}

    public static void main(String[] words) throws Exception {
        int perMille = Integer.parseInt(words[3]);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("--ipv4=" + ADDRESS + "/24"));
        arguments.addAll(List.of(words).subList(4, words.length));
        try (Monitor monitor = Monitor.open();
                TapDevice tap = TapDevice.open("tap0", MacAddress.random())) {
            NetDevice net = perMille == 0 ? tap : new BadNet(tap, perMille, HttpQuestions.SEED);
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(Path.of(words[0])))
                            .memory(32L << 20)
                            .privilege(PrivilegeMode.valueOf("RING_" + words[1]))
                            .console(Console.to(printed))
                            .arguments(arguments.toArray(String[]::new))
                            .net("service0", net);
            InetSocketAddress server = new InetSocketAddress(ADDRESS, PORT);
            int large = Integer.parseInt(words[2]);
            try (GuestRun run = monitor.start(guest);
                    HttpQuestions questions = new HttpQuestions(server, large)) {
                questions.askAll();
                if (run.result().isDone()) {
                    throw new AssertionError("ended: " + run.result().join());
                }
            } catch (Throwable e) {
                System.err.println("seed " + HttpQuestions.SEED + ", guest printed: " + printed);
                throw e;
            }
        }
        System.out.println("SUCCESS");
        System.exit(0);
    }
}
