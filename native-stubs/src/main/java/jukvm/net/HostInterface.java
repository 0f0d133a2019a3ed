package jukvm.net;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Ifreq;
import jukvm.libc.Libc;
import jukvm.text.HostText;

/**
 * How an Ethernet interface of the host is set up, for another to take its place. IPv4 addresses
 * are numbers, the first octet highest, and 0 where there is none. Source: netdevice(7), proc(5).
 *
 * @param mac its hardware address, the first of six bytes highest
 * @param mtu the largest payload of a frame, in bytes
 * @param address its first
 * @param prefix the length of its network's prefix, in bits
 * @param gateway of the default route by it
 */
public record HostInterface(long mac, int mtu, int address, int prefix, int gateway) {
    private static final String ROUTES = "/proc/net/route";
    private static final String NAME_SERVERS = "/etc/resolv.conf";
    private static final int MOST = 1 << 16;
    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");

    // Columns of /proc/net/route.
    private static final int DEVICE = 0;
    private static final int DESTINATION = 1;
    private static final int GATEWAY = 2;
    private static final int MASK = 7;
    private static final String ANYWHERE = "00000000";

    /**
     * Asks for one in the caller's network namespace.
     *
     * @throws ConfigException if no interface can have that name
     * @throws HostException if there is none by that name
     */
    public static HostInterface of(Requester caller, String name) {
        if (HostText.encode(name).length >= Ifreq.NAME_SIZE) {
            throw new ConfigException(name + ": is no name of an interface: it is too long");
        }
        int number = caller.socket(Libc.AF_INET, Libc.SOCK_DGRAM);
        try (Fd socket = Fd.of(number, name, "socket");
                Ifreq request = new Ifreq()) {
            int missing = pass(caller, socket, request, name, Ifreq.SIOCGIFHWADDR);
            if (missing < 0) {
                String fact = "there is no such interface";
                String remedy = "A container without network has none.";
                throw new HostException(name, fact, -missing, remedy);
            }
            long mac = Long.reverseBytes(request.hardwareAddress()) >>> 16;
            int mtu = pass(caller, socket, request, name, Ifreq.SIOCGIFMTU);
            if (mtu < 0) {
                throw Errno.exception(name + ": SIOCGIFMTU", -mtu);
            }
            mtu = request.mtu();
            if (pass(caller, socket, request, name, Ifreq.SIOCGIFADDR) < 0) {
                return new HostInterface(mac, mtu, 0, 0, 0);
            }
            int address = request.ipv4();
            int mask = pass(caller, socket, request, name, Ifreq.SIOCGIFNETMASK);
            int prefix = mask < 0 ? Integer.SIZE : Integer.bitCount(request.ipv4());
            return new HostInterface(mac, mtu, address, prefix, gateway(caller, name));
        }
    }

    private static int pass(
            Requester caller, Fd socket, Ifreq request, String name, long operation) {
        request.putName(name);
        int result;
        do {
            result = caller.ioctl(socket.number(), operation, request.argument());
        } while (result == -Errno.EINTR);
        return result;
    }

    private static int gateway(Requester caller, String name) {
        for (String line : text(caller, ROUTES).split("\n", -1)) {
            String[] words = line.split("\t", -1);
            if (words.length > MASK
                    && words[DEVICE].equals(name)
                    && words[DESTINATION].equals(ANYWHERE)
                    && words[MASK].equals(ANYWHERE)) {
                return Integer.reverseBytes(Integer.parseUnsignedInt(words[GATEWAY], 16));
            }
        }
        return 0;
    }

    /** Returns the first name server that the caller would ask by IPv4; 0 if there is none. */
    public static int nameServer(Requester caller) {
        for (String line : text(caller, NAME_SERVERS).split("\n", -1)) {
            String[] words = BLANKS.split(line, -1);
            if (words.length > 1 && words[0].equals("nameserver")) {
                try {
                    return Ipv4Address.number(words[1]);
                } catch (IllegalArgumentException e) {
                    // One of IPv6, or none at all: the next may be one.
                }
            }
        }
        return 0;
    }

    private static String text(Requester caller, String path) {
        try (HostFile file = HostFile.open(caller, path)) {
            byte[] bytes = new byte[MOST];
            return new String(bytes, 0, file.read(bytes), StandardCharsets.UTF_8);
        } catch (HostException e) {
            return ""; // A host without the file has none of what it tells.
        }
    }
}
