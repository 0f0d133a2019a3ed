package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.host.Pollable;
import jukvm.io.EitherReadable;
import jukvm.io.Requester;
import jukvm.net.Ipv4Address;
import jukvm.net.UdpSocket;

/**
 * A network device whose guest asks a name server that only its host reaches, such as one on the
 * loopback interface: of what the guest sends, questions by DNS over UDP to an address that stands
 * for that server are sent to it, and its answers come back as if from that address. All else
 * passes to and from another device. Guest and server are hostile.
 *
 * <p>Read and written by one thread at a time each, as a guest does.
 */
public final class DnsDevice extends PassingNet implements AutoCloseable {
    /** The port of name servers. */
    public static final int PORT = 53;

    // So many questions may be without answer; who asks more loses the oldest.
    private static final int PENDING = 64;

    private static final int ID = 0; // u16, which an answer repeats
    private static final int HEADER = 12;

    private final int standIn;
    private final UdpSocket server;
    private final EitherReadable readiness;
    private final Map<Short, Question> pending = new LinkedHashMap<>();
    private int id;

    /** Who has asked, and whom. */
    private record Question(MacAddress asker, MacAddress asked, int address, int port) {}

    private DnsDevice(NetDevice device, int standIn, UdpSocket server, EitherReadable readiness) {
        super(device);
        this.standIn = standIn;
        this.server = server;
        this.readiness = readiness;
    }

    /**
     * Leads a guest's questions to a name server that the caller reaches.
     *
     * @param device which all else passes to and from; it stays open for as long as this is, and is
     *     not closed with it
     * @param standIn the address that the guest asks, which it reaches by the device, such as its
     *     gateway's
     * @param nameServer such as {@code 127.0.0.11}
     * @param port of the name server, {@link #PORT} of most
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     * @throws IllegalArgumentException if an address is none
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static DnsDevice of(
            Requester caller, NetDevice device, String standIn, String nameServer, int port) {
        int address = Ipv4Address.parse(standIn);
        UdpSocket server = UdpSocket.connect(caller, Ipv4Address.number(nameServer), port);
        try {
            EitherReadable readiness = EitherReadable.of(device.readiness(), server);
            return new DnsDevice(device, address, server, readiness);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @Override
    public Pollable readiness() {
        return readiness;
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        // First, so that other frames do not keep answers away; but most of the time there are none
        // to come.
        return !pending.isEmpty() && readAnswer(into)
                || device.read(into)
                || pending.isEmpty() && readAnswer(into);
    }

    private boolean readAnswer(ByteBuffer into) {
        for (ByteBuffer data = server.receive(); data.hasRemaining(); data = server.receive()) {
            Question question = data.limit() < HEADER ? null : pending.remove(data.getShort(ID));
            if (question != null && data.limit() <= mtu() - UdpDatagram.HEADERS) {
                ByteBuffer frame =
                        new UdpDatagram(standIn, PORT, question.address, question.port, data)
                                .frame(question.asker, question.asked, id++);
                into.put(frame.limit(Math.min(frame.limit(), into.remaining())));
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        if (!UdpDatagram.isTo(frame, PORT)) {
            return device.write(frame);
        }
        ByteBuffer copy = EthernetHeader.copy(frame);
        UdpDatagram datagram = UdpDatagram.parse(copy);
        if (datagram == null || datagram.destination() != standIn) {
            return device.write(frame);
        }
        ByteBuffer data = datagram.data();
        if (data.limit() < HEADER || data.limit() > UdpSocket.LONGEST) {
            return false;
        }
        if (pending.size() == PENDING) {
            pending.remove(pending.keySet().iterator().next());
        }
        pending.put(
                data.getShort(ID),
                new Question(
                        EthernetHeader.from(copy),
                        EthernetHeader.to(copy),
                        datagram.source(),
                        datagram.sourcePort()));
        server.send(data);
        return true;
    }

    /** Leads no more questions anywhere; the other device stays open. */
    @Override
    public void close() {
        readiness.close();
        server.close();
    }
}
