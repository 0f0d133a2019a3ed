package jukvm.cli.daemon;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.IsolationMode;
import jukvm.cli.invoker.MessageWriter;
import jukvm.cli.invoker.MonitorLease;
import jukvm.cli.invoker.OperatorStream;
import jukvm.cli.invoker.SignalWatch;
import jukvm.daemon.Client;
import jukvm.daemon.ClientWatch;
import jukvm.daemon.SignalTarget;
import jukvm.error.JukvmException;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.image.ImageCache;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.io.SparseSender;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.stream.StandardInput;
import jukvm.stream.StandardOutput;
import org.jspecify.annotations.Nullable;

/** A command that a client of the daemon asks for. */
final class ClientInvoker implements Invoker, AutoCloseable {
    private static final long LONGEST_WAY = TimeUnit.MINUTES.toNanos(1);

    private final Client client;
    private final double processors;
    private final Shared shared;
    private final long begun = System.nanoTime();
    private final long clientBegan;
    private final OperatorStream stderr;
    private final PrintWriter err;
    private Optional<ImageCache.Held> held = Optional.empty();
    private SnapshotCache.@Nullable Held snapshot;
    private boolean isIsolated;
    private @Nullable JukvmException refusal;

    /**
     * What the guests of one daemon share.
     *
     * @param isolation of guests that ask for none
     * @param monitor of those that are threads
     * @param workers of those that are not
     */
    record Shared(
            IsolationMode isolation,
            Monitor monitor,
            WorkerMonitor workers,
            ImageCache images,
            SnapshotCache snapshots,
            ClientWatch watch,
            AtomicBoolean ended)
            implements AutoCloseable {
        /**
         * Makes it.
         *
         * @throws jukvm.error.JukvmException if the host cannot run guests
         */
        static Shared open(IsolationMode isolation) {
            WorkerMonitor workers = new WorkerMonitor();
            if (isolation == IsolationMode.PROCESS) {
                workers.get(); // So that one is ready for the first guest.
            }
            ImageCache images = new ImageCache(Runtime.getRuntime().maxMemory() / 2);
            Monitor monitor = Monitor.open();
            return new Shared(
                    isolation,
                    monitor,
                    workers,
                    images,
                    new SnapshotCache(monitor),
                    new ClientWatch(),
                    new AtomicBoolean());
        }

        /** Ends all guests, and the wait for those of containers that are yet to start. */
        void endGuests() {
            ended.set(true);
            monitor.close();
            workers.close();
        }

        /** Ends all guests, and what listens to their clients. */
        @Override
        public void close() {
            endGuests();
            snapshots.close();
            watch.close();
        }
    }

    /**
     * Makes one.
     *
     * @param began when the client did, by {@link System#nanoTime}, as it says
     * @param processors how many its guest may use
     */
    ClientInvoker(Client client, long began, double processors, Shared shared) {
        this.client = client;
        this.processors = processors;
        this.shared = shared;
        // Clocks of different time namespaces are apart.
        long took = begun - began;
        this.clientBegan = took < 0 || took > LONGEST_WAY ? begun : began;
        this.stderr =
                new OperatorStream(patience -> StandardOutput.impatient(client.stderr(), patience));
        this.err = MessageWriter.to(stderr);
    }

    @Override
    public Requester caller() {
        return client;
    }

    @Override
    public PrintWriter err() {
        return err;
    }

    @Override
    public StandardInput stdin() {
        return new StandardInput(client.stdin());
    }

    @Override
    public double processors() {
        return processors;
    }

    @Override
    public void hurry() {
        stderr.hurry();
    }

    @Override
    public StandardOutput stdout() {
        return new StandardOutput(client.stdout());
    }

    @Override
    public int stream(int number) {
        return switch (number) {
            case 0 -> client.stdin();
            case 1 -> client.stdout();
            default -> client.stderr();
        };
    }

    @Override
    public MonitorLease monitor() {
        if (!client.isCharged()) { // Of a container, whose runtime was root's.
            Monitor.requireAccess(client);
        }
        return MonitorLease.shared(isIsolated ? shared.workers().get() : shared.monitor());
    }

    /** Has the guest be in a process of its own; false if this process has no room for one more. */
    boolean isolate() {
        isIsolated = shared.workers().enter();
        return isIsolated;
    }

    /**
     * Reads the image or snapshot of the guest and holds it until this is closed; why that cannot
     * be is said when it is asked for.
     *
     * @param guest the name of its file
     * @return false if this process has no room for it, or its worker could not go on from it
     */
    boolean hold(String guest) {
        try (HostFile file = GuestSource.open(client, Conversions.path(guest))) {
            if (Snapshot.isIn(file)) {
                if (isIsolated) {
                    return false;
                }
                snapshot = shared.snapshots().hold(guest, file);
                return true;
            }
            held = shared.images().hold(guest, file);
            return held.isPresent();
        } catch (JukvmException e) {
            refusal = e;
            return true;
        }
    }

    /** Holds room for an image that will be fetched; false if this process has not so much. */
    boolean holdRoom(long bytes) {
        held = shared.images().hold(bytes);
        return held.isPresent();
    }

    @Override
    public GuestImage image(String path) {
        return guest(path).imageAlone(path);
    }

    @Override
    public GuestSource guest(String path) {
        if (refusal != null) {
            throw refusal;
        }
        return snapshot == null
                ? GuestSource.of(held.orElseThrow().image())
                : GuestSource.of(snapshot.snapshot());
    }

    @Override
    public void fetched(GuestImage image) {
        held.ifPresent(room -> room.shrinkTo(image.size()));
    }

    @Override
    public SignalWatch onSignal(SignalTarget run) {
        shared.watch().add(client, new Heard(run));
        if (client.isSignalled() || client.isGone()) {
            run.stop();
        }
        return new SignalWatch() {
            @Override
            public boolean received() {
                return client.isSignalled();
            }

            @Override
            public void close() {
                shared.watch().remove(client);
            }
        };
    }

    private final class Heard implements SignalTarget {
        private final SignalTarget run;

        Heard(SignalTarget run) {
            this.run = run;
        }

        @Override
        public void stop() {
            run.stop();
            if (client.isGone()) {
                stderr.stop(); // Nobody reads it any more.
            }
        }

        @Override
        public void pause() {
            run.pause();
        }

        @Override
        public void resume() {
            run.resume();
        }

        @Override
        public void core(SparseSender to) {
            run.core(to);
        }
    }

    @Override
    public long begun() {
        return begun;
    }

    @Override
    public List<Timeline.Phase> before() {
        return List.of(new Timeline.Phase("daemon reached", begun - clientBegan));
    }

    @Override
    public OptionalLong startedBefore(long nanoTime) {
        return OptionalLong.of(nanoTime - clientBegan);
    }

    @Override
    public void close() {
        if (snapshot != null) {
            snapshot.close();
            snapshot = null;
        }
        held.ifPresent(ImageCache.Held::close);
        held = Optional.empty(); // The next client of its thread may be long in coming.
        if (isIsolated) {
            isIsolated = false;
            shared.workers().leave();
        }
        err.flush();
        stderr.close();
    }
}
