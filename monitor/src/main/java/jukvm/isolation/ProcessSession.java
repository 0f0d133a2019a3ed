package jukvm.isolation;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.control.GuestStop;
import jukvm.control.LimitWatchdog;
import jukvm.control.Limits;
import jukvm.control.MonitorThread;
import jukvm.control.RunState;
import jukvm.device.AttachedDevice;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.io.Channel;
import jukvm.io.Descriptor;
import jukvm.io.Poller;
import jukvm.io.SealedBytes;
import jukvm.io.SparseOutput;
import jukvm.run.GuestSession;
import jukvm.run.GuestSettings;
import jukvm.run.LimitedConsole;
import jukvm.run.RunRequest;
import jukvm.run.RunServices;
import jukvm.telemetry.EndedRun;
import jukvm.telemetry.FlightRecording;
import jukvm.vm.SnapshotState;
import org.jspecify.annotations.Nullable;

/**
 * One run in a worker, from its request to its result. A thread of its own asks the worker for it
 * and serves what the guest has of its embedder; so nobody else waits for a slow device, or for a
 * worker that says nothing. What the worker says is hostile.
 */
public final class ProcessSession implements GuestSession, GuestStop.Ending {
    private static final String ABANDONED =
            "a device or the console has not come back since the guest was stopped";

    // A worker may take so long to stop its guest; then it is ended, and all its guests.
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RunServices services;
    private final WorkerPool pool;
    private final GuestSettings asked;
    private final RunRequest request;
    private final RunState state = new RunState();
    private final GuestStop stop;
    private final LimitWatchdog watchdog;
    private final Notices notices;
    private final Devices devices;
    private final CompletableFuture<RunResult> result = new CompletableFuture<>();
    private final long number;

    // Of the guest's thread.
    private @Nullable Outcome outcome;
    private @Nullable RunResult told;
    private final EmbedderCalls calls = new EmbedderCalls(this::cancel);
    private volatile boolean isSent;

    private volatile long cancelledAt;

    // Under this.
    private @Nullable Worker worker;
    private boolean isPaused;

    /**
     * Makes what is asked for ready to run; nothing is begun.
     *
     * @throws jukvm.error.ConfigException if the guest cannot run like this
     * @throws HostException if the host cannot be asked which ring it runs
     */
    public ProcessSession(RunServices services, WorkerPool pool, GuestSettings asked) {
        asked.requireNothingOfThisProcess();
        this.services = services;
        this.pool = pool;
        this.asked = asked;
        this.request = asked.request(services.host(), null);
        this.number = pool.numbers().next();
        this.notices = new Notices(asked.operator);
        this.stop =
                new GuestStop(
                        state,
                        pool::wake,
                        asked.console,
                        services.time(),
                        services.background(),
                        this);
        // Checked as for a guest that runs here; how it may use them is the worker's to see to.
        this.devices =
                asked.attach(
                        request,
                        services.host(),
                        LimitedConsole.of(asked.console, request.limits(), stop::ask),
                        new Poller(),
                        notices,
                        () -> {});
        this.watchdog =
                new LimitWatchdog(
                        services.time(), services.background(), request.limits(), stop::ask);
    }

    @Override
    public void request() {
        watchdog.requested(request.requestedAt());
    }

    @Override
    public void begin() {
        if (!state.start()) {
            return;
        }
        if (!pool.enter(this)) {
            cancel();
            services.background().run(this::endUnstarted);
            return;
        }
        try {
            new MonitorThread(this::work, "jukvm-guest").start();
        } catch (OutOfMemoryError e) { // No thread can be had.
            calls.failed(e);
            services.background().run(this::endUnstarted);
        }
    }

    @Override
    public void cancel() {
        stop.ask(new Outcome.Cancelled());
    }

    @Override
    public synchronized void pause() {
        isPaused = true;
        tell(Message.Kind.PAUSE);
    }

    @Override
    public void core(SparseOutput to) {
        throw new ConfigException("core: a guest in a worker process gives none while it runs");
    }

    @Override
    public synchronized void resume() {
        isPaused = false;
        tell(Message.Kind.RESUME);
    }

    private synchronized void tell(Message.Kind what) {
        if (worker != null) {
            worker.tell(what, number);
        }
    }

    @Override
    public CompletableFuture<RunResult> result() {
        return result;
    }

    @Override
    public CompletableFuture<SnapshotState> branch() {
        throw GuestSettings.notByProcess("a snapshot");
    }

    @Override
    public @Nullable SnapshotState snapshot() {
        return null;
    }

    private void work() {
        calls.attempt(
                () -> {
                    try {
                        outcome = runInWorker();
                    } catch (HostException e) {
                        outcome = new Outcome.HostError(e.getMessage(), e.errno());
                    }
                });
        end();
    }

    private @Nullable Outcome runInWorker() {
        Worker taken = pool.take(asked.tenant, () -> state.reason() != null);
        if (taken == null) {
            return state.reason();
        }
        taken.makeRoom(request.memory());
        try {
            return runIn(taken);
        } finally {
            stop.detach();
            synchronized (this) {
                worker = null;
            }
            taken.giveUp(request.memory());
            pool.release(taken, told != null);
        }
    }

