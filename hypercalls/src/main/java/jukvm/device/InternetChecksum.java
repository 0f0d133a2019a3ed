package jukvm.device;

import java.nio.ByteBuffer;

/** The checksum of IPv4 and UDP. Source: RFC 1071. */
final class InternetChecksum {
    private InternetChecksum() {}

    /**
     * Returns the checksum of some bytes, 16 bits; 0 if they hold their own.
     *
     * @param bytes big-endian, and long enough; its position does not matter
     * @param from the first byte
     * @param to the byte after the last; if the number of bytes is odd, a zero is thought after it
     * @param sum what else is to be added up, such as words of a pseudo-header
     */
    static int of(ByteBuffer bytes, int from, int to, long sum) {
        int i = from;
        for (; i + 1 < to; i += 2) {
            sum += bytes.getShort(i) & 0xffff;
        }
        if (i < to) {
            sum += (bytes.get(i) & 0xff) << 8;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }
}
