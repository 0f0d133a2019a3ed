package jukvm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.MonitorLease;
import jukvm.cli.invoker.SignalWatch;
import jukvm.daemon.SignalTarget;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.io.Requester;
import jukvm.monitor.Monitor;
import jukvm.stream.StandardInput;
import jukvm.stream.StandardOutput;

/** A process that may open nothing; keeps what it is told and what was to be opened. */
public final class RefusedInvoker implements Invoker, Requester {
    private static final int EACCES = 13;

    private final StringWriter told = new StringWriter();
    private final PrintWriter err = new PrintWriter(told, true);
    private final List<String> opened = new ArrayList<>();

    public String told() {
        return told.toString();
    }

    public List<String> opened() {
        return opened;
    }

    @Override
    public Requester caller() {
        return this;
    }

    @Override
    public PrintWriter err() {
        return err;
    }

    @Override
    public StandardInput stdin() {
        throw new AssertionError("a guest was to be read");
    }

    @Override
    public void hurry() {}

    @Override
    public StandardOutput stdout() {
        throw new AssertionError("a guest was to be run");
    }

    @Override
    public int stream(int number) {
        return -1;
    }

    @Override
    public MonitorLease monitor() {
        Monitor.requireAccess(this);
        throw new AssertionError("a guest was to be run");
    }

    @Override
    public GuestImage image(String path) {
        return GuestImage.read(this, path);
    }

    @Override
    public SignalWatch onSignal(SignalTarget run) {
        throw new AssertionError("a guest was to be run");
    }

    @Override
    public long begun() {
        return 0;
    }

    @Override
    public List<Timeline.Phase> before() {
        return List.of();
    }

    @Override
    public OptionalLong startedBefore(long nanoTime) {
        return OptionalLong.empty();
    }

    @Override
    public int open(String path, int flags, int mode) {
        opened.add(path);
        return -EACCES;
    }

    @Override
    public int socket(int domain, int type) {
        return -EACCES;
    }

    @Override
    public int inherited(int number) {
        return -EACCES;
    }

    @Override
    public void giveBack(int fd) {}

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) {
        return -EACCES;
    }
}
