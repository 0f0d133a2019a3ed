package jukvm.device;

import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.net.Ipv4Address;

/**
 * Java code with an IPv4 address on a {@link VirtualSwitch}, which asks guests something by UDP.
 *
 * <pre>{@code
 * try (UdpPort udp = network.udp("10.0.0.1")) {
 *     byte[] answer = udp.ask("10.0.0.2", 7, request, Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * <p>It lasts until it or its switch is closed, and has no thread and no descriptor: {@link #ask}
 * blocks its caller and nobody else, any number of threads may ask at a time, and what guests send
 * is checked on their own threads. A guest may be asked before it is started: the request waits for
 * it to tell its hardware address, for as long as the caller does. So one port serves guests that
 * come and go.
 *
 * <p>It speaks ARP, and UDP in IPv4 packets without fragments and options; a request has at most
 * 1472 bytes at Ethernet's MTU of 1500. Guests are hostile. Only the address and port that were
 * asked can answer; what is damaged, too late or not for it is dropped and counted. But guests on
 * one switch can speak in each other's name, and each is woken by the search for any: give each a
 * switch of its own where that matters.
 *
 * <p>Thread-safe.
 */
public final class UdpPort implements AutoCloseable {
    // At most once a second (RFC 1122, 2.3.2.1). A guest that comes later tells its address itself.
    private static final long ARP_INTERVAL = TimeUnit.SECONDS.toNanos(1);

    /** When to try again if the guest's queue was full and took nothing. */
    private static final long FULL_INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);

    private static final String NO_ARP_REPLY = "no ARP reply from ";
    private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE);

    private final UdpReceiver receiver;
    private final SwitchPort port;
    private final Waiting time;
    private final AtomicInteger id = new AtomicInteger();

    /** Plugs it in; called by the switch and by tests. */
    UdpPort(VirtualSwitch network, String address, MacAddress mac, Waiting time) {
        this.receiver = new UdpReceiver(Ipv4Address.parse(address), network.mtu());
        this.port = network.connect(mac, receiver);
        this.time = time;
    }

    /**
     * Sends a guest a request and waits for its answer. The guest gets the request once at most: it
     * is sent anew only while the guest's queue is full and so has not taken it.
     *
     * @param address the guest's, such as {@code 10.0.0.2}
     * @param udpPort the guest's, 1 to 65535
     * @param request at most the switch's MTU less 28 bytes for headers; may be empty
     * @param timeout how long to wait at most, for the guest's hardware address and its answer
     *     together
     * @return the answer's data; hostile
     * @throws NoRouteToHostException if the time has passed and the guest did not get the request:
     *     nobody told the hardware address of that IPv4 address, or the guest's queue was full
     * @throws SocketTimeoutException if the time has passed and the guest did not answer; it may
     *     have done what it was asked, or do it yet
     * @throws IOException if the port is or becomes closed
     * @throws IllegalArgumentException if an argument is none of these
     */
    public byte[] ask(String address, int udpPort, byte[] request, Duration timeout)
            throws IOException, InterruptedException {
        return askRepeatedly(address, udpPort, request, timeout, NEVER);
    }

    /**
     * Does the same as {@link #ask} for a request that does no harm if the guest gets it several
     * times.
     *
     * @param interval how long after each request to send it again, if there is no answer; more
     *     than zero
     */
    public byte[] askRepeatedly(
            String address, int udpPort, byte[] request, Duration timeout, Duration interval)
            throws IOException, InterruptedException {
        int most = port.mtu() - UdpDatagram.HEADERS;
        if (request.length > most) {
            throw new IllegalArgumentException(
                    "request of " + request.length + " bytes: not 0 to " + most);
        }
        if (udpPort < 1 || udpPort > 65535) {
            throw new IllegalArgumentException("UDP port " + udpPort + ": not 1 to 65535");
        }
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("interval of " + interval + ": not more than zero");
        }
        UdpExchange exchange = receiver.begin(Ipv4Address.parse(address), udpPort);
        try {
            Ask ask = new Ask(exchange, timeout);
            return ask.request(ask.resolve(), request, TimeUnit.NANOSECONDS.convert(interval));
        } finally {
            receiver.end(exchange);
        }
    }

    /** One call of {@link #ask}. */
    private final class Ask {
        private final UdpExchange exchange;
        private final Duration timeout;
        private final long nanos; // The timeout's.
        private final long start = time.nanoTime();

        Ask(UdpExchange exchange, Duration timeout) {
            this.exchange = exchange;
            this.timeout = timeout;
            this.nanos = TimeUnit.NANOSECONDS.convert(timeout);
        }

        MacAddress resolve() throws IOException, InterruptedException {
            ArpPacket question =
                    new ArpPacket(
                            ArpPacket.REQUEST, port.mac(), receiver.address(), exchange.address());
            while (!exchange.mac().isDone()) {
                long left = nanos - passed();
                if (left <= 0) {
                    throw new NoRouteToHostException(NO_ARP_REPLY + inTime());
                }
                send(question.broadcast());
                time.await(exchange.mac(), Math.min(ARP_INTERVAL, left));
            }
            return result(exchange.mac());
        }

        byte[] request(MacAddress mac, byte[] request, long interval)
                throws IOException, InterruptedException {
            UdpDatagram datagram =
                    new UdpDatagram(
                            receiver.address(),
                            exchange.localPort(),
                            exchange.address(),
                            exchange.port(),
                            ByteBuffer.wrap(request));
            boolean taken = false;
            long due = 0; // When to send next, by passed().
            while (!exchange.answer().isDone()) {
                long now = passed();
                if (now >= nanos) {
                    if (taken) {
                        throw new SocketTimeoutException("no UDP reply from " + inTime());
                    }
                    String missing = due > 0 ? "no room in the queue of " : NO_ARP_REPLY;
                    throw new NoRouteToHostException(missing + inTime());
                }
                if (now >= due) {
                    boolean room = send(datagram.frame(mac, port.mac(), id.getAndIncrement()));
                    taken |= room;
                    due = now + Math.min(room ? interval : FULL_INTERVAL, nanos - now);
                }
                time.await(exchange.answer(), due - now);
            }
            return result(exchange.answer());
        }

        private long passed() {
            return time.nanoTime() - start;
        }

        private String inTime() {
            long millis = TimeUnit.MILLISECONDS.convert(timeout);
            String peer = Ipv4Address.text(exchange.address()) + ":" + exchange.port();
            return peer + " in " + millis + " ms";
        }
    }

    private <T> T result(CompletableFuture<T> event) throws IOException {
        if (event.isCancelled()) {
            throw gone();
        }
        return event.join();
    }

    private boolean send(ByteBuffer frame) throws IOException {
        try {
            return port.write(frame);
        } catch (IOException e) {
            throw gone(); // There is no other reason, and this one names the port by its address.
        }
    }

    private IOException gone() {
        return new IOException("UDP port " + Ipv4Address.text(receiver.address()) + " is closed");
    }

    /**
     * Returns how many frames were dropped because they were damaged, of another protocol, or not
     * the answer that somebody waited for. ARP of others is not counted.
     */
    public long dropped() {
        return receiver.dropped();
    }

    /** Unplugs the port and ends every {@link #ask}; from any thread at any time. */
    @Override
    public void close() {
        port.close();
    }
}
