package jukvm.cli.net;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of a host and the network that it is in.
 *
 * @param address of the host, the first octet highest
 * @param bits the length of the network's prefix
 */
record Ipv4Network(int address, int bits) {
    private static final String OCTET = "(0|[1-9][0-9]{0,2})";
    private static final Pattern FORM =
            Pattern.compile(
                    OCTET + "\\." + OCTET + "\\." + OCTET + "\\." + OCTET + "/([0-9]{1,2})");
    private static final int LOOPBACK = 127;
    private static final int FIRST_GROUP = 224;
    private static final int OCTETS = 4;
    private static final int MAX_OCTET = 255;
    private static final int MIN_PREFIX = 8;
    private static final int MAX_PREFIX = 30;

    /**
     * Returns what a text such as {@code 10.0.0.1/24} means.
     *
     * @throws IllegalArgumentException if it means nothing
     */
    static Ipv4Network parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not ADDRESS/BITS");
        }
        int address = 0;
        for (int i = 1; i <= OCTETS; i++) {
            int octet = Integer.parseInt(form.group(i));
            if (octet > MAX_OCTET) {
                throw new IllegalArgumentException("'" + text + "' is not ADDRESS/BITS");
            }
            address = address << 8 | octet;
        }
        int bits = Integer.parseInt(form.group(OCTETS + 1));
        if (bits > Integer.SIZE) {
            throw new IllegalArgumentException("'" + text + "' is not ADDRESS/BITS");
        }
        return new Ipv4Network(address, bits);
    }

    /**
     * Returns it, if a host with others in its network can have the address.
     *
     * @throws IllegalArgumentException if none can
     */
    Ipv4Network requireHost() {
        if (bits < MIN_PREFIX || bits > MAX_PREFIX) {
            throw new IllegalArgumentException(
                    this + ": a prefix has " + MIN_PREFIX + " to " + MAX_PREFIX + " bits");
        }
        int host = address & -1 >>> bits;
        int first = address >>> 24;
        boolean isOfNone = host == 0 || host == -1 >>> bits;
        if (isOfNone || first == 0 || first == LOOPBACK || first >= FIRST_GROUP) {
            throw new IllegalArgumentException(this + " is the address of no host");
        }
        return this;
    }

    /** Returns whether an address is in both. */
    boolean overlaps(Ipv4Network other) {
        int shorter = Math.min(bits, other.bits);
        return shorter == 0 || (address ^ other.address) >>> Integer.SIZE - shorter == 0;
    }

    /** Returns the first host of the network that is another. */
    Ipv4Network neighbour() {
        int network = address & ~(-1 >>> bits);
        return new Ipv4Network(network + (address == network + 1 ? 2 : 1), bits);
    }

    /** Returns the address alone, as text. */
    String host() {
        return (address >>> 24)
                + "."
                + (address >>> 16 & MAX_OCTET)
                + "."
                + (address >>> 8 & MAX_OCTET)
                + "."
                + (address & MAX_OCTET);
    }

    @Override
    public String toString() {
        return host() + "/" + bits;
    }
}
