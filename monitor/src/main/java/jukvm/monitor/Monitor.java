package jukvm.monitor;

import java.nio.file.Path;
import java.util.Map;
import jukvm.control.BackgroundTasks;
import jukvm.control.GuestStop;
import jukvm.control.MonitorThread;
import jukvm.control.TimeThread;
import jukvm.control.VcpuScheduler;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.guest.Metrics;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.Ring0Support;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.isolation.ProcessSession;
import jukvm.isolation.WorkerPool;
import jukvm.kvm.Kvm;
import jukvm.run.GuestSession;
import jukvm.run.GuestSettings;
import jukvm.run.ParkingLot;
import jukvm.run.RunServices;
import jukvm.run.RunSession;
import jukvm.snapshot.SnapshotReader;
import jukvm.telemetry.MetricsCollector;
import jukvm.text.HostText;
import jukvm.vm.KvmFacts;
import jukvm.vm.KvmVms;
import jukvm.vm.Templates;
import jukvm.vm.VmPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's KVM, opened once per process: what is the same for every guest is asked here.
 *
 * <p>Thread-safe.
 */
public final class Monitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    /** How much guest memory kept VMs have together if nothing is said, in bytes. */
    public static final long DEFAULT_KEEP = 1L << 30;

    private final Kvm kvm;
    private final KvmVms vms;
    private final KvmFacts facts;
    private final TimeThread time = new TimeThread();
    private final RunServices services;
    private final @Nullable WorkerPool workers;

    private Monitor(Kvm kvm, long keepBytes, Isolation isolation) {
        this.kvm = kvm;
        Templates templates = new Templates(keepBytes);
        this.vms = new KvmVms(kvm, templates);
        this.facts = new KvmFacts(kvm, vms);
        int processors = Runtime.getRuntime().availableProcessors();
        this.services =
                new RunServices(
                        facts,
                        new VmPool(vms, keepBytes, this::release),
                        templates,
                        new VcpuScheduler(time, processors),
                        time,
                        new BackgroundTasks(),
                        RunSession.entrance(time, processors),
                        new ParkingLot(),
                        new MetricsCollector());
        this.workers =
                isolation.isByProcess() ? new WorkerPool(isolation.settings(keepBytes)) : null;
        LOG.debug("VMs of {} bytes may be kept", keepBytes);
    }

    /**
     * Opens {@code /dev/kvm}.
     *
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     */
    public static Monitor open() {
        return open(DEFAULT_KEEP);
    }

    /**
     * Opens {@code /dev/kvm}.
     *
     * @param keepBytes how much guest memory the VMs may have together that are kept for guests to
     *     come. Their memory is returned to the host, and what is kept costs some hundred KiB each;
     *     a VM that was not used for 10 s is given up. As much memory may be taken by images that
     *     are laid out for further guests of them, each for as long as somebody has its {@link
     *     jukvm.image.GuestImage}. 0 keeps none, and lets every result wait until all of its guest
     *     is with the host again; otherwise a VM is cleaned or freed after it. Either way, from the
     *     second VM on one without memory stands until {@link #close}, which makes others cheaper.
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     */
    public static Monitor open(long keepBytes) {
        return open(keepBytes, Isolation.THREAD);
    }

    /**
     * Opens {@code /dev/kvm}, for guests that are kept apart in a way.
     *
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     * @throws ConfigException if no worker can be started of what this JVM was started of, or it is
     *     to have limits that this host cannot keep
     */
    public static Monitor open(Isolation isolation) {
        return open(DEFAULT_KEEP, isolation);
    }

    /**
     * Opens {@code /dev/kvm}, for guests that are kept apart in a way.
     *
     * @param keepBytes as for {@link #open(long)}; where guests have processes, in each of these
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     * @throws ConfigException if no worker can be started of what this JVM was started of, or it is
     *     to have limits that this host cannot keep
     */
    public static Monitor open(long keepBytes, Isolation isolation) {
        Kvm kvm = Kvm.open();
        try {
            return new Monitor(kvm, keepBytes, isolation);
        } catch (HostException | ConfigException e) {
            kvm.close();
            throw e;
        }
    }

    /**
     * Throws unless a caller may open {@code /dev/kvm}, for guests that run in a monitor which
     * another opened.
     *
     * @throws HostException if it is missing or not permitted, as {@link #open} says it
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static void requireAccess(Requester caller) {
        Kvm.requireAccess(caller);
    }

    /**
     * Returns how this host runs guests at ring 0; probed at the first call.
     *
     * @throws HostException if the probe cannot be run
     */
    public Ring0Support ring0Support() {
        return facts.ring0Support();
    }

    /**
     * Returns the kernel's answer about each capability of KVM that jukvm knows of, by its name in
     * linux/kvm.h without KVM_CAP: 0 if absent, otherwise its extent.
     */
    public Map<String, Integer> capabilities() {
        return facts.capabilities();
    }

    /**
     * Starts a guest and returns at once.
     *
     * @throws ConfigException if the guest cannot run like this, with what to change
     * @throws HostException if the host cannot be asked which ring it runs
     * @throws IllegalStateException if this monitor, or the snapshot the guest is to go on from, is
     *     closed
     */
    public GuestRun start(GuestSpec guest) {
        GuestRun run = request(guest, null);
        run.begin();
        return run;
    }

    /**
     * Checks everything that can be checked of a guest without running it.
     *
     * @throws ConfigException if the guest cannot run like this, with what to change; as {@link
     *     #start}, like what else it throws
     */
    public void check(GuestSpec guest) {
        session(guest.settings(), null);
    }

    /** Returns a run that is asked for; {@link GuestRun#begin} begins it. */
    GuestRun request(GuestSpec guest, @Nullable SnapshotPoint stopAt) {
        if (services.pool().isClosed()) {
            throw new IllegalStateException("the monitor is closed");
        }
        return new GuestRun(session(guest.settings(), stopAt));
    }

    private GuestSession session(GuestSettings guest, @Nullable SnapshotPoint stopAt) {
        WorkerPool pool = workers;
        if (pool == null) {
            guest.requireNoTenant();
            return new RunSession(services, guest, stopAt);
        }
        if (stopAt != null) {
            throw GuestSettings.notByProcess("a snapshot");
        }
        return new ProcessSession(services, pool, guest);
    }

    /**
     * Runs a guest until it ends, one of its limits is reached, or it is stopped. No device of its
     * is called after this returns, but one that did not come back within 5 s after the guest was
     * stopped is not waited for.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then
     * @throws ConfigException as {@link #start}, like what else it throws
     * @throws RuntimeException whatever the console or a device of the embedder's threw, as {@link
     *     GuestRun#await} has it
     */
    public RunResult run(GuestSpec guest) throws InterruptedException {
        return start(guest).await();
    }

    /**
     * Runs a guest to a point, stops it there for good, and returns what it was then. The guest's
     * devices are used until then as in a run. A stop that was asked for before it came to the
     * point counts, one that comes later does not. Metrics count it as a guest that ended in {@link
     * OutcomeKind#SNAPSHOT}.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then,
     *     and no snapshot is left
     * @throws GuestException if the guest ended, or was stopped, before it came to the point
     * @throws RuntimeException as {@link #run}; no snapshot is left
     * @throws ConfigException as {@link #start}
     */
    public Snapshot snapshot(GuestSpec guest, SnapshotPoint point) throws InterruptedException {
        GuestRun run = request(guest, point);
        run.begin();
        return run.awaitSnapshot(point);
    }

    /**
     * Opens a snapshot that was written to a file, by any process. Its pages are copied, so that
     * nothing matters which becomes of the file later.
     *
     * @param file hostile
     * @throws ImageException if it cannot be read, is no snapshot or is damaged
     * @throws ConfigException if this host is not of the kind it was taken on, with all that is
     *     missing
     * @throws HostException if the host has no memory for it
     */
    public Snapshot openSnapshot(Path file) {
        String name = HostText.of(file);
        try (HostFile opened = HostFile.open(name)) {
            return openSnapshot(name, opened);
        } catch (HostException e) {
            throw ImageException.unreadable(name + ": cannot read: " + e.reason());
        }
    }

    /**
     * Opens a snapshot in a file that is open; as {@link #openSnapshot(Path)}.
     *
     * @param name of it, for messages
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public Snapshot openSnapshot(String name, HostFile file) {
        return new Snapshot(SnapshotReader.read(name, file, facts, false));
    }

    /**
     * Opens a snapshot in a file that is open, in a process that has no guests but its clones: of a
     * large file pages are read when they are touched, and nobody has looked at them. Whoever
     * writes to the file meanwhile ends the process by SIGTERM.
     *
     * @param name of it, for messages
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public Snapshot mapSnapshot(String name, HostFile file) {
        return new Snapshot(SnapshotReader.read(name, file, facts, true));
    }

    /**
     * Returns a queue that runs guests to completion, so many at a time, the others in order of
     * arrival.
     *
     * @param inFlight how many guests run at once, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public RunQueue queue(int inFlight) {
        return new RunQueue(this, inFlight);
    }

    /** Returns a queue that runs as many guests at once as the JVM has processors. */
    public RunQueue queue() {
        return queue(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns what has been done so far, with this moment's state; from any thread, at any time.
     */
    public Metrics metrics() {
        Metrics.Workers now = workers == null ? Metrics.Workers.NONE : workers.metrics();
        return services.metrics().metrics(services.pool().parked(), services.pool().kept(), now);
    }

    /**
     * Stops all guests with {@link Outcome.Cancelled}, waits for their end and gives everything
     * back to the host. From any thread, any number of times. Called by a guest's device, or by
     * what hangs on its future, it does not wait, and the last guest to end does the rest.
     */
    @Override
    public void close() {
        if (workers != null) {
            workers.close();
        }
        services.pool().close();
        if (!MonitorThread.isCurrent()) {
            // Guests that never had a VM end there.
            services.background().awaitQuiet(GuestStop.PATIENCE_NANOS);
        }
    }

    private void release() {
        vms.close();
        services.lot().close();
        time.close();
        kvm.close();
        LOG.debug("KVM: closed");
    }
}
