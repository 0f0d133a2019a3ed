package jukvm.cli.daemon;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.MonitorLease;
import jukvm.cli.invoker.SignalWatch;
import jukvm.cli.run.ParsedRun;
import jukvm.cli.run.RunCommand;
import jukvm.cli.run.RunParser;
import jukvm.daemon.SignalTarget;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.io.Requester;
import jukvm.monitor.Monitor;
import jukvm.stream.StandardInput;
import jukvm.stream.StandardOutput;

/**
 * Runs a guest whose output nobody sees, so that the JVM has compiled what the first client needs.
 */
final class Warmup implements Invoker {
    private static final int RUNS = 2000;
    private static final int O_WRONLY = 1;

    private final ClientInvoker.Shared shared;
    private final int nowhere;
    private final PrintWriter err =
            new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    private Warmup(ClientInvoker.Shared shared, int nowhere) {
        this.shared = shared;
        this.nowhere = nowhere;
    }

    /** Runs it often enough; not at all if there is no such file. */
    static void run(ClientInvoker.Shared shared, String guest) throws InterruptedException {
        int nowhere = Requester.self().open("/dev/null", O_WRONLY, 0);
        String[] arguments = {RunCommand.NAME, guest};
        RunParser line = new RunParser();
        for (int i = 0; i < RUNS && nowhere >= 0 && !guest.isEmpty(); i++) {
            Warmup invoker = new Warmup(shared, nowhere);
            Optional<ParsedRun> run = line.parse(arguments, invoker);
            if (run.isEmpty() || run.get().run() != 0) {
                return;
            }
        }
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
        throw new IllegalStateException("its guest is a file");
    }

    @Override
    public void hurry() {}

    @Override
    public StandardOutput stdout() {
        return new StandardOutput(nowhere);
    }

    @Override
    public int stream(int number) {
        return nowhere;
    }

    @Override
    public MonitorLease monitor() {
        Monitor.requireAccess(Requester.self());
        return MonitorLease.shared(shared.monitor());
    }

    @Override
    public GuestImage image(String path) {
        return shared.images().read(Requester.self(), path);
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
        return System.nanoTime();
    }

    @Override
    public List<Timeline.Phase> before() {
        return List.of();
    }

    @Override
    public OptionalLong startedBefore(long nanoTime) {
        return OptionalLong.empty();
    }
}
