package jukvm.debug;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Packets of gdb's remote protocol over a stream: {@code $DATA#CHECKSUM}. Source: the GDB manual,
 * appendix "GDB Remote Serial Protocol". Read by one thread, written by another.
 */
final class GdbPackets {
    /** What a packet may be long, in bytes of its payload. */
    static final int MAX_PAYLOAD = 0x4000;

    /** Stands for the byte by which gdb interrupts a guest; no packet is equal to it. */
    static final String INTERRUPT = "\003";

    private static final int ESCAPE = '}';
    private static final int ESCAPED = 0x20;

    private final InputStream in;
    private final OutputStream out;
    private volatile boolean isAcknowledged = true;

    GdbPackets(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Waits for the next packet.
     *
     * @return its payload, each byte a character of 0 to 255; or {@link #INTERRUPT}
     * @throws IOException if the peer is gone, or sends a packet that is longer than any may be
     */
    String next() throws IOException {
        while (true) {
            int first = read();
            if (first == INTERRUPT.charAt(0)) {
                return INTERRUPT;
            }
            if (first != '$') {
                continue; // An acknowledgement, or noise between packets.
            }
            StringBuilder payload = new StringBuilder();
            int sum = payload(payload);
            boolean isIntact = sum == (digit(read()) << 4 | digit(read()));
            if (isAcknowledged) {
                write(isIntact ? "+" : "-");
            }
            if (isIntact) {
                return payload.toString();
            }
        }
    }

    private int payload(StringBuilder payload) throws IOException {
        int sum = 0;
        while (true) {
            int octet = read();
            if (octet == '#') {
                return sum & 0xff;
            }
            sum += octet;
            if (octet == '$') {
                payload.setLength(0); // The one before was cut off.
                sum = 0;
            } else if (octet == ESCAPE) {
                int escaped = read();
                sum += escaped;
                payload.append((char) (escaped ^ ESCAPED));
            } else {
                payload.append((char) octet);
            }
            if (payload.length() > MAX_PAYLOAD) {
                throw new IOException("a packet of more than " + MAX_PAYLOAD + " bytes");
            }
        }
    }

    private static int digit(int octet) {
        return Math.max(0, Character.digit(octet, 16)); // Else the sum is wrong by itself.
    }

    private int read() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException("gdb is gone");
        }
        return octet;
    }

    /**
     * Sends a packet.
     *
     * @param payload of printable ASCII, without {@code $}, {@code #} and {@code }}
     */
    void send(String payload) throws IOException {
        int sum = payload.chars().sum() & 0xff;
        write(String.format("$%s#%02x", payload, sum));
    }

    private void write(String text) throws IOException {
        synchronized (out) {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
    }

    /** Has neither side acknowledge packets from now on. */
    void stopAcknowledging() {
        isAcknowledged = false;
    }
}
