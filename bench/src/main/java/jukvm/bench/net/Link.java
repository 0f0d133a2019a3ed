package jukvm.bench.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import jukvm.device.NetDevice;
import org.jspecify.annotations.Nullable;

/** A way between a guest and the host that is being opened, then open. Used by one thread. */
final class Link implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private @Nullable NetDevice device;
    private Optional<NetDevice> far = Optional.empty();
    private Optional<InetSocketAddress> server = Optional.empty();
    private String address = "";

    /** Has something closed with this, before what was added earlier. */
    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** Sets the guest's end. */
    void device(NetDevice guests) {
        device = guests;
    }

    /** Sets the other end, which reads and writes frames. */
    void far(NetDevice javas) {
        far = Optional.of(javas);
    }

    /** Sets what the guest is in IPv4, and where its port 80 is asked. */
    void server(String guests, InetAddress at, int port) {
        address = guests;
        server = Optional.of(new InetSocketAddress(at, port));
    }

    /** Returns the guest's end. */
    NetDevice device() {
        if (device == null) {
            throw new IllegalStateException("the link is not open");
        }
        return device;
    }

    /** Returns the other end, if Java code reads and writes frames there. */
    Optional<NetDevice> far() {
        return far;
    }

    /** Returns where port 80 of the guest is asked, if anybody speaks TCP at the other end. */
    Optional<InetSocketAddress> server() {
        return server;
    }

    /** Returns the guest's address and its prefix. */
    String address() {
        return address;
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // What is left goes with the namespace.
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
