package jukvm.client;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SocketMessage;

/**
 * Listens to all clients whose guests run, on one thread: for a signal, or for their end.
 * Thread-safe.
 *
 * <p>Source: epoll(7); linux/eventpoll.h, struct epoll_event, which x86-64 packs: events u32 @0,
 * data u64 @4.
 */
public final class ClientWatch implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int EVENT = 12;
    private static final int DATA = 4;
    private static final int EPOLLIN = 1;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int AT_ONCE = 64;
    private static final int LOOK_MILLIS = 1000;
    private static final long TOLD_AFTER_NANOS = 1_000_000_000L;
    private static final int LONGEST = 128;

    private record Watched(Client client, Runnable stop, long since) {}

    private final Fd epoll;
    private final Fd end = Fd.event("watch");
    private final Mapping event = Mapping.anonymous(EVENT);
    private final ByteBuffer eventAt = event.window(0, EVENT);
    private final Map<Long, Watched> watched = new HashMap<>();
    private final Map<Long, Watched> untold = new LinkedHashMap<>();
    private final Thread thread = new Thread(this::listen, "jukvm-clients");

    /**
     * Begins to listen.
     *
     * @throws jukvm.error.HostException if the host has no descriptor for it
     */
    public ClientWatch() {
        epoll = Fd.of(LIBC.epollCreate(Libc.O_CLOEXEC), "clients", "epoll_create1");
        control(EPOLL_CTL_ADD, end);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Has something called once, on the thread that listens, when the client is told by a signal to
     * end, or has ended.
     */
    public synchronized void add(Client client, Runnable stop) {
        Fd socket = client.socketFd();
        Watched begun = new Watched(client, stop, System.nanoTime());
        watched.put((long) socket.number(), begun);
        untold.put((long) socket.number(), begun);
        control(EPOLL_CTL_ADD, socket);
    }

    /** Listens no more to a client. */
    public synchronized void remove(Client client) {
        Fd socket = client.socketFd();
        untold.remove((long) socket.number());
        if (watched.remove((long) socket.number()) != null) {
            control(EPOLL_CTL_DEL, socket);
        }
    }

    private void control(int operation, Fd fd) {
        eventAt.putInt(0, EPOLLIN).putLong(DATA, fd.number());
        int result = LIBC.epollControl(epoll.number(), operation, fd.number(), event.address());
        if (result < 0) {
            throw Errno.exception(fd.name() + ": epoll_ctl", -result);
        }
    }

    private void listen() {
        try (Mapping events = Mapping.anonymous(AT_ONCE * EVENT);
                SocketMessage message = new SocketMessage(LONGEST)) {
            ByteBuffer at = events.window(0, AT_ONCE * EVENT);
            while (true) {
                int count = LIBC.epollWait(epoll.number(), events.address(), AT_ONCE, LOOK_MILLIS);
                tellBegun(message);
                for (int i = 0; i < count; i++) {
                    long number = at.getLong(i * EVENT + DATA);
                    if (number == end.number()) {
                        return;
                    }
                    hear(number, message);
                }
            }
        }
    }

    private synchronized void tellBegun(SocketMessage message) {
        long now = System.nanoTime();
        for (Iterator<Watched> each = untold.values().iterator(); each.hasNext(); ) {
            Watched next = each.next();
            if (now - next.since < TOLD_AFTER_NANOS) {
                return;
            }
            each.remove();
            next.client.tellBegun(message);
        }
    }

    private void hear(long number, SocketMessage message) {
        Runnable stop = () -> {};
        synchronized (this) {
            // Its guest may have ended this moment; then nobody is watched, or another of that
            // number.
            Watched heard = watched.get(number);
            if (heard != null && heard.client.hear(message)) {
                remove(heard.client);
                stop = heard.stop;
            }
        }
        stop.run();
    }

    /** Listens no more. */
    @Override
    public void close() {
        try (Mapping one = Mapping.anonymous(Long.BYTES)) {
            one.window(0, Long.BYTES).putLong(0, 1);
            LIBC.write(end.number(), one.address(), Long.BYTES);
        }
    }
}
