package jukvm.cli.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.IsolationMode;
import jukvm.daemon.Build;
import jukvm.daemon.Client;
import jukvm.daemon.ClientListener;
import jukvm.daemon.DaemonFolder;
import jukvm.daemon.DaemonLink;
import jukvm.error.ConfigException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code jukvm daemon}: starts and stops the JVM that stays, and tells of it. The launcher passes
 * where things are in the environment: JUKVM_SCRIPT is the launcher itself, JUKVM_HELLO a guest to
 * warm up with, JUKVM_TREE the tree it was built in, if it was.
 */
public final class DaemonCommand implements Runnable {
    public static final String NAME = "daemon";

    private static final Duration IDLE = Duration.ofMinutes(30);
    private static final int LOOKS = 100;
    private static final int LOOK_MILLIS = 50;

    private final OptionSpec idle =
            OptionSpec.builder("--idle")
                    .paramLabel("DURATION")
                    .type(Duration.class)
                    .converters(new Conversions.Deadline())
                    .description(
                            "How long it stays when nobody comes, such as 90s or 2h; 30m"
                                    + " if not given.")
                    .build();
    private final OptionSpec isolation =
            CommandModel.isolation(
                    "Whether guests are threads of it, which is so if not given, or each is in a"
                            + " sealed process for it alone.");
    private final CommandSpec spec = CommandModel.of(NAME, this);
    private final DaemonPlace place = DaemonPlace.ofUser();

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        add("start", "Start it, unless it runs.", this::start, idle, isolation);
        add("stop", "Stop it, and the guests that it runs.", this::stop);
        add("status", "Tell whether it runs; the exit status is 1 if it does not.", this::status);
        add(
                "serve",
                "Be it, in the foreground, as for a service manager.",
                this::serve,
                idle,
                isolation);
        spec.usageMessage()
                .synopsisSubcommandLabel("COMMAND")
                .description(
                        "Keep a JVM that runs the guests of this user's commands, so that they"
                                + " start in about a millisecond.")
                .footer(
                        "",
                        "While it runs, jukvm run and solo5-hvt use it, unless JUKVM_DAEMON=off or",
                        "JUKVM_JAVA_OPTIONS is set, or --no-daemon given.");
        return spec;
    }

    private void add(String name, String does, Callable<Integer> action, OptionSpec... options) {
        Callable<Integer> told =
                () -> {
                    try {
                        return action.call();
                    } catch (IOException e) {
                        throw new ConfigException("daemon " + name + ": " + e.getMessage());
                    }
                };
        CommandSpec model = CommandModel.of(name, told, options);
        model.usageMessage().description(does);
        spec.addSubcommand(name, model);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing COMMAND");
    }

    private Duration idle() {
        Duration given = idle.getValue();
        return given == null ? IDLE : given;
    }

    private IsolationMode isolation() {
        IsolationMode given = isolation.getValue();
        return given == null ? IsolationMode.THREAD : given;
    }

    private static boolean isApart(DaemonLink.Answer daemon) {
        return daemon.text().endsWith(Daemon.APART);
    }

    private static String setting(String name) {
        return Objects.requireNonNullElse(System.getenv("JUKVM_" + name), "");
    }

    private static Path app() {
        // The class path is the jar, which the launcher names by its whole path.
        return Path.of(System.getProperty("java.class.path"));
    }

    private int status() {
        List<String> lines = new ArrayList<>();
        int asked = 0;
        Optional<DaemonLink.Answer> answer = place.ask(Client.Request.STATUS);
        if (answer.isPresent() && !DaemonProcess.others(place, answer.get().pid()).isEmpty()) {
            // One that a service manager started for this question had not its name at the socket.
            answer = place.ask(Client.Request.STATUS);
        }
        if (answer.isPresent()) {
            lines.add(answer.get().text());
            asked = answer.get().pid();
        }
        for (ProcessHandle lost : DaemonProcess.others(place, asked)) {
            lines.add(
                    "running as pid "
                            + lost.pid()
                            + ", but out of reach: it starts or ends, or "
                            + place.socket()
                            + " was removed");
        }
        lines.forEach(this::say);
        if (lines.isEmpty()) {
            say("not running");
        }
        return lines.isEmpty() ? ExitStatus.FAILURE : 0;
    }

    private int stop() {
        Optional<DaemonLink.Answer> answer = place.ask(Client.Request.STOP);
        int asked = answer.map(DaemonLink.Answer::pid).orElse(0);
        List<ProcessHandle> lost = DaemonProcess.others(place, asked);
        lost.forEach(ProcessHandle::destroy);
        say(answer.isPresent() || !lost.isEmpty() ? "stopped" : "not running");
        return 0;
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private int start() throws IOException, InterruptedException {
        if (Files.notExists(app().resolveSibling("client"))) {
            throw new ConfigException(
                    "there is no client to use a daemon with; install gcc and make, and build"
                            + " again");
        }
        Optional<DaemonLink.Answer> running = place.ask(Client.Request.STATUS);
        if (running.isPresent() && running.get().build().equals(Build.of(app()))) {
            if (isolation() == IsolationMode.PROCESS && !isApart(running.get())) {
                throw new ConfigException(
                        "daemon start: the one that runs has its guests as threads: end it first,"
                                + " by jukvm daemon stop");
            }
            say(running.get().text());
            return 0;
        }
        IsolationMode next =
                isolation.getValue() == null && running.filter(DaemonCommand::isApart).isPresent()
                        ? IsolationMode.PROCESS
                        : isolation();
        if (running.isPresent()) {
            place.ask(Client.Request.RETIRE);
            // A service manager that listens in its place starts the next by itself.
            Optional<DaemonLink.Answer> other = place.ask(Client.Request.STATUS);
            if (other.isPresent() && other.get().pid() != running.get().pid()) {
                say(other.get().text());
                return 0;
            }
        }
        try (DaemonFolder folder = DaemonFolder.make(place.folder());
                DaemonFolder.Log log = folder.openLog()) {
            return start(log.path(), next);
        }
    }

    private int start(Path log, IsolationMode apart) throws IOException, InterruptedException {
        // In a session of its own: neither the end of this one nor its signals are for the daemon.
        ProcessBuilder builder =
                new ProcessBuilder(
                        "setsid",
                        setting("SCRIPT"),
                        NAME,
                        "serve",
                        "--idle=" + idle().toMillis() + "ms",
                        "--isolation=" + Conversions.name(apart));
        builder.directory(place.folder().toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(log.toFile());
        Process process = builder.start();
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            if (line != null) {
                say(line);
                return 0;
            }
        }
        // Whoever else starts one now was faster.
        Optional<DaemonLink.Answer> other = awaitOther();
        if (other.isPresent()) {
            say(other.get().text());
            return 0;
        }
        String said = Files.readString(log).strip();
        throw new ConfigException(
                "the daemon could not start: "
                        + (said.isEmpty() ? "status " + process.waitFor() : said)
                        + " ("
                        + place.log()
                        + ")");
    }

    /** Asks for as long as one that is about to listen may need. */
    private Optional<DaemonLink.Answer> awaitOther() throws InterruptedException {
        Optional<DaemonLink.Answer> answer = Optional.empty();
        for (int i = 0; i < LOOKS && answer.isEmpty() && place.isTaken(); i++) {
            answer = place.ask(Client.Request.STATUS);
            Thread.sleep(answer.isEmpty() ? LOOK_MILLIS : 0);
        }
        return answer;
    }

    private int serve() throws IOException, InterruptedException {
        OptionalInt lent = ClientListener.lent(System.getenv(), ProcessHandle.current().pid());
        Optional<DaemonPlace.Taken> taken = place.take(lent);
        if (taken.isEmpty()) {
            throw new ConfigException("another daemon of this user is running or starting");
        }
        String tree = setting("TREE");
        SourceWatch sources =
                tree.isEmpty()
                        ? SourceWatch.none()
                        : SourceWatch.of(Path.of(tree), app().resolveSibling(".built"));
        ClientInvoker.Shared shared = ClientInvoker.Shared.open(isolation());
        Warmup.run(shared, setting("HELLO"));
        Daemon daemon = new Daemon(taken.get(), Build.of(app()), idle(), sources, shared);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(daemon), "jukvm-signal"));
        say(daemon.status());
        System.out.close(); // Whoever started it waits for no more.
        daemon.serve();
        return 0;
    }

    // At a signal: what clients wait for is said to them, and what guests wrote is flushed.
    private static void stop(Daemon daemon) {
        try {
            daemon.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