    private Outcome runIn(Worker taken) {
        Channel.Pair ends = Channel.pair("guest");
        try (Channel channel = ends.ours();
                Descriptor theirs = ends.theirs();
                ServedDevices served =
                        new ServedDevices(devices, asked.devices.objects(), notices)) {
            send(taken, channel, theirs, served);
            stop.attach(this::kick);
            if (state.reason() != null) {
                kick();
            }
            return serve(taken, channel, served);
        }
    }

    private synchronized void send(
            Worker to, Channel channel, Descriptor theirs, ServedDevices served) {
        long image = pool.numbers().of(request.image());
        services.metrics().sent();
        isSent = true;
        to.start(
                number,
                image,
                (isNew, forgotten) -> {
                    ask(channel, image, isNew, forgotten, served.count());
                    served.tell(channel);
                },
                theirs);
        theirs.close();
        worker = to;
    }

    private void ask(Channel channel, long image, boolean isNew, long forgotten, int count) {
        Limits limits = request.limits();
        AskedGuest guest =
                new AskedGuest(
                        image,
                        isNew,
                        forgotten,
                        request.image().name(),
                        request.requestedAt(),
                        request.memory(),
                        request.commandLine(),
                        request.privilege(),
                        request.dialect(),
                        devices.ring().isPresent(),
                        limits.cpuNanos(),
                        limits.consoleBytes(),
                        limits.hypercallsPerSecond(),
                        limits.residentBytes(),
                        isPaused,
                        asked.hasOwnClock(),
                        asked.trace != null,
                        count);
        guest.write(Message.begin(channel.begin(), Message.Kind.START));
        if (!isNew) {
            channel.send();
            return;
        }
        try (SealedBytes bytes = SealedBytes.of("image", request.image()::writeTo)) {
            channel.send(bytes.descriptor());
        }
    }

    // Each millisecond from when the guest is to stop until it has. That its embedder is asked
    // something is no fault of the worker's.
    private void kick() {
        long now = System.nanoTime();
        if (cancelledAt == 0) {
            cancelledAt = now;
            tell(Message.Kind.CANCEL);
        }
        if (now - Math.max(calls.backAt(now), cancelledAt) > GRACE_NANOS) {
            killWorker();
        }
    }

    private synchronized void killWorker() {
        if (worker != null) {
            worker.kill("did not stop its guest");
        }
    }

    private Outcome serve(Worker by, Channel channel, ServedDevices served) {
        GuestRequests requests =
                new GuestRequests(asked, devices.console(), notices, channel, served, calls);
        while (true) {
            calls.run(served::awaitMessage);
            if (calls.thrown() != null) {
                served.loseNets();
            }
            ByteBuffer message = channel.receive();
            if (message == null) {
                return lost(by);
            }
            try {
                if (Message.constant(message, Message.Kind.class) == Message.Kind.RESULT) {
                    told =
                            ResultMessage.read(
                                    message, request.requestedAt(), request.imageReadAt());
                    calls.run(served::drain);
                    return endOf(told.outcome());
                }
                requests.serve(message.position(0));
            } catch (IllegalArgumentException | BufferUnderflowException e) {
                by.kill("said what no worker says");
                return lost(by);
            }
        }
    }

    // Limits are the worker's to see, all else that stops a guest is seen here.
    private Outcome endOf(Outcome how) {
        Outcome reason = state.reason();
        return how instanceof Outcome.Cancelled && reason != null ? reason : how;
    }

    private Outcome lost(Worker by) {
        Outcome reason = state.reason();
        return reason != null ? reason : new Outcome.WorkerDied(by.death());
    }

    @Override
    public void endUnstarted() {
        outcome = state.reason();
        end();
    }

    private void end() {
        for (AttachedDevice device : devices.all()) {
            calls.attempt(device::flush);
        }
        calls.attempt(notices::close);
        calls.attempt(devices.console()::end);
        boolean isDelivered = !stop.ended();
        watchdog.ended();
        calls.attempt(devices.poller()::close);
        if (!isDelivered) {
            calls.attempt(() -> deliver(ended(outcome)));
        }
        Throwable instead = calls.thrown();
        if (instead != null) {
            result.completeExceptionally(instead); // Unless it is complete.
        }
        pool.leave(this);
    }

    private EndedRun ended(@Nullable Outcome how) {
        Throwable thrown = calls.thrown();
        return EndOfRun.of(request, devices, told, isSent, thrown == null ? how : null, thrown);
    }

    private void deliver(EndedRun ended) {
        Outcome how = ended.outcome();
        try {
            if (isSent) {
                services.metrics().endedThere(ended);
            } else {
                services.metrics().ended(ended);
            }
            new FlightRecording().ended(ended);
        } finally {
            if (how != null) {
                result.complete(ended.result(how));
            }
        }
    }

    // Its thread is in a call of the embedder's, or waits for a worker that has not heard of a
    // stop.
    @Override
    public void abandon(Outcome reason) {
        if (!calls.isOut()) {
            killWorker();
        }
        notices.tellNow(ABANDONED);
        deliver(EndOfRun.of(request, devices, null, isSent, reason, null));
        pool.leave(this);
    }
}
