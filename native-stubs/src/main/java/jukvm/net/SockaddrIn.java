package jukvm.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.libc.Libc;

/** The address of a socket of IPv4. Source: ip(7), struct sockaddr_in. */
final class SockaddrIn {
    static final int SIZE = 16;

    private static final int PORT = 2; // u16, big-endian
    private static final int HOST = 4; // u32, big-endian

    private SockaddrIn() {}

    /** Writes one at the beginning of a buffer. */
    static void put(ByteBuffer to, int address, int port) {
        ByteBuffer at = to.duplicate().order(ByteOrder.BIG_ENDIAN);
        at.put(0, (byte) Libc.AF_INET).putShort(PORT, (short) port).putInt(HOST, address);
    }

    /** Returns the port of one. */
    static int port(ByteBuffer from) {
        return from.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(PORT) & 0xffff;
    }
}
