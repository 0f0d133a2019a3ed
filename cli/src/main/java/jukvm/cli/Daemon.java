package jukvm.cli;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.client.Build;
import jukvm.client.Client;
import jukvm.client.ClientListener;
import jukvm.client.ClientWatch;
import jukvm.client.Hello;
import jukvm.client.MessageRoom;
import jukvm.image.ImageCache;
import jukvm.monitor.Monitor;

/**
 * A JVM that stays, and runs guests for clients of its user: with VMs kept and images laid out. It
 * ends when it is told to, when nobody has come for some time, or when it is of another build than
 * a client.
 *
 * <p>Each client is served by one thread from its connection to its end; there are never more than
 * {@link #CLIENTS}, and who comes then waits, or goes without.
 */
final class Daemon {
    /** How many clients are served at once. */
    static final int CLIENTS = 256;

    private static final int SPARE_SECONDS = 10;
    private static final int SPARE = 2;

    private final Build build;
    private final Duration idle;
    private final DaemonPlace place;
    private final FileLock lock;
    private final SourceWatch sources;
    private final Monitor monitor = Monitor.open();
    private final ImageCache images = new ImageCache(Runtime.getRuntime().maxMemory() / 4);
    private final ClientWatch watch = new ClientWatch();
    private final ClientListener listener;
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
     * @param lock of the place
     * @param idle how long it waits for a client before it ends
     * @throws jukvm.error.JukvmException if it cannot, or the host cannot run guests
     */
    Daemon(DaemonPlace place, FileLock lock, Build build, Duration idle, SourceWatch sources) {
        this.place = place;
        this.lock = lock;
        this.build = build;
        this.idle = idle;
        this.sources = sources;
        this.listener = ClientListener.open(place.socket(), SPARE_SECONDS);
    }

    ClientInvoker.Shared shared() {
        return new ClientInvoker.Shared(monitor, images, watch);
    }

    /** Serves clients until the end. */
    void serve() throws InterruptedException {
        startThread();
        synchronized (this) {
            while (!retired && left() > 0) {
                wait(Math.max(1, left() / 1_000_000));
            }
        }
        retire();
        synchronized (this) {
            while (busy > 0) {
                wait();
            }
        }
        monitor.close();
        watch.close();
    }

    private long left() {
        return busy > 0 ? idle.toNanos() : idle.toNanos() - (System.nanoTime() - lastUsed);
    }

    private synchronized void startThread() {
        threads++;
        new Thread(this::serveClients, "jukvm-client").start();
    }

    private void serveClients() {
        try (MessageRoom room = new MessageRoom()) {
            while (true) {
                Optional<Client> client = listener.accept(room);
                if (client.isEmpty()) {
                    if (leaves()) {
                        return;
                    }
                } else {
                    serveOne(client.get());
                }
            }
        }
    }

    private synchronized boolean leaves() {
        boolean leaves = retired || threads - busy > SPARE;
        if (leaves) {
            threads--;
        }
        return leaves;
    }

    private void serveOne(Client client) {
        begin();
        try (client) {
            answer(client);
        } finally {
            end();
        }
    }

    // One thread always waits for the next client, as long as there may be more.
    private synchronized void begin() {
        busy++;
        if (busy == threads && threads < CLIENTS) {
            startThread();
        }
    }

    private synchronized void end() {
        busy--;
        lastUsed = System.nanoTime();
        if (retired) {
            notifyAll();
        }
    }

    private void answer(Client client) {
        switch (client.request()) {
            case RUN -> client.hello().ifPresentOrElse(hello -> run(client, hello), client::goCold);
            case STATUS -> client.tell(build, status());
            case RETIRE -> {
                retire();
                client.tell(build, status());
            }
            case STOP -> {
                retire();
                monitor.close();
                client.tell(build, status());
            }
            case UNKNOWN -> replaced(client);
            case NOTHING -> {}
        }
    }

    private void replaced(Client client) {
        retire();
        client.goColdAsStale();
    }

    private void run(Client client, Hello hello) {
        if (!hello.build().equals(build) || sources.haveChanged()) {
            replaced(client);
            return;
        }
        count(1);
        try (ClientInvoker invoker = new ClientInvoker(client, hello.began(), shared())) {
            try {
                run(client, hello, invoker);
            } catch (InterruptedException e) {
                client.end(Main.FAILURE);
            } catch (OutOfMemoryError e) {
                failed(client, hello, invoker, "the daemon is out of memory: " + e.getMessage());
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                log(e);
                failed(client, hello, invoker, "internal error: " + e + "; see " + place.log());
            }
        } finally {
            count(-1);
            Thread.interrupted(); // By a signal that came after the fetch it was to end.
        }
    }

    private synchronized void count(int more) {
        guests += more;
        served += more < 0 ? 1 : 0;
    }

    private static void failed(Client client, Hello hello, Invoker invoker, String line) {
        invoker.err().println(hello.name() + ": " + line);
        client.end(Main.FAILURE);
    }

    private void run(Client client, Hello hello, ClientInvoker invoker)
            throws InterruptedException {
        String[] arguments = hello.arguments().toArray(String[]::new);
        int status;
        if (hello.name().equals(Solo5Hvt.NAME)) {
            status = Solo5Hvt.run(arguments, invoker);
        } else {
            Optional<PlainRun> run =
                    PlainRun.parse(arguments, invoker)
                            .filter(plain -> !plain.wantsOwnJvm())
                            .filter(plain -> !plain.needsNetwork() || sharesNetwork(client));
            if (run.isEmpty()) {
                client.goCold();
                return;
            }
            status = run.get().run();
        }
        client.end(client.isSignalled() ? Main.FAILURE : status);
    }

    private synchronized void retire() {
        if (!retired) {
            retired = true;
            place.leave(lock);
            listener.close();
            notifyAll();
        }
    }

    private static void log(Throwable thrown) {
        System.err.println(thrown);
        for (StackTraceElement frame : thrown.getStackTrace()) {
            System.err.println("\tat " + frame);
        }
    }

    // An address is fetched from here, which must be where the client is.
    private static boolean sharesNetwork(Client client) {
        return isSame(client, "ns/net") && isSame(client, "ns/mnt") && isSame(client, "root");
    }

    private static boolean isSame(Client client, String file) {
        try {
            Path theirs = Path.of("/proc", Integer.toString(client.pid()), file);
            return Files.isSameFile(theirs, Path.of("/proc/self", file));
        } catch (IOException e) {
            return false;
        }
    }

    synchronized String status() {
        return String.format(
                Locale.ROOT,
                "running as pid %d for %s; guests now: %d, before: %d; ends after %s without any",
                ProcessHandle.current().pid(),
                text(System.nanoTime() - begun),
                guests,
                served,
                text(idle.toNanos()));
    }

    private static String text(long nanos) {
        return Duration.ofSeconds(TimeUnit.NANOSECONDS.toSeconds(nanos))
                .toString()
                .substring(2)
                .toLowerCase(Locale.ROOT);
    }
}
