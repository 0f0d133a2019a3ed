package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.Doorbell;
import jukvm.io.EitherReadable;
import jukvm.net.Ipv4Address;
import org.jspecify.annotations.Nullable;

/**
 * A network device whose guest is told by DHCP what to be in IPv4, here and not by the network: of
 * what the guest sends, questions to a DHCP server go no further, and the answer is the next frame
 * that it reads. All else passes to and from another device. There is one lease, which is renewed
 * whenever the guest asks. Frames of the guest are hostile.
 *
 * <p>Read and written by one thread at a time each, as a guest does.
 */
public final class DhcpDevice extends PassingNet implements AutoCloseable {
    private static final int LEASE_SECONDS = 24 * 60 * 60;
    private static final int EVERYBODY = -1;
    private static final MacAddress SERVER_MAC = new MacAddress(0x02_0000_0000_01L);
    private static final MacAddress OTHER_MAC = new MacAddress(0x02_0000_0000_02L);

    private final Ipv4Settings ipv4;
    private final int address;
    private final int mask;
    private final int gateway;
    private final int nameServer;
    private final int server;
    private final MacAddress serverMac;
    private final Doorbell doorbell;
    private final EitherReadable readiness;
    private @Nullable ByteBuffer answer;
    private int id;

    private DhcpDevice(
            NetDevice device, Ipv4Settings ipv4, Doorbell doorbell, EitherReadable readiness) {
        super(device);
        int slash = ipv4.address().indexOf('/');
        int prefix = Integer.parseInt(ipv4.address().substring(slash + 1));
        this.ipv4 = ipv4;
        this.address = Ipv4Address.parse(ipv4.address().substring(0, slash));
        this.mask = prefix == 0 ? 0 : -1 << Integer.SIZE - prefix;
        this.gateway = number(ipv4.gateway());
        this.nameServer = number(ipv4.nameServer());
        // A client looks for it to renew its lease, and if nobody answers it asks everybody.
        int first = address & mask | 1;
        this.server = gateway != 0 ? gateway : first == address ? first + 1 : first;
        this.serverMac = device.mac().equals(SERVER_MAC) ? OTHER_MAC : SERVER_MAC;
        this.doorbell = doorbell;
        this.readiness = readiness;
    }

    private static int number(String address) {
        return address.isEmpty() ? 0 : Ipv4Address.parse(address);
    }

    /**
     * Answers a guest's questions in place of a network.
     *
     * @param device which all else passes to and from; it stays open for as long as this is, and is
     *     not closed with it
     * @param ipv4 what the guest is to be
     * @throws HostException if the host has no descriptor or memory for it
     * @throws IllegalArgumentException if an address is none
     */
    public static DhcpDevice of(NetDevice device, Ipv4Settings ipv4) {
        Doorbell doorbell = Doorbell.open();
        try {
            EitherReadable readiness = EitherReadable.of(device.readiness(), doorbell);
            try {
                return new DhcpDevice(device, ipv4, doorbell, readiness);
            } catch (RuntimeException e) {
                readiness.close();
                throw e;
            }
        } catch (RuntimeException e) {
            doorbell.close();
            throw e;
        }
    }

    @Override
    public Optional<Ipv4Settings> ipv4() {
        return Optional.of(ipv4);
    }

    @Override
    public Pollable readiness() {
        return readiness;
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        ByteBuffer waiting = answer;
        if (waiting == null) {
            return device.read(into);
        }
        answer = null;
        doorbell.silence();
        into.put(waiting.limit(Math.min(waiting.limit(), into.remaining())));
        return true;
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        if (!UdpDatagram.isTo(frame, DhcpMessage.SERVER_PORT)) {
            return device.write(frame);
        }
        ByteBuffer copy = EthernetHeader.copy(frame);
        UdpDatagram datagram = UdpDatagram.parse(copy);
        DhcpMessage question = datagram == null ? null : DhcpMessage.parse(datagram.data());
        if (question == null) {
            return false;
        }
        ByteBuffer made = answer(question, EthernetHeader.from(copy));
        if (made != null) {
            answer = made;
            doorbell.ring();
        }
        return true;
    }

    private @Nullable ByteBuffer answer(DhcpMessage question, MacAddress asker) {
        boolean isForOther = question.server() != 0 && question.server() != server;
        return switch (question.type()) {
            case DhcpMessage.DISCOVER ->
                    frame(question, lease(question, DhcpMessage.OFFER, address), asker);
            case DhcpMessage.INFORM -> frame(question, lease(question, DhcpMessage.ACK, 0), asker);
            case DhcpMessage.REQUEST -> isForOther ? null : request(question, asker);
            default -> null; // What it gives back is nobody else's, and it may ask for it again.
        };
    }

    private ByteBuffer request(DhcpMessage question, MacAddress asker) {
        if (question.wanted() == address) {
            return frame(question, lease(question, DhcpMessage.ACK, address), asker);
        }
        ByteBuffer refusal = question.answer(DhcpMessage.NAK, 0);
        DhcpMessage.put(refusal, DhcpMessage.SERVER, server);
        return frame(EVERYBODY, DhcpMessage.end(refusal), EthernetHeader.BROADCAST);
    }

    private ByteBuffer lease(DhcpMessage question, int type, int leased) {
        ByteBuffer lease = question.answer(type, leased);
        DhcpMessage.put(lease, DhcpMessage.SERVER, server);
        if (leased != 0) {
            DhcpMessage.put(lease, DhcpMessage.LEASE_TIME, LEASE_SECONDS);
        }
        DhcpMessage.put(lease, DhcpMessage.SUBNET_MASK, mask);
        DhcpMessage.putShort(lease, DhcpMessage.INTERFACE_MTU, mtu());
        if (gateway != 0) {
            DhcpMessage.put(lease, DhcpMessage.ROUTER, gateway);
        }
        if (nameServer != 0) {
            DhcpMessage.put(lease, DhcpMessage.NAME_SERVER, nameServer);
        }
        return DhcpMessage.end(lease);
    }

    private ByteBuffer frame(DhcpMessage question, ByteBuffer data, MacAddress asker) {
        if (question.client() != 0) {
            return frame(question.client(), data, asker);
        }
        return question.wantsBroadcast()
                ? frame(EVERYBODY, data, EthernetHeader.BROADCAST)
                : frame(address, data, asker);
    }

    private ByteBuffer frame(int to, ByteBuffer data, MacAddress toMac) {
        return new UdpDatagram(server, DhcpMessage.SERVER_PORT, to, DhcpMessage.CLIENT_PORT, data)
                .frame(toMac, serverMac, id++);
    }

    /** Answers no more; the other device stays open. */
    @Override
    public void close() {
        readiness.close();
        doorbell.close();
    }
}
