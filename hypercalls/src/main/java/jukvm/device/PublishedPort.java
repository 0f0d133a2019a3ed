package jukvm.device;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.net.Ipv4Address;

/**
 * A port of the host's that leads to one of a guest's.
 *
 * @param address of the host, of IPv4: who may come, {@code 127.0.0.1} for the host itself and
 *     {@code 0.0.0.0} for everybody
 * @param port of the host, 1 to 65535; 0 for one that is free
 * @param guestPort of the guest, 1 to 65535
 * @param isUdp whether it is of UDP, and not of TCP
 */
public record PublishedPort(String address, int port, int guestPort, boolean isUdp) {
    /** The address where none is given: that of the host itself, for itself. */
    public static final String LOOPBACK = "127.0.0.1";

    private static final int MAX = 65535;
    private static final Pattern FORM =
            Pattern.compile("(?:(.*):)?([0-9]{1,5}):([0-9]{1,5})(/tcp|/udp)?");

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if there is no such address or port
     */
    public PublishedPort {
        Ipv4Address.number(address);
        if (port < 0 || port > MAX || guestPort < 1 || guestPort > MAX) {
            throw new IllegalArgumentException(
                    "port " + port + ":" + guestPort + ": ports are 1 to " + MAX);
        }
    }

    /** Returns one of TCP, for the host itself. */
    public static PublishedPort tcp(int port, int guestPort) {
        return new PublishedPort(LOOPBACK, port, guestPort, false);
    }

    /** Returns one of UDP, for the host itself. */
    public static PublishedPort udp(int port, int guestPort) {
        return new PublishedPort(LOOPBACK, port, guestPort, true);
    }

    /**
     * Returns the one that a text means: {@code [ADDRESS:]PORT:GUESTPORT[/udp]}.
     *
     * @throws IllegalArgumentException if it means none
     */
    public static PublishedPort parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not [ADDRESS:]PORT:GUESTPORT[/udp], such as 8080:80");
        }
        String address = form.group(1) == null ? LOOPBACK : form.group(1);
        return new PublishedPort(
                address,
                Integer.parseInt(form.group(2)),
                Integer.parseInt(form.group(3)),
                "/udp".equals(form.group(4)));
    }

    boolean isUdpOfLoopback() {
        return isUdp && address.startsWith("127.");
    }

    /** Returns the same with another port of the host's. */
    PublishedPort at(int other) {
        return new PublishedPort(address, other, guestPort, isUdp);
    }

    /** Returns the host's side and what leads there, as the operator reads it. */
    @Override
    public String toString() {
        return address + ":" + port + ":" + guestPort + (isUdp ? "/udp" : "");
    }
}
