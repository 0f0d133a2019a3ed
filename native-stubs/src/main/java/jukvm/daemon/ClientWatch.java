package jukvm.daemon;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jukvm.error.HostException;
import jukvm.libc.EpollEvent;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SocketMessage;
import org.jspecify.annotations.Nullable;

/**
 * Listens to all clients whose guests run, on one thread: for a signal, or for their end; and looks
 * whether they are stopped, for of SIGSTOP nobody is told. Thread-safe.
 *
 * <p>Source: epoll(7). The data of an event is the descriptor's number.
 */
public final class ClientWatch implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int NOTHING = 0;
    private static final int AT_ONCE = 64;
    private static final int IDLE_MILLIS = 1000;
    private static final int LOOK_MILLIS = 100;
    private static final long LOOK_NANOS = LOOK_MILLIS * 1_000_000L;
    private static final int LOOKS = 32;

    // Who has more to say than these between two looks is heard again after the next: each costs
    // this process more than its sender, who may be limited.
    private static final int NOTICES = 16;
    private static final long TOLD_AFTER_NANOS = 1_000_000_000L;
    private static final int LONGEST = 128;

    // Under the lock.
    private static final class Watched {
        private final Client client;
        private final SignalTarget run;
        private final long since = System.nanoTime();
        private @Nullable ClientState state;
        private boolean isUnseen;
        private boolean isStopped;
        private boolean isPaused;
        private int heard; // Since the last look.

        Watched(Client client, SignalTarget run) {
            this.client = client;
            this.run = run;
        }

        void look() {
            try {
                if (state == null && !isUnseen) {
                    state = ClientState.of(client.pid());
                }
                isStopped = state != null && state.isStopped();
            } catch (HostException e) {
                isUnseen = true;
            }
            follow();
        }

        /** Pauses, resumes and stops a run as its client is. */
        void follow() {
            boolean pauses = isStopped || client.isPaused();
            if (pauses != isPaused) {
                isPaused = pauses;
                if (pauses) {
                    run.pause();
                } else {
                    run.resume();
                }
            }
        }

        void close() {
            if (state != null) {
                state.close();
            }
        }
    }

    private final Fd epoll;
    private final Fd end = Fd.event("watch");
    private final Mapping event = Mapping.anonymous(EpollEvent.SIZE);
    private final ByteBuffer eventAt = event.window(0, EpollEvent.SIZE);
    private final Map<Long, Watched> watched = new HashMap<>();
    private final Map<Long, Watched> untold = new LinkedHashMap<>();
    private long round; // of that thread
    private final Thread thread = new Thread(this::listen, "jukvm-clients");

    /**
     * Begins to listen.
     *
     * @throws jukvm.error.HostException if the host has no descriptor for it
     */
    public ClientWatch() {
        epoll = Fd.of(LIBC.epollCreate(Libc.O_CLOEXEC), "clients", "epoll_create1");
        control(EpollEvent.EPOLL_CTL_ADD, end, EpollEvent.EPOLLIN);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Has a run do as its client does: pause while that is stopped, and stop once, on the thread
     * that listens, when it is told by a signal to end, or has ended.
     */
    public synchronized void add(Client client, SignalTarget run) {
        Fd socket = client.socketFd();
        Watched begun = new Watched(client, run);
        watched.put((long) socket.number(), begun);
        untold.put((long) socket.number(), begun);
        begun.follow();
        control(EpollEvent.EPOLL_CTL_ADD, socket, EpollEvent.EPOLLIN);
    }

    /** Listens no more to a client. */
    public synchronized void remove(Client client) {
        Fd socket = client.socketFd();
        untold.remove((long) socket.number());
        Watched removed = watched.remove((long) socket.number());
        if (removed != null) {
            removed.close();
            control(EpollEvent.EPOLL_CTL_DEL, socket, NOTHING);
        }
    }

    /** Returns the run of a client by its process; none if it is not listened to. */
    public synchronized Optional<SignalTarget> run(int pid) {
        return watched.values().stream()
                .filter(each -> pid > 0 && each.client.pid() == pid)
                .map(each -> each.run)
                .findFirst();
    }

    private void control(int operation, Fd fd, int events) {
        eventAt.putInt(EpollEvent.EVENTS, events).putLong(EpollEvent.DATA, fd.number());
        int result = LIBC.epollControl(epoll.number(), operation, fd.number(), event.address());
        if (result < 0) {
            throw Errno.exception(fd.name() + ": epoll_ctl", -result);
        }
    }

    private void listen() {
        try (Mapping events = Mapping.anonymous(AT_ONCE * EpollEvent.SIZE);
                SocketMessage message = new SocketMessage(LONGEST)) {
            ByteBuffer at = events.window(0, AT_ONCE * EpollEvent.SIZE);
            long looked = System.nanoTime();
            while (true) {
                int wait = isIdle() ? IDLE_MILLIS : LOOK_MILLIS;
                int count = LIBC.epollWait(epoll.number(), events.address(), AT_ONCE, wait);
                tellBegun(message);
                if (System.nanoTime() - looked >= LOOK_NANOS) {
                    looked = System.nanoTime();
                    look();
                }
                for (int i = 0; i < count; i++) {
                    long number = at.getLong(i * EpollEvent.SIZE + EpollEvent.DATA);
                    if (number == end.number()) {
                        return;
                    }
                    hear(number, message);
                }
            }
        }
    }

    private synchronized boolean isIdle() {
        return watched.isEmpty();
    }

    // A look takes 10 µs, so the more there are, the less often each is looked at.
    private void look() {
        Map<Long, Watched> all = all();
        round++;
        int turns = 1 + all.size() / LOOKS;
        all.forEach(
                (number, each) -> {
                    if ((round + number) % turns == 0) {
                        look(number, each);
                    }
                });
    }

    private synchronized void look(long number, Watched each) {
        if (watched.get(number) == each) {
            each.look();
            if (each.heard >= NOTICES) {
                control(EpollEvent.EPOLL_CTL_MOD, each.client.socketFd(), EpollEvent.EPOLLIN);
            }
            each.heard = 0;
        }
    }

    private synchronized Map<Long, Watched> all() {
        return Map.copyOf(watched);
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
        SignalTarget run = () -> {};
        synchronized (this) {
            // Its guest may have ended this moment; then nobody is watched, or another of that
            // number.
            Watched heard = watched.get(number);
            if (heard == null) {
                return;
            }
            if (++heard.heard == NOTICES) {
                // But of its end.
                control(EpollEvent.EPOLL_CTL_MOD, heard.client.socketFd(), NOTHING);
            }
            if (heard.client.hear(message)) {
                remove(heard.client);
                run = heard.run;
            } else {
                // Whoever tells of a signal is not stopped any more, whatever it was.
                heard.isStopped = false;
                heard.follow();
            }
        }
        run.stop();
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
