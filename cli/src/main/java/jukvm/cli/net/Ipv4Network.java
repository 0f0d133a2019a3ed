package jukvm.cli.net;

import java.util.regex.Pattern;
import jukvm.net.Ipv4Address;

/**
 * An address of a host and the network that it is in.
 *
 * @param address of the host, the first octet highest
 * @param bits the length of the network's prefix
 */
record Ipv4Network(int address, int bits) {
    private static final Pattern BITS = Pattern.compile("[0-9]{1,2}");
    private static final int MIN_PREFIX = 8;
    private static final int MAX_PREFIX = 30;

    /**
     * Returns what a text such as {@code 10.0.0.1/24} means.
     *
     * @throws IllegalArgumentException if it means nothing
     */
    static Ipv4Network parse(String text) {
        int slash = text.indexOf('/');
        String bits = text.substring(slash + 1);
        if (slash < 0 || !BITS.matcher(bits).matches() || Integer.parseInt(bits) > Integer.SIZE) {
            throw refused(text);
        }
        try {
            int address = Ipv4Address.number(text.substring(0, slash));
            return new Ipv4Network(address, Integer.parseInt(bits));
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("'" + text + "' is not ADDRESS/BITS");
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
        if (host == 0 || host == -1 >>> bits || !Ipv4Address.isHost(address)) {
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
        return Ipv4Address.text(address);
    }

    @Override
    public String toString() {
        return host() + "/" + bits;
    }
}
