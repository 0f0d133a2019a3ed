package jukvm.net;

import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Holder;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Ifreq;
import jukvm.libc.Libc;
import jukvm.libc.LinkName;
import jukvm.libc.SockFprog;
import jukvm.text.HostText;

/**
 * A descriptor that is attached to a TAP interface, and what there is to know of the interface.
 * Source: linux/if_tun.h; tap_attach.c of Solo5.
 *
 * @param fd named for messages: as the interface, or as {@code @7}
 * @param name of the interface
 * @param mtu the largest payload of a frame, in bytes
 */
record TapAttachment(Fd fd, String name, int mtu) {
    private static final Libc LIBC = Libc.get();
    private static final String DEVICE = "/dev/net/tun";
    private static final int DEFAULT_MTU = 1500;

    /**
     * Attaches to an interface that exists and is up.
     *
     * @param name of it, or an alternative one
     * @throws ConfigException if no interface can have that name
     * @throws HostException if the interface is missing, down, in use or not ours to use, with what
     *     to do
     */
    static TapAttachment byName(Requester caller, String name) {
        requireName(name);
        try (Ifreq request = new Ifreq();
                Fd socket = socket(caller, name)) {
            int result = find(caller, name, socket, request);
            requireUp(name, result, request.flags());
            Fd fd = attach(caller, name, socket, request);
            try {
                int mtu = mtu(caller, socket, request);
                if (mtu < 0) {
                    throw Errno.exception(name + ": SIOCGIFMTU", -mtu);
                }
                String attached = request.name();
                switchOffJoining(caller, socket, request);
                TapSettings.reset(fd);
                return new TapAttachment(fd, attached, mtu);
            } catch (HostException e) {
                fd.close();
                throw e;
            }
        }
    }

    /** Asks for the flags of an interface; one that is called so by a longer name has its own. */
    private static int find(Requester caller, String name, Fd socket, Ifreq request) {
        int length = HostText.encode(name).length;
        if (length < Ifreq.NAME_SIZE) {
            request.putName(name);
        } else {
            try (Fd routes =
                    Fd.of(caller.socket(Libc.AF_NETLINK, Libc.SOCK_DGRAM), name, "socket")) {
                int index = LinkName.index(routes, name);
                request.putIndex(index);
                int result = pass(caller, socket, Ifreq.SIOCGIFNAME, request);
                if (index < 0 || result < 0) {
                    throw noName(name, tooLong(length)); // Of its own, and has no other.
                }
                request.putName(request.name());
            }
        }
        return pass(caller, socket, Ifreq.SIOCGIFFLAGS, request);
    }

    // What the kernel joins to frames of up to 64 KiB would be cut to the guest's buffer. A driver
    // that cannot is no reason to refuse.
    private static void switchOffJoining(Requester caller, Fd socket, Ifreq request) {
        for (int feature : new int[] {Ifreq.ETHTOOL_SGRO, Ifreq.ETHTOOL_SGSO}) {
            request.putSwitchedOff(feature);
            pass(caller, socket, Ifreq.SIOCETHTOOL, request);
        }
    }

    private static void requireName(String name) {
        int length = HostText.encode(name).length;
        String fault = "";
        if (length == 0) {
            fault = "it is empty";
        } else if (length >= LinkName.ALTIFNAMSIZ) {
            fault = tooLong(length);
        } else if (name.equals(".") || name.equals("..")) {
            fault = "it means a directory";
        } else if (name.chars().anyMatch(c -> Character.isISOControl(c) || c == ' ')) {
            fault = "it contains a space or control character";
        } else if (name.chars().anyMatch(c -> "%/:".indexOf(c) >= 0)) {
            fault = "it contains '%', '/' or ':'";
        }
        if (!fault.isEmpty()) {
            throw noName(name, fault);
        }
    }

    private static String tooLong(int length) {
        return "it has " + length + " bytes, and may have " + (Ifreq.NAME_SIZE - 1);
    }

