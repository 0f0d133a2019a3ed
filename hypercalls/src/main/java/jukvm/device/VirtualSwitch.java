package jukvm.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * An Ethernet switch between guests and Java code of one JVM, which needs no interface of the host
 * and no privilege. Java code asks guests something by a {@link UdpPort}, or takes part in frames:
 *
 * <pre>{@code
 * try (SwitchPort port = network.connect()) {
 *     port.write(request);
 *     while (port.await(Duration.ofSeconds(1)) && port.read(reply.clear())) {
 *         if (isAnswer(reply.flip())) { ... }
 *     }
 * }
 * }</pre>
 *
 * <p>A frame goes to the port that its destination leads to, or to all others if that is a group or
 * unknown; never back to its sender. It is copied into a bounded queue of each receiver, whose lock
 * is held for that copy only, so that a guest that is slow or dead holds up nobody.
 *
 * <p>Senders are hostile. A port's own address leads to it while it is connected, whatever others
 * send; a frame's source may still be forged. Up to {@value #LEARNED} other addresses, or moves of
 * such from other ports, are learned from what a port sends, until it disconnects; what comes after
 * that is sent to all. So no guest can fill the table, or draw frames meant for another guest.
 *
 * <p>Thread-safe.
 */
public final class VirtualSwitch implements AutoCloseable {
    /** The MTU where none is given, in bytes: Ethernet's. */
    public static final int DEFAULT_MTU = 1500;

    /** How many addresses beside its own a port can be known by. */
    static final int LEARNED = 32;

    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65535;

    private final int mtu;
    private volatile AddressTable table = AddressTable.EMPTY; // Replaced under this lock.
    private boolean closed;

    private VirtualSwitch(int mtu) {
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("MTU of " + mtu + " bytes: not 68 to 65535");
        }
        this.mtu = mtu;
    }

    /** Opens a switch with Ethernet's MTU and nothing connected. */
    public static VirtualSwitch open() {
        return open(DEFAULT_MTU);
    }

    /**
     * Opens a switch with nothing connected.
     *
     * @param mtu the largest payload of a frame in bytes, 68 to 65535; also of every port
     * @throws IllegalArgumentException if it is outside these
     */
    public static VirtualSwitch open(int mtu) {
        return new VirtualSwitch(mtu);
    }

    /** Returns the largest payload of a frame in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Plugs in a new port with a random address; see {@link #connect(MacAddress)}. */
    public SwitchPort connect() {
        return connect(MacAddress.random());
    }

    /**
     * Plugs in a new port. Whoever does so closes it, or the switch.
     *
     * @param mac its hardware address
     * @throws IllegalArgumentException if the address names a group or is that of another port
     * @throws IllegalStateException if the switch is closed
     */
    public SwitchPort connect(MacAddress mac) {
        return connect(mac, null);
    }

    /**
     * Plugs in Java code that asks guests something, with a random hardware address. Whoever does
     * so closes it, or the switch.
     *
     * @param address its IPv4 address, such as {@code 10.0.0.1}; nobody else's on this switch
     * @throws IllegalArgumentException if the address is not that of a host in a network
     * @throws IllegalStateException if the switch is closed
     */
    public UdpPort udp(String address) {
        return new UdpPort(this, address, MacAddress.random(), Waiting.SYSTEM);
    }

    /**
     * Plugs in a network device whose other end all at the switch are to reach, such as a TAP
     * interface or a {@link StreamDevice}; one port more, with the device's hardware address.
     * Whoever does so closes what this returns, and then the device. A {@link UserNetwork} takes
     * whoever sent last for the only guest, so only one can use it at a time.
     *
     * @throws IllegalArgumentException if the device's MTU is less than the switch's, or its
     *     address is that of another port
     * @throws IllegalStateException if the switch is closed
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public Uplink uplink(NetDevice device) {
        if (device.mtu() < mtu) {
            throw new IllegalArgumentException(
                    "MTU of " + device.mtu() + " bytes: the switch has one of " + mtu);
        }
        return new Uplink(this, device);
    }

    synchronized SwitchPort connect(MacAddress mac, @Nullable FrameReceiver receiver) {
        if (closed) {
            throw new IllegalStateException("the switch is closed");
        }
        if (mac.isMulticast()) {
            throw new IllegalArgumentException(mac + " names a group, not an interface");
        }
        if (isOwn(mac.bits(), table.find(mac.bits()))) {
            throw new IllegalArgumentException(mac + " is connected already");
        }
        SwitchPort port = new SwitchPort(this, mac, receiver);
        table = table.with(mac.bits(), port);
        return port;
    }

    synchronized void disconnect(SwitchPort port) {
        table = table.without(port);
    }

    /** Sends a frame of a header or more on its way; returns what {@link SwitchPort#write} does. */
    boolean forward(SwitchPort from, ByteBuffer frame) {
        long destination = address(frame, 0);
        long source = address(frame, MacAddress.SIZE);
        if (source != from.address()) {
            learn(source, from);
        }
        AddressTable now = table;
        SwitchPort to = now.find(destination); // Groups are never in it.
        if (to != null) {
            return to == from || to.offer(frame);
        }
        for (int i = 0; i < now.size(); i++) {
            SwitchPort port = now.port(i);
            if (port != from && now.isOwn(i)) {
                port.offer(frame);
            }
        }
        return true;
    }

    private void learn(long source, SwitchPort from) {
        SwitchPort known = table.find(source);
        boolean isNew = known == null && from.learned < LEARNED;
        boolean isMove = known != null && known != from && !isOwn(source, known);
        if (!isNew && !isMove || new MacAddress(source).isMulticast()) {
            return;
        }
        synchronized (this) {
            boolean isConnected = table.find(from.address()) == from;
            if (!isConnected || isOwn(source, table.find(source))) {
                return; // Since it was looked up without the lock.
            }
            if (from.learned < LEARNED) {
                from.learned++;
                table = table.with(source, from);
            } else {
                table = table.without(source);
            }
        }
    }

    private static boolean isOwn(long address, @Nullable SwitchPort port) {
        return port != null && port.address() == address;
    }

    private static long address(ByteBuffer frame, int at) {
        long bytes = frame.getLong(frame.position() + at);
        return (frame.order() == ByteOrder.BIG_ENDIAN ? bytes : Long.reverseBytes(bytes)) >>> 16;
    }

    /** Closes all ports as {@link SwitchPort#close} does; none can be connected any more. */
    @Override
    public void close() {
        AddressTable last;
        synchronized (this) {
            closed = true;
            last = table;
        }
        for (int i = 0; i < last.size(); i++) {
            last.port(i).close();
        }
    }
}
