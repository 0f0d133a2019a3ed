package jukvm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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

/**
 * The command in this process, for what it refuses before a guest runs, as if it were called in
 * some folder. Used once.
 */
public final class InProcess implements Invoker, Requester {
    // Of this process itself they are the way to who runs the tests.
    private static final int NOWHERE = Requester.self().open("/dev/null", 0, 0);

    private final Path folder;
    private final StringWriter stdout = new StringWriter();
    private final StringWriter stderr = new StringWriter();
    private final PrintWriter err = new PrintWriter(stderr, true);

    /** Prepares a command that is called in a folder. */
    public InProcess(Path folder) {
        this.folder = folder;
    }

    /** Runs the command to its end and returns its status. */
    public int run(List<String> arguments) {
        String[] words = arguments.toArray(String[]::new);
        return Main.commandLine(words, this).setOut(new PrintWriter(stdout, true)).execute(words);
    }

    /** Returns what it has printed, all of it. */
    public String printed() {
        return stdout.toString();
    }

    /** Returns what it has told the operator, all of it. */
    public String told() {
        return stderr.toString();
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
        return new StandardOutput(NOWHERE);
    }

    @Override
    public int stream(int number) {
        return NOWHERE;
    }

    @Override
    public MonitorLease monitor() {
        return MonitorLease.own(Monitor.open(0));
    }

    @Override
    public GuestImage image(String path) {
        return GuestImage.read(this, path);
    }

    @Override
    public SignalWatch onSignal(SignalTarget run) {
        return new SignalWatch() {
            @Override
            public boolean received() {
                return false;
            }

            @Override
            public void close() {}
        };
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
        return Requester.self().open(folder.resolve(path).toString(), flags, mode);
    }

    @Override
    public int socket(int domain, int type) {
        return Requester.self().socket(domain, type);
    }

    @Override
    public int inherited(int number) {
        return Requester.self().inherited(number);
    }

    @Override
    public void giveBack(int fd) {
        Requester.self().giveBack(fd);
    }

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) {
        return Requester.self().ioctl(fd, request, argument);
    }
}
