package jukvm.net;

/** IPv4 addresses, which are numbers of 32 bits here, the first octet highest, and text outside. */
public final class Ipv4Address {
    private static final int LOOPBACK = 127;
    private static final int FIRST_GROUP = 224;

    private Ipv4Address() {}

    /**
     * Returns the address of a text such as {@code 10.0.0.1}. Nothing is looked up.
     *
     * @throws IllegalArgumentException if it is none, or not that of one host in a network
     */
    public static int parse(String text) {
        int address = number(text);
        if (!isHost(address)) {
            throw new IllegalArgumentException(text + " is not the address of a host in a network");
        }
        return address;
    }

    /** Returns whether it can be that of one host in a network. Source: RFC 1122, 3.2.1.3. */
    public static boolean isHost(int address) {
        int first = address >>> 24;
        return first != 0 && first != LOOPBACK && first < FIRST_GROUP;
    }

    /** Returns whether it is one of the loopback interface, which nobody else reaches. */
    public static boolean isLoopback(int address) {
        return address >>> 24 == LOOPBACK;
    }

    /**
     * Returns any address of a text such as {@code 127.0.0.1}. Nothing is looked up.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static int number(String text) {
        String[] octets = text.split("\\.", -1);
        int address = 0;
        for (String octet : octets) {
            if (octets.length != 4 || !octet.matches("0|[1-9][0-9]{0,2}")) {
                throw new IllegalArgumentException("'" + text + "' is not an IPv4 address");
            }
            int value = Integer.parseInt(octet);
            if (value > 255) {
                throw new IllegalArgumentException("'" + text + "' is not an IPv4 address");
            }
            address = address << 8 | value;
        }
        return address;
    }

    /** Returns the dotted text. */
    public static String text(int address) {
        return (address >>> 24)
                + "."
                + (address >>> 16 & 0xff)
                + "."
                + (address >>> 8 & 0xff)
                + "."
                + (address & 0xff);
    }
}
