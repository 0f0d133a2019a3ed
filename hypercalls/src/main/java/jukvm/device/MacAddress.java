package jukvm.device;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A hardware address of Ethernet.
 *
 * @param bits the six bytes as a number, the first byte highest
 */
public record MacAddress(long bits) {
    /** How many bytes an address has. */
    public static final int SIZE = 6;

    private static final Pattern FORM = Pattern.compile("([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}");
    private static final long MULTICAST = 1L << 40;
    private static final long LOCAL = 2L << 40;

    /** Makes an address of its 48 bits. */
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(bits));
        }
    }

    /** Returns the address of a text such as {@code 02:0a:0b:0c:0d:0e}; empty if it is none. */
    public static Optional<MacAddress> parse(String text) {
        if (!FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        long bits = 0;
        for (String octet : text.split(":", -1)) {
            bits = bits << 8 | HexFormat.fromHexDigits(octet);
        }
        return Optional.of(new MacAddress(bits));
    }

    /** Returns a random address that is locally administered and of one interface. */
    public static MacAddress random() {
        long bits = new SecureRandom().nextLong() >>> 16;
        return new MacAddress(bits & ~MULTICAST | LOCAL);
    }

    /** Returns whether it names a group, which no interface's own address may. */
    public boolean isMulticast() {
        return (bits & MULTICAST) != 0;
    }

    /** Returns byte {@code i} of the six, 0 to 5. */
    public byte octet(int i) {
        return (byte) (bits >>> 8 * (SIZE - 1 - i));
    }

    /** Returns the usual text, in lower case. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SIZE; i++) {
            text.append(i == 0 ? "" : ":").append(HexFormat.of().toHexDigits(octet(i)));
        }
        return text.toString();
    }
}
