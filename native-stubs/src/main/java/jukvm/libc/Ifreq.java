package jukvm.libc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jukvm.text.HostText;

/**
 * A request about a network interface. Source: linux/if.h, struct ifreq; linux/if_tun.h;
 * linux/ethtool.h, struct ethtool_value. Used by one thread.
 *
 * <pre>
 * ifr_name char[16] @0   one of: ifr_flags i16, ifr_mtu i32, ifr_ifindex i32, ifr_hwaddr.sa_data
 *                        char[6] 2 bytes on, a sockaddr_in's sin_addr 4 bytes on, ifr_data
 *                        pointer @16   (to 40)
 * ethtool_value @40, which ifr_data points to
 * </pre>
 */
public final class Ifreq implements AutoCloseable {
    /** Bytes of a name, the zero byte at its end counted. */
    public static final int NAME_SIZE = 16;

    public static final long SIOCGIFNAME = 0x8910;
    public static final long SIOCGIFFLAGS = 0x8913;
    public static final long SIOCGIFADDR = 0x8915;
    public static final long SIOCGIFNETMASK = 0x891b;
    public static final long SIOCGIFMTU = 0x8921;
    public static final long SIOCGIFHWADDR = 0x8927;
    public static final long SIOCGIFINDEX = 0x8933;
    public static final long SIOCETHTOOL = 0x8946;
    public static final long TUNSETIFF = 0x400454caL;
    public static final long TUNGETIFF = 0x800454d2L;
    public static final long TUNSETQUEUE = 0x400454d9L;

    public static final int ETHTOOL_SGSO = 0x24;
    public static final int ETHTOOL_SGRO = 0x2c;

    public static final int IFF_UP = 0x1;
    public static final int IFF_RUNNING = 0x40;
    public static final int IFF_TAP = 0x2;
    public static final int IFF_ATTACH_QUEUE = 0x200;
    public static final int IFF_DETACH_QUEUE = 0x400;
    public static final int IFF_NO_PI = 0x1000;
    public static final int IFF_VNET_HDR = 0x4000;

    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 40;
    private static final int NAME = 0;
    private static final int FLAGS = 16; // i16
    private static final int MTU = 16; // i32
    private static final int IFINDEX = 16; // i32
    private static final int HWADDR_DATA = 18;
    private static final int IPV4 = 20; // u32, big-endian
    private static final int DATA = 16; // u64, a host address

    // What DATA points to for SIOCETHTOOL, placed after the request.
    private static final int ETHTOOL_VALUE_SIZE = 8;
    private static final int ETHTOOL_CMD = 0; // u32
    private static final int ETHTOOL_DATA = 4; // u32

    private final Mapping arena = Mapping.anonymous(SIZE + ETHTOOL_VALUE_SIZE);
    private final ByteBuffer at = arena.window(0, SIZE + ETHTOOL_VALUE_SIZE);

    /**
     * Sets the interface's name, and all else to zero.
     *
     * @throws IllegalArgumentException if it is {@link #NAME_SIZE} bytes or longer
     */
    public void putName(String name) {
        byte[] bytes = HostText.encode(name);
        if (bytes.length >= NAME_SIZE) {
            throw new IllegalArgumentException("name of " + bytes.length + " bytes");
        }
        at.put(NAME, new byte[SIZE]).put(NAME, bytes);
    }

    /** Returns the interface's name. */
    public String name() {
        byte[] bytes = new byte[NAME_SIZE];
        at.get(NAME, bytes);
        int length = 0;
        while (length < NAME_SIZE && bytes[length] != 0) {
            length++;
        }
        return HostText.decode(Arrays.copyOf(bytes, length));
    }

    /** Sets the flags. */
    public void putFlags(int flags) {
        at.putShort(FLAGS, (short) flags);
    }

    /** Returns the flags. */
    public int flags() {
        return at.getShort(FLAGS) & 0xffff;
    }

    /** Returns the largest payload of a frame, in bytes. */
    public int mtu() {
        return at.getInt(MTU);
    }

    /** Sets the interface's number. */
    public void putIndex(int index) {
        at.putInt(IFINDEX, index);
    }

    /** Returns the interface's number. */
    public int index() {
        return at.getInt(IFINDEX);
    }

    /** Returns the interface's hardware address, its six bytes. */
    public long hardwareAddress() {
        return at.getLong(HWADDR_DATA) & 0xffff_ffff_ffffL;
    }

    /** Returns an IPv4 address or mask, the first octet highest. */
    public int ipv4() {
        return Integer.reverseBytes(at.getInt(IPV4));
    }

    /**
     * Passes this request by ioctl(2).
     *
     * @return zero or more, or the negated errno
     */
    public int pass(int fd, long request) {
        int result;
        do {
            result = LIBC.ioctl(fd, request, arena.address());
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * Makes it ask to switch off a feature of the interface, by {@link #SIOCETHTOOL}.
     *
     * @param feature {@link #ETHTOOL_SGSO} or {@link #ETHTOOL_SGRO}
     */
    public void putSwitchedOff(int feature) {
        at.putInt(SIZE + ETHTOOL_CMD, feature).putInt(SIZE + ETHTOOL_DATA, 0);
        at.putLong(DATA, arena.address() + SIZE);
    }

    /** Returns the request and what it may point to, 48 bytes; valid until it is closed. */
    public ByteBuffer argument() {
        return at;
    }

    @Override
    public void close() {
        arena.close();
    }
}
