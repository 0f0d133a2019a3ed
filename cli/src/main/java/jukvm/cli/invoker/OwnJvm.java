package jukvm.cli.invoker;

import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import jukvm.daemon.SignalTarget;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.stream.StandardInput;
import jukvm.stream.StandardOutput;
import org.jspecify.annotations.Nullable;

/** A command in a JVM of its own, which ends with it. */
public final class OwnJvm implements Invoker {
    private final long begun;
    private final OperatorStream stderr = new OperatorStream(StandardOutput::error);
    private final PrintWriter err = MessageWriter.to(stderr);
    private @Nullable Monitor monitor; // Of its only guest.

    /**
     * @param begun when our code began, by {@link System#nanoTime}
     */
    public OwnJvm(long begun) {
        this.begun = begun;
    }

    @Override
    public Requester caller() {
        return Requester.self();
    }

    @Override
    public PrintWriter err() {
        return err;
    }

    @Override
    public StandardInput stdin() {
        return new StandardInput();
    }

    @Override
    public void hurry() {
        stderr.hurry();
    }

    @Override
    public StandardOutput stdout() {
        return new StandardOutput();
    }

    @Override
    public int stream(int number) {
        return number;
    }

    @Override
    public MonitorLease monitor() {
        return MonitorLease.own(own());
    }

    private Monitor own() {
        if (monitor == null) {
            monitor = Monitor.open(0);
        }
        return monitor;
    }

    @Override
    public GuestImage image(String path) {
        return guest(path).imageAlone(path);
    }

    @Override
    public GuestSource guest(String path) {
        try (HostFile file = GuestSource.open(Requester.self(), path)) {
            return Snapshot.isIn(file)
                    ? GuestSource.of(own().mapSnapshot(path, file))
                    : GuestSource.of(GuestImage.read(path, file));
        }
    }

    @Override
    public SignalWatch onSignal(SignalTarget run) {
        return Signals.actOn(run);
    }

    @Override
    public boolean isAlone() {
        return true;
    }

    @Override
    public void prepareToSeal() {
        stderr.prepare();
    }

    @Override
    public long begun() {
        return begun;
    }

    @Override
    public List<Timeline.Phase> before() {
        OptionalLong started = startedBefore(begun);
        return started.isPresent()
                ? List.of(new Timeline.Phase("JVM started (to 10 ms)", started.getAsLong()))
                : List.of();
    }

    @Override
    public OptionalLong startedBefore(long nanoTime) {
        return ProcessStart.nanosBefore(nanoTime);
    }
}
