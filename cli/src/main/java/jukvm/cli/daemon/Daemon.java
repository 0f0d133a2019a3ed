package jukvm.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.cli.invoker.IsolationMode;
import jukvm.daemon.Build;
import jukvm.daemon.Client;
import jukvm.daemon.ClientListener;
import jukvm.daemon.ClientRequest;
import jukvm.daemon.MessageBuffer;
import jukvm.daemon.SignalTarget;
import jukvm.io.SparseSender;

/**
 * A JVM that stays, and runs guests for clients of its user: with VMs kept and images laid out. It
 * ends when it is told to, when nobody has come for some time, or when it is of another build than
 * a client.
 *
 * <p>Each client is served by one thread from its connection to its end; there are never more runs
 * than {@link #CLIENTS}, and who comes then is sent the cold way at once: while it waited, its
 * descriptors would be open here.
 */
final class Daemon {
    /** How many clients are served at once, where there are descriptors for them. */
    static final int CLIENTS = 256;

    /** How the status ends of one that has each guest in a process of its own. */
    static final String APART = "; each guest in a process of its own";

    /** Descriptors that a client's guest takes if it has few devices, and those of the JVM. */
    private static final int OF_CLIENT = 16;

    private static final int OF_JVM = 64;
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files +(\\d+) .*");

    private static final int SPARE_SECONDS = 10;
    private static final int SPARE = 2;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Build build;
    private final Duration idle;
    private final DaemonPlace.Taken taken;
    private final SourceWatch sources;
    private final ClientInvoker.Shared shared;
    private final ClientListener listener;
    private final int clients;
    private final long begun = System.nanoTime();

    // Guarded by this.
    private int threads;
    private int busy;
    private int guests;
    private long served;
    private long lastUsed = System.nanoTime();
    private boolean retired;

    /**
     * Begins to listen.
     *
     * @param idle how long it waits for a client before it ends
     * @param shared that is closed at its end
     * @throws jukvm.error.JukvmException if it cannot
     */
    Daemon(
            DaemonPlace.Taken taken,
            Build build,
            Duration idle,
            SourceWatch sources,
            ClientInvoker.Shared shared) {
        this.taken = taken;
        this.build = build;
        this.idle = idle;
        this.sources = sources;
        this.clients = clients(readLimits());
        this.shared = shared;
        this.listener = taken.listen(SPARE_SECONDS);
    }

