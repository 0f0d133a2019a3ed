package jukvm.junit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import jukvm.device.VirtualSwitch;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/**
 * The guest of a test, laid out as its {@link Unikernel} says and run once.
 *
 * <p>Thread-safe: what one thread starts another may await or stop. What it prints and sends is
 * hostile.
 */
public final class Guest {
    private final Expected expected;
    private final VirtualSwitch network;
    private final GuestDevices devices;
    private final Evidence evidence;
    private final Monitor monitor;
    private final CompletableFuture<GuestRun> running = new CompletableFuture<>();

    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean checked = new AtomicBoolean();
    private final CompletableFuture<RunResult> end = new CompletableFuture<>();

    /**
     * What the guests of a test have in common.
     *
     * @param network of their interfaces
     */
    record Surroundings(Monitor monitor, VirtualSwitch network, Class<?> testClass) {}

    /**
     * Prepares a guest.
     *
     * @param label what it is called in messages and files
     * @throws jukvm.error.JukvmException if it cannot run as it is wanted
     * @throws IOException if a capture cannot be begun
     */
    Guest(String label, Unikernel wanted, Surroundings around) throws IOException {
        FileSearch search = FileSearch.in(wanted.directory(), around.testClass());
        this.expected = Expected.of(wanted);
        this.network = around.network();
        this.evidence = new Evidence(label);
        this.monitor = around.monitor();
        GuestImage image = search.image(wanted.value());
        Duration deadline = Quantity.duration("deadline", wanted.deadline());
        GuestSpec guest =
                GuestSpec.of(image)
                        .memory((long) wanted.memory() << 20)
                        .privilege(wanted.privilege())
                        .arguments(wanted.arguments())
                        .deadline(deadline)
                        .console(evidence.console())
                        .notices(evidence::note);
        this.devices = GuestDevices.open(wanted, search, network, guest);
        evidence.kept(devices.files());
        if (wanted.record()) {
            Path recording = Objects.requireNonNull(devices.files().get(Evidence.RECORDING));
            evidence.replays(new ReplayedGuest(monitor, image, recording, deadline));
        }
        try {
            monitor.check(devices.guest());
        } catch (RuntimeException e) {
            close(false);
            throw e;
        }
    }

    /**
     * Runs the guest to its end, or to its deadline, and checks what is expected of it.
     *
     * @return this guest
     * @throws AssertionError if it did not do what is expected; with all that is known of it
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then
     * @throws IllegalStateException if it was run or started before
     */
    public Guest run() throws InterruptedException {
        begin();
        tend();
        return await();
    }

    /**
     * Starts the guest on a thread of its own, such as to talk to it over its network.
     *
     * @return this guest
     * @throws IllegalStateException if it was run or started before
     */
    public Guest start() {
        begin();
        new Thread(this::tend, "guest " + evidence.label()).start();
        return this;
    }

    private void begin() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("guest " + evidence.label() + " is run once");
        }
    }

    private void tend() {
        try {
            GuestRun run = monitor.start(devices.guest());
            running.complete(run);
            RunResult result = run.await();
            evidence.ended(result);
            end.complete(result);
        } catch (InterruptedException | RuntimeException | Error e) {
            end.completeExceptionally(e); // For whoever awaits it.
        }
    }

    /**
     * Waits until the guest, which was started, has ended, and checks what is expected of it.
     *
     * @return this guest
     * @throws AssertionError if it did not do what is expected; with all that is known of it
     * @throws InterruptedException if the calling thread is interrupted
     * @throws IllegalStateException if it was not started, or a device of it failed as none may
     */
    public Guest await() throws InterruptedException {
        if (!started.get()) {
            throw new IllegalStateException("guest " + evidence.label() + " was not started");
        }
        check(expected);
        return this;
    }

    private void check(Expected what) throws InterruptedException {
        RunResult result = awaitEnd();
        if (checked.compareAndSet(false, true)) {
            List<String> unmet = what.unmetBy(result, console());
            if (!unmet.isEmpty()) {
                throw evidence.failure(String.join("; ", unmet));
            }
        }
    }

    private RunResult awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw new IllegalStateException("guest " + evidence.label() + ": cannot run", e);
        }
    }

    /** Stops the guest, now or as soon as it runs; from any thread, and more than once. */
    public void stop() {
        var unused = running.thenAccept(GuestRun::cancel);
    }

    /**
     * Returns all there is to know about the run.
     *
     * @throws IllegalStateException if the guest has not ended
     */
    public RunResult result() {
        return evidence.result()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "guest " + evidence.label() + " has not ended"));
    }

    /**
     * Returns the exit status, which is 255 for a guest that aborted.
     *
     * @throws AssertionError if it did not end by itself; with all that is known of it
     * @throws IllegalStateException if it has not ended
     */
    public int status() {
        OptionalInt status = result().outcome().exitStatus();
        return status.orElseThrow(() -> evidence.failure("has no exit status"));
    }

    /** Returns what it has printed so far, as UTF-8, up to a MiB; what is not is replaced. */
    public String console() {
        return evidence.console().text();
    }

    /**
     * Returns the switch that the interfaces of all guests of the test are plugged into, closed
     * after the test; the test can {@link VirtualSwitch#connect} to it.
     */
    public VirtualSwitch network() {
        return network;
    }

    /** Does what the test has left to be done, and checks what it has left to be checked. */
    void finish() throws InterruptedException {
        if (started.compareAndSet(false, true)) {
            tend();
            check(expected.orSuccess());
        } else {
            stop();
            check(expected);
        }
    }

    /** Stops it, if it runs, and waits until it has ended; it cannot be run any more. */
    void abandon() {
        if (!started.compareAndSet(false, true)) {
            stop();
            end.handle((result, failure) -> true).join();
        }
    }

    /** Returns what is known of it. */
    Evidence evidence() {
        return evidence;
    }

    /** Closes its devices; it must have ended. What was captured is kept or not. */
    void close(boolean kept) throws IOException {
        devices.close();
        if (!kept) {
            devices.forget();
        }
    }
}
