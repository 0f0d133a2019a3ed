package jukvm.libc;

import java.nio.ByteBuffer;
import jukvm.text.HostText;

/**
 * An alternative name of a network interface, which may be longer than what fits an ifreq. Source:
 * rtnetlink(7); linux/netlink.h, struct nlmsghdr; linux/rtnetlink.h, struct ifinfomsg and rtattr.
 *
 * <pre>
 * nlmsghdr    len u32 @0   type u16 @4   flags u16 @6   seq u32 @8   pid u32 @12   (to 16)
 * ifinfomsg   family u8 @16   type u16 @18   index i32 @20   flags u32 @24   change u32 @28
 * rtattr      len u16 @32   type u16 @34   name and a zero byte @36
 * nlmsgerr    error i32 @16, in the place of ifinfomsg
 * </pre>
 */
public final class LinkName {
    /** Bytes of a name, the zero byte at its end counted. */
    public static final int ALTIFNAMSIZ = 128;

    private static final Libc LIBC = Libc.get();

    private static final int LEN = 0;
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int ERROR = 16;
    private static final int INDEX = 20;
    private static final int ATTRIBUTE_LEN = 32;
    private static final int ATTRIBUTE_TYPE = 34;
    private static final int NAME = 36;
    private static final int ATTRIBUTE_HEADER = NAME - ATTRIBUTE_LEN;

    private static final short RTM_GETLINK = 18;
    private static final short RTM_NEWLINK = 16;
    private static final short NLMSG_ERROR = 2;
    private static final short NLM_F_REQUEST = 1;
    private static final short IFLA_ALT_IFNAME = 53;
    private static final int ARENA = 1 << 16; // What an interface is told of fits easily.

    private LinkName() {}

    /**
     * Returns the number of the interface that has the name.
     *
     * @param socket of the domain {@link Libc#AF_NETLINK} and protocol 0, in its namespace
     * @param name shorter than {@link #ALTIFNAMSIZ} bytes
     * @return its number, or the negated errno: ENODEV if there is none
     */
    public static int index(Fd socket, String name) {
        try (Mapping arena = Mapping.anonymous(ARENA)) {
            ByteBuffer at = arena.window(0, ARENA);
            byte[] bytes = HostText.encode(name);
            int attribute = ATTRIBUTE_HEADER + bytes.length + 1;
            int length = ATTRIBUTE_LEN + (attribute + 3 & ~3);
            at.putInt(LEN, length).putShort(TYPE, RTM_GETLINK).putShort(FLAGS, NLM_F_REQUEST);
            at.putShort(ATTRIBUTE_LEN, (short) attribute);
            at.putShort(ATTRIBUTE_TYPE, IFLA_ALT_IFNAME).put(NAME, bytes);
            long result = LIBC.write(socket.number(), arena.address(), length);
            if (result >= 0) {
                result = LIBC.read(socket.number(), arena.address(), ARENA); // Is there already.
            }
            if (result < INDEX + Integer.BYTES) {
                return result < 0 ? (int) result : -Errno.ENODEV;
            }
            return switch (at.getShort(TYPE)) {
                case RTM_NEWLINK -> at.getInt(INDEX);
                case NLMSG_ERROR -> at.getInt(ERROR);
                default -> -Errno.ENODEV;
            };
        }
    }
}