    private static List<String> readLimits() {
        try {
            return Files.readAllLines(LIMITS);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Returns how many to serve at once, by the lines of the limits that proc(5) shows. */
    static int clients(List<String> limits) {
        for (String line : limits) {
            Matcher files = OPEN_FILES.matcher(line);
            if (files.matches()) {
                long count = (Long.parseLong(files.group(1)) - OF_JVM) / OF_CLIENT;
                return (int) Math.max(1, Math.min(CLIENTS, count));
            }
        }
        return CLIENTS;
    }

    /** Serves clients until the end. */
    void serve() throws InterruptedException {
        startThread();
        synchronized (this) {
            while (!retired && left() > 0 && isFound()) {
                wait(Math.max(1, Math.min(left(), LOOK_NANOS) / 1_000_000));
            }
        }
        retire();
        synchronized (this) {
            while (busy > 0) {
                wait();
            }
        }
        shared.close();
    }

    // A cleaner of old files, or the end of the user's last session, may have removed its place.
    private boolean isFound() {
        boolean isFound = taken.held().isInPlace();
        if (!isFound) {
            System.err.println(
                    taken.place().socket() + " is gone: ends when its guests have ended");
        }
        return isFound;
    }

    /** Has it end, and its guests before, and waits for that for some seconds; from any thread. */
    void stop() throws InterruptedException {
        retire();
        shared.endGuests();
        long start = System.nanoTime();
        synchronized (this) {
            while (busy > 0 && System.nanoTime() - start < PATIENCE_NANOS) {
                wait(LOOK_NANOS / 1_000_000);
            }
        }
    }

    private long left() {
        return busy > 0 ? idle.toNanos() : idle.toNanos() - (System.nanoTime() - lastUsed);
    }

    private synchronized void startThread() {
        threads++;
        try {
            Thread thread = new Thread(this::serveClients, "jukvm-client");
            thread.setDaemon(true); // It may wait for a client when the process is to end.
            thread.start();
        } catch (OutOfMemoryError e) {
            threads--; // The host allows no more now; those that there are go on.
        }
    }

    private void serveClients() {
        boolean counted = true;
        try (MessageBuffer room = new MessageBuffer()) {
            ClientService service = new ClientService(shared, taken.place().log());
            while (counted) {
                Optional<Client> client = listener.accept(room);
                if (client.isPresent()) {
                    serveOne(client.get(), service);
                } else {
                    counted = !leaves();
                }
            }
        } finally {
            if (counted) {
                replaceThread();
            }
        }
    }

    // Whatever one died of, the others are not to wait for it.
    private synchronized void replaceThread() {
        threads--;
        if (busy == threads && !retired) {
            startThread();
        }
    }

    private synchronized boolean leaves() {
        // By a lent socket clients go on to come: until the end somebody has to send them away.
        boolean leaves = retired && !listener.isLent() || threads - busy > SPARE;
        if (leaves) {
            threads--;
        }
        return leaves;
    }

    private void serveOne(Client client, ClientService service) {
        boolean isLast = begin();
        try (client) {
            answer(client, service, isLast);
        } finally {
            end();
        }
    }

    // One thread always waits for the next client. Returns whether there would be none while this
    // one runs a guest.
    private synchronized boolean begin() {
        busy++;
        if (busy == threads && threads <= clients) {
            startThread();
        }
        return busy == threads;
    }

    private synchronized void end() {
        busy--;
        lastUsed = System.nanoTime();
        if (retired) {
            notifyAll();
        }
    }

    private void answer(Client client, ClientService service, boolean isLast) {
        switch (client.request()) {
            case RUN -> {
                boolean isRefused = isLast || isRetired();
                Optional<ClientRequest> hello = isRefused ? Optional.empty() : client.hello();
                hello.ifPresentOrElse(each -> run(client, each, service), client::goCold);
            }
            case STATUS -> client.tell(build, status());
            case RETIRE -> {
                retire();
                client.tell(build, status());
            }
            case STOP -> {
                retire();
                shared.endGuests();
                client.tell(build, status());
            }
            case CORE -> core(client, isLast);
            case UNKNOWN -> replaced(client);
            case NOTHING -> client.goCold(); // Which it would take for our end, else.
        }
    }

    private void core(Client client, boolean isLast) {
        try (SparseSender to = new SparseSender(client.coreTo())) {
            Optional<SignalTarget> run =
                    isLast ? Optional.empty() : shared.watch().run(client.coreOf());
            run.ifPresentOrElse(
                    found -> found.core(to),
                    () -> to.refuse("has no guest in this daemon, or that has too many clients"));
        }
    }

    // Who goes there as stale starts the next daemon, which would not know of this one's options.
    private void replaced(Client client) {
        retire();
        if (shared.isolation() == IsolationMode.PROCESS) {
            client.goCold();
        } else {
            client.goColdAsStale();
        }
    }

    private void run(Client client, ClientRequest hello, ClientService service) {
        if (!hello.build().equals(build) || sources.haveChanged()) {
            replaced(client);
            return;
        }
        count(1, 0);
        int ran = 0;
        try {
            ran = service.run(client, hello) ? 1 : 0;
        } finally {
            count(-1, ran);
        }
    }

    private synchronized void count(int more, int ran) {
        guests += more;
        served += ran;
    }

    private synchronized boolean isRetired() {
        return retired;
    }

    private synchronized void retire() {
        if (!retired) {
            retired = true;
            taken.leave();
            listener.close();
            notifyAll();
        }
    }

    synchronized String status() {
        return String.format(
                Locale.ROOT,
                "running as pid %d for %s; guests now: %d, before: %d; ends after %s without any%s",
                ProcessHandle.current().pid(),
                text(System.nanoTime() - begun),
                guests,
                served,
                text(idle.toNanos()),
                shared.isolation() == IsolationMode.PROCESS ? APART : "");
    }

    private static String text(long nanos) {
        return Duration.ofSeconds(TimeUnit.NANOSECONDS.toSeconds(nanos))
                .toString()
                .substring(2)
                .toLowerCase(Locale.ROOT);
    }
}
