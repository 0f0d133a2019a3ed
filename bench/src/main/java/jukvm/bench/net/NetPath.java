package jukvm.bench.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jukvm.bench.action.Commands;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.device.MacAddress;
import jukvm.device.PublishedPort;
import jukvm.device.StreamDevice;
import jukvm.device.TapDevice;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.device.VirtualSwitch;
import jukvm.error.HostException;

/** The kinds of ways between a guest and the host. Interfaces are those of this thread's host. */
enum NetPath {
    /** A TAP interface, behind which is the host's own TCP. */
    TAP("TAP", false) {
        @Override
        void make(Link link, Path folder, int mtu) throws InterruptedException {
            sh("ip tuntap add tap0 mode tap");
            link.add(() -> sh("ip link delete tap0"));
            sh("ip link set tap0 mtu " + mtu + " up; ip address add 10.0.0.1/24 dev tap0");
            link.device(link.add(TapDevice.open("tap0", MacAddress.random())));
            link.server("10.0.0.2/24", address(10, 0, 0, 2), HTTP);
        }
    },
    /** A TAP interface at a bridge, whose other port is a TAP interface of Java code's. */
    BRIDGE("TAP", true) {
        @Override
        void make(Link link, Path folder, int mtu) throws InterruptedException {
            sh("ip link add bridge0 type bridge; ip link set bridge0 mtu " + mtu + " up");
            link.add(() -> sh("ip link delete bridge0"));
            link.device(port(link, "tap0", mtu));
            link.far(port(link, "tap1", mtu));
        }

        private TapDevice port(Link link, String name, int mtu) throws InterruptedException {
            sh("ip tuntap add " + name + " mode tap");
            link.add(() -> sh("ip link delete " + name));
            sh("ip link set " + name + " mtu " + mtu + " master bridge0 up");
            return link.add(TapDevice.open(name, MacAddress.random()));
        }
    },
    /** A Unix socket, at whose other end is Java code. */
    STREAM("stream", true) {
        @Override
        void make(Link link, Path folder, int mtu) {
            String path = folder.resolve("stream").toString();
            link.far(link.add(StreamDevice.listen(path, MacAddress.random(), mtu)));
            link.device(link.add(StreamDevice.connect(path, MacAddress.random(), mtu)));
        }
    },
    /** A switch in this JVM, another port of which is Java code's. */
    SWITCH("switch", true) {
        @Override
        void make(Link link, Path folder, int mtu) {
            VirtualSwitch network = link.add(VirtualSwitch.open(mtu));
            link.far(network.connect());
            link.device(network.connect());
        }
    },
    /** passt. */
    USER("user (passt)", false) {
        @Override
        void make(Link link, Path folder, int mtu) {
            UserNetworkSpec spec = UserNetworkSpec.usual().mtu(mtu);
            UserNetwork network =
                    link.add(UserNetwork.open(spec.publish(PublishedPort.tcp(0, HTTP))));
            link.device(network);
            int port = network.published().get(0).getPort();
            link.server("10.0.2.15/24", address(127, 0, 0, 1), port);
        }
    },
    /** QEMU's user network, which is reached at a Unix socket; there is no machine. */
    QEMU("user (QEMU)", false) {
        @Override
        void make(Link link, Path folder, int mtu) throws InterruptedException {
            String socket = folder.resolve("qemu").toString();
            link.add(startQemu(socket));
            link.device(link.add(connect(socket, mtu)));
            link.server("10.0.2.15/24", address(127, 0, 0, 1), QEMU_PORT);
        }

        @Override
        boolean takes(int mtu) {
            return mtu <= StreamDevice.DEFAULT_MTU;
        }
    };

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int HTTP = 80;
    private static final int QEMU_PORT = 8080; // Nobody else is in the namespace.

    private final String title;
    private final boolean isWritten;

    NetPath(String title, boolean isWritten) {
        this.title = title;
        this.isWritten = isWritten;
    }

    /** Returns its name for people. */
    String title() {
        return title;
    }

    /** Returns whether Java code at the other end can write frames. */
    boolean isWritten() {
        return isWritten;
    }

    /** Returns whether payloads of so many bytes fit into its frames. */
    boolean takes(int mtu) {
        return true;
    }

    /**
     * Opens one.
     *
     * @param folder for sockets
     * @throws jukvm.error.JukvmException if the host cannot
     */
    Link open(Path folder, int mtu) throws InterruptedException {
        Link link = new Link();
        try {
            make(link, folder, mtu);
            return link;
        } catch (InterruptedException | RuntimeException e) {
            link.close();
            throw e;
        }
    }

    abstract void make(Link link, Path folder, int mtu) throws InterruptedException;

    /** Makes the thread's namespace a host as passt wants it: one with a default route. */
    static void makeHost() throws InterruptedException {
        sh(
                "ip link set lo up; ip link add out type veth peer name away; ip link set away up;"
                        + " ip link set out up; ip address add 192.0.2.1/24 dev out;"
                        + " ip route add default dev out");
    }

    private static void sh(String script) throws InterruptedException {
        ChildEnd end = Commands.run(LIMIT, Path.of("/bin/sh"), "-ec", script);
        if (!end.succeeded()) {
            String said = script + ": " + end.errors().strip();
            throw new HostException("interfaces", said, 0, "Install iproute2; modprobe tun");
        }
    }

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // Only if the number of octets were wrong.
        }
    }

    // It is gone when this thread is, however the JVM ends.
    private static Child startQemu(String socket) {
        String listens = "stream,id=s,server=on,addr.type=unix,addr.path=" + socket;
        String leads = "user,id=u,hostfwd=tcp:127.0.0.1:" + QEMU_PORT + "-10.0.2.15:" + HTTP;
        Path qemu = required("qemu-system-x86_64", "Install qemu-system-x86");
        Path setpriv = required("setpriv", "Install util-linux");
        List<String> words = new ArrayList<>(List.of("--pdeathsig=KILL", qemu.toString()));
        words.addAll(List.of("-machine", "none", "-nodefaults", "-display", "none"));
        for (String part : List.of(leads, listens)) {
            words.addAll(List.of("-netdev", part));
        }
        for (String end : List.of("u", "s")) { // Both are plugged into one hub.
            words.addAll(List.of("-netdev", "hubport,hubid=0,id=hub-" + end + ",netdev=" + end));
        }
        return Commands.program(setpriv, words).start();
    }

    private static Path required(String program, String remedy) {
        return Commands.find(program)
                .orElseThrow(() -> new HostException(program, "is not on PATH", 0, remedy));
    }

    // It does not say when it listens; by then it need not have the port yet.
    private static StreamDevice connect(String socket, int mtu) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                if (isListening(QEMU_PORT)) {
                    return StreamDevice.connect(socket, MacAddress.random(), mtu);
                }
            } catch (HostException e) {
                // Not yet.
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new HostException(
                        "qemu", "listens nowhere", 0, "Its user network may be missing");
            }
            Thread.sleep(10);
        }
    }

    private static boolean isListening(int port) {
        String listens = String.format(Locale.ROOT, ":%04X 00000000:0000 0A", port);
        try {
            return Files.readString(Path.of("/proc/thread-self/net/tcp")).contains(listens);
        } catch (IOException e) {
            throw new HostException("/proc/thread-self/net/tcp", e.toString(), 0, "");
        }
    }
}
