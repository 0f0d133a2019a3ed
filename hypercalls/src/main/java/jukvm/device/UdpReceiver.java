package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of a {@link UdpPort}: answers ARP, hands what was asked for to who asked, and
 * counts and drops all else.
 *
 * <p>It works on the thread of the guest that sends and keeps nothing but one answer for each
 * request under way, so that a guest that floods it uses its own time and no memory.
 */
final class UdpReceiver implements FrameReceiver {
    /** The ports that no service is registered for begin here. Source: RFC 6335, section 6. */
    private static final int FIRST_PORT = 49152;

    private static final int PORTS = 65536 - FIRST_PORT;

    private final int address;
    private final ConcurrentMap<Integer, UdpExchange> exchanges = new ConcurrentHashMap<>();
    private final AtomicInteger nextPort = new AtomicInteger();
    private volatile boolean closed;

    // A copy, since the guest may change a frame while it is checked; also the lock of the count.
    private final ByteBuffer copy;
    private long dropped;

    UdpReceiver(int address, int mtu) {
        this.address = address;
        this.copy = ByteBuffer.allocate(mtu + SwitchPort.OVERHEAD);
    }

    int address() {
        return address;
    }

    long dropped() {
        synchronized (copy) {
            return dropped;
        }
    }

    /**
     * Begins an exchange, to be ended by {@link #end}. Its local port is the one used longest ago,
     * so that an answer that comes too late is nobody's.
     *
     * @throws IllegalStateException if all 16384 local ports are in use
     */
    UdpExchange begin(int peer, int port) {
        for (int i = 0; i < PORTS; i++) {
            int localPort = FIRST_PORT + Math.floorMod(nextPort.getAndIncrement(), PORTS);
            UdpExchange exchange = new UdpExchange(localPort, peer, port);
            if (exchanges.putIfAbsent(localPort, exchange) == null) {
                if (closed) {
                    exchange.cancel(); // It may have come too late to be cancelled by close.
                }
                return exchange;
            }
        }
        throw new IllegalStateException(PORTS + " requests are under way");
    }

    void end(UdpExchange exchange) {
        exchanges.remove(exchange.localPort());
    }

    @Override
    public void receive(SwitchPort port, ByteBuffer frame) {
        ByteBuffer reply;
        synchronized (copy) {
            frame.get(frame.position(), copy.array(), 0, frame.remaining());
            copy.clear().limit(frame.remaining());
            reply = take(port.mac());
        }
        if (reply != null) {
            try {
                port.write(reply);
            } catch (IOException e) {
                // The port was closed meanwhile, and has no address to tell any more.
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        exchanges.values().forEach(UdpExchange::cancel);
    }

    /** Takes the frame in the copy, and returns the answer to be sent, or null. */
    private @Nullable ByteBuffer take(MacAddress mac) {
        MacAddress to = EthernetHeader.to(copy);
        short type = EthernetHeader.type(copy);
        boolean isOurs = to.equals(mac);
        if (type == EthernetHeader.ARP && (isOurs || to.equals(EthernetHeader.BROADCAST))) {
            ArpPacket packet = ArpPacket.parse(copy);
            if (packet != null) {
                return take(packet, mac);
            }
        } else if (type == EthernetHeader.IPV4 && isOurs) {
            UdpDatagram datagram = UdpDatagram.parse(copy);
            if (datagram != null && take(datagram)) {
                return null;
            }
        }
        dropped++;
        return null;
    }

    // Every packet tells its sender's address, requests and announcements among them (RFC 826).
    private @Nullable ByteBuffer take(ArpPacket packet, MacAddress mac) {
        for (UdpExchange exchange : exchanges.values()) {
            if (exchange.address() == packet.sender()) {
                exchange.mac().complete(packet.senderMac());
            }
        }
        boolean asksUs = packet.operation() == ArpPacket.REQUEST && packet.target() == address;
        return asksUs
                ? new ArpPacket(ArpPacket.REPLY, mac, address, packet.sender())
                        .unicast(packet.senderMac())
                : null;
    }

    private boolean take(UdpDatagram datagram) {
        UdpExchange exchange = exchanges.get(datagram.destinationPort());
        if (exchange == null
                || datagram.destination() != address
                || datagram.source() != exchange.address()
                || datagram.sourcePort() != exchange.port()
                || exchange.answer().isDone()) {
            return false;
        }
        byte[] data = new byte[datagram.data().remaining()];
        datagram.data().get(data);
        return exchange.answer().complete(data);
    }
}