    private static ConfigException noName(String name, String fault) {
        String printable = name.isEmpty() ? "''" : name.replaceAll("\\p{Cntrl}", "?");
        return new ConfigException(printable + ": is no name of an interface: " + fault);
    }

    private static Fd socket(Requester caller, String name) {
        return Fd.of(caller.socket(Libc.AF_INET, Libc.SOCK_DGRAM), name, "socket");
    }

    private static int pass(Requester caller, Fd fd, long number, Ifreq request) {
        int result;
        do {
            result = caller.ioctl(fd.number(), number, request.argument());
        } while (result == -Errno.EINTR);
        return result;
    }

    private static void requireUp(String name, int result, int flags) {
        if (result == -Errno.ENODEV) {
            throw new HostException(
                    name,
                    "there is no such interface",
                    Errno.ENODEV,
                    "Make it: ip tuntap add " + name + " mode tap && ip link set " + name + " up");
        }
        if (result < 0) {
            throw Errno.exception(name + ": SIOCGIFFLAGS", -result);
        }
        if ((flags & (Ifreq.IFF_UP | Ifreq.IFF_RUNNING)) == 0) {
            throw new HostException(
                    name,
                    "the interface is down",
                    Errno.ENETDOWN,
                    "Bring it up: ip link set " + name + " up");
        }
    }

    private static Fd attach(Requester caller, String name, Fd socket, Ifreq request) {
        String asked = request.name();
        int result = caller.open(DEVICE, Libc.O_RDWR | Libc.O_NONBLOCK, 0);
        if (result < 0) {
            String remedy =
                    switch (-result) {
                        case Errno.EPERM, Errno.EACCES ->
                                "Run as root, or let this user open " + DEVICE;
                        case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                                "Load the driver: modprobe tun";
                        default -> "";
                    };
            throw Errno.exception(name + ": open of " + DEVICE, -result, remedy);
        }
        Fd fd = Fd.of(result, name, "open");
        request.putFlags(Ifreq.IFF_TAP | Ifreq.IFF_NO_PI);
        result = pass(caller, fd, Ifreq.TUNSETIFF, request);
        if (result >= 0 && isSame(caller, socket, asked, request)) {
            return fd;
        }
        fd.close();
        if (result >= 0) {
            String got = "the kernel attached '" + request.name() + "' instead";
            throw new HostException(name, got, Errno.EINVAL, "");
        }
        throw refused(caller, name, -result);
    }

    // An interface that was asked for by an alternative name is attached by its own.
    private static boolean isSame(Requester caller, Fd socket, String asked, Ifreq attached) {
        if (attached.name().equals(asked)) {
            return true;
        }
        try (Ifreq request = new Ifreq()) {
            request.putName(asked);
            int result = pass(caller, socket, Ifreq.SIOCGIFINDEX, request);
            int index = request.index();
            request.putName(attached.name());
            return result >= 0
                    && pass(caller, socket, Ifreq.SIOCGIFINDEX, request) >= 0
                    && request.index() == index;
        }
    }

    private static HostException refused(Requester caller, String name, int errno) {
        if (errno == Errno.EBUSY) {
            String holder = Holder.ofInterface(name, caller.process());
            String shown = holder.equals(Holder.THIS) ? caller.thisProcess() : holder;
            return new HostException(
                    name,
                    "is in use by " + shown,
                    errno,
                    "An interface serves one process at a time.");
        }
        String remedy =
                switch (errno) {
                    case Errno.EPERM, Errno.EACCES ->
                            "Run as root, or give it to this user: ip tuntap add "
                                    + name
                                    + " mode tap user $USER";
                    case Errno.EINVAL ->
                            "It must be a TAP interface, of one queue: ip tuntap add NAME mode tap";
                    default -> "";
                };
        return Errno.exception(name + ": TUNSETIFF", errno, remedy);
    }

    private static int mtu(Requester caller, Fd socket, Ifreq request) {
        int result = pass(caller, socket, Ifreq.SIOCGIFMTU, request);
        return result < 0 ? result : request.mtu();
    }

