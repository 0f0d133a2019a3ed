package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Ethernet frames for tests, told apart by a number. */
final class Frames {
    static final MacAddress A = new MacAddress(0x02_00_00_00_00_0aL);
    static final MacAddress B = new MacAddress(0x02_00_00_00_00_0bL);
    static final MacAddress C = new MacAddress(0x02_00_00_00_00_0cL);
    static final MacAddress BROADCAST = new MacAddress(0xff_ff_ff_ff_ff_ffL);

    private static final int LARGEST = 65553;

    private Frames() {}

    /** Returns the smallest frame with a number, in the byte order of guest memory. */
    static ByteBuffer frame(MacAddress to, MacAddress from, int number) {
        return frame(to, from, number, NetDevice.HEADER_SIZE + Integer.BYTES);
    }

    /** Returns a frame of {@code size} bytes, in a larger buffer as guest memory is one. */
    static ByteBuffer frame(MacAddress to, MacAddress from, int number, int size) {
        ByteBuffer frame = ByteBuffer.allocateDirect(size + 10).order(ByteOrder.LITTLE_ENDIAN);
        frame.position(5);
        for (int i = 0; i < MacAddress.SIZE; i++) {
            frame.put(5 + i, to.octet(i)).put(11 + i, from.octet(i));
        }
        if (size >= NetDevice.HEADER_SIZE + Integer.BYTES) {
            frame.putInt(19, number);
        }
        return frame.limit(size + 5);
    }

    /** Reads a frame and returns its number. */
    static int number(NetDevice device) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(LARGEST).order(ByteOrder.LITTLE_ENDIAN);
        assertTrue(device.read(into), "no frame waits");
        return into.getInt(NetDevice.HEADER_SIZE);
    }

    /** Fails if a frame waits. */
    static void assertSilent(NetDevice... devices) throws IOException {
        for (NetDevice device : devices) {
            ByteBuffer into = ByteBuffer.allocateDirect(LARGEST);
            boolean read = device.read(into);
            assertEquals("false, 0", read + ", " + into.position());
        }
    }
}
