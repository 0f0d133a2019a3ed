package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import jukvm.device.UdpPort;

/** Asks the echo guest for data, and wants it back unchanged. */
public final class EchoClient {
    private static final int PORT = 7;
    private static final int SIZE = 56;

    private EchoClient() {}

    /** Returns how many requests were answered rightly: all, or it throws. */
    public static int ask(UdpPort udp, String address, int times) {
        for (int i = 0; i < times; i++) {
            ask(udp, address, i, SIZE);
        }
        return times;
    }

    /** Asks once, with so many bytes that depend on a number. */
    public static void ask(UdpPort udp, String address, int number, int size) {
        byte[] request = new byte[size];
        for (int i = 0; i < size; i++) {
            request[i] = (byte) (i * 31 + number);
        }
        try {
            assertArrayEquals(request, udp.ask(address, PORT, request, Run.LONG));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(address + " does not answer", e);
        }
    }
}