    /**
     * Takes over a descriptor, which stays as it is in the caller if it is refused.
     *
     * @param inherited its number there
     * @throws ConfigException if it is not a TAP that passes bare frames both ways
     */
    static TapAttachment byDescriptor(Requester caller, int inherited) {
        String label = "@" + inherited;
        int number = caller.inherited(inherited);
        if (number == -Errno.EBADF) {
            throw unopened(label);
        }
        if (number < 0) {
            throw Errno.exception(label + ": inherit", -number);
        }
        try {
            return adopt(caller, label, number);
        } catch (ConfigException | HostException e) {
            caller.giveBack(number);
            throw e;
        }
    }

    private static ConfigException unopened(String label) {
        return new ConfigException(label + ": is not an open descriptor");
    }

    private static TapAttachment adopt(Requester caller, String label, int number) {
        int open = LIBC.fcntl(number, Libc.F_GETFL, 0);
        if (open < 0) {
            throw unopened(label);
        }
        try (Ifreq request = new Ifreq()) {
            int result = request.pass(number, Ifreq.TUNGETIFF);
            if (result == -Errno.EBADFD) {
                throw new ConfigException(label + ": is not attached to an interface");
            }
            if (result < 0) {
                throw new ConfigException(label + ": is not a TAP descriptor");
            }
            if ((request.flags() & Ifreq.IFF_NO_PI) != 0) {
                // The bit has a second meaning, IFF_NOFILTER, which hides its first one.
                SockFprog.passWith(number, request, Ifreq.TUNGETIFF);
            }
            requireBareFrames(label, request.flags());
            if ((open & Libc.O_ACCMODE) != Libc.O_RDWR) {
                throw new ConfigException(label + ": is not open for reading and writing");
            }
            int flags = request.flags();
            String name = request.name();
            if ((flags & Ifreq.IFF_DETACH_QUEUE) != 0) {
                request.putFlags(Ifreq.IFF_ATTACH_QUEUE);
                set(label, request.pass(number, Ifreq.TUNSETQUEUE), "TUNSETQUEUE");
            }
            set(label, LIBC.fcntl(number, Libc.F_SETFL, open | Libc.O_NONBLOCK), "F_SETFL");
            set(label, LIBC.fcntl(number, Libc.F_SETFD, Libc.FD_CLOEXEC), "F_SETFD");
            Fd fd = Fd.of(number, label, "adopt");
            TapSettings.reset(fd);
            return new TapAttachment(fd, name, askHost(caller, fd, name));
        }
    }

    private static void requireBareFrames(String label, int flags) {
        if ((flags & Ifreq.IFF_TAP) == 0) {
            throw new ConfigException(label + ": is a TUN descriptor (no IFF_TAP), need a TAP");
        }
        if ((flags & Ifreq.IFF_NO_PI) == 0) {
            throw new ConfigException(
                    label + ": puts packet information before frames; set IFF_NO_PI");
        }
        if ((flags & Ifreq.IFF_VNET_HDR) != 0) {
            throw new ConfigException(
                    label + ": puts a virtio header before frames; clear IFF_VNET_HDR");
        }
    }

    private static void set(String label, int result, String operation) {
        if (result < 0) {
            throw Errno.exception(label + ": " + operation, -result);
        }
    }

    // Returns the MTU. The interface may be in another network namespace, where we cannot ask, and
    // another may have its name in this one.
    private static int askHost(Requester caller, Fd fd, String name) {
        try (Ifreq request = new Ifreq();
                Fd socket = socket(caller, name)) {
            request.putName(name);
            int own = request.pass(fd.number(), Ifreq.SIOCGIFHWADDR);
            long address = request.hardwareAddress();
            request.putName(name);
            int visible = pass(caller, socket, Ifreq.SIOCGIFHWADDR, request);
            if (visible < 0 || own >= 0 && request.hardwareAddress() != address) {
                return DEFAULT_MTU;
            }
            int mtu = mtu(caller, socket, request);
            switchOffJoining(caller, socket, request);
            return mtu < 0 ? DEFAULT_MTU : mtu;
        } catch (HostException e) {
            return DEFAULT_MTU;
        }
    }
}
