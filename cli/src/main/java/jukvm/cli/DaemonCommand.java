package jukvm.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.client.Build;
import jukvm.client.Client;
import jukvm.client.DaemonLink;
import jukvm.error.ConfigException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * {@code jukvm daemon}: starts and stops the JVM that stays, and tells of it. The launcher passes
 * where things are in system properties: {@code jukvm.script} is the launcher itself, {@code
 * jukvm.hello} a guest to warm up with, {@code jukvm.tree} the tree it was built in, if it was.
 */
final class DaemonCommand implements Callable<Integer> {
    static final String NAME = "daemon";

    private static final Duration IDLE = Duration.ofMinutes(30);

    private final OptionSpec idle =
            OptionSpec.builder("--idle")
                    .paramLabel("DURATION")
                    .type(Duration.class)
                    .converters(new Conversions.Deadline())
                    .description(
                            "With start: how long it stays when nobody comes, such as 90s or 2h; 30m"
                                    + " if not given.")
                    .build();
    private final PositionalParamSpec action =
            PositionalParamSpec.builder()
                    .index("0")
                    .arity("1")
                    .required(true)
                    .paramLabel("start|stop|status")
                    .type(String.class)
                    .description("What to do.")
                    .build();

    private final CommandSpec spec = CommandModel.of(NAME, this, idle);
    private final DaemonPlace place = DaemonPlace.ofUser();

    CommandSpec model() {
        spec.addPositional(action);
        spec.usageMessage()
                .description(
                        "Keep a JVM that runs guests for this user's commands, which then start in a"
                                + " millisecond.")
                .footer(
                        "",
                        "While it runs, jukvm run and solo5-hvt use it, unless JUKVM_DAEMON=off is"
                                + " set, --no-daemon",
                        "is given, or JUKVM_JAVA_OPTIONS asks for a JVM of one's own.");
        return spec;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        String word = action.getValue();
        return switch (word) {
            case "start" -> start();
            case "stop" -> stop();
            case "status" -> status();
            case "serve" -> serve();
            default ->
                    throw new ConfigException(
                            "daemon: '" + word + "' is not start, stop or status");
        };
    }

    private Duration idle() {
        Duration given = idle.getValue();
        return given == null ? IDLE : given;
    }

    private static Path app() {
        // The class path is the jar, which the launcher names by its whole path.
        return Path.of(System.getProperty("java.class.path"));
    }

    private int status() {
        Optional<DaemonLink.Answer> answer = DaemonLink.ask(place.socket(), Client.Request.STATUS);
        say(answer.map(DaemonLink.Answer::text).orElse("not running"));
        return answer.isPresent() ? 0 : Main.FAILURE;
    }

    private int stop() {
        boolean ran = DaemonLink.ask(place.socket(), Client.Request.STOP).isPresent();
        say(ran ? "stopped" : "not running");
        return 0;
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private int start() throws IOException, InterruptedException {
        place.make();
        Optional<DaemonLink.Answer> running = DaemonLink.ask(place.socket(), Client.Request.STATUS);
        if (running.isPresent() && running.get().build().equals(Build.of(app()))) {
            say(running.get().text());
            return 0;
        }
        if (running.isPresent()) {
            DaemonLink.ask(place.socket(), Client.Request.RETIRE);
        }
        // In a session of its own: neither the end of this one nor its signals are for the daemon.
        ProcessBuilder builder =
                new ProcessBuilder(
                        "setsid",
                        System.getProperty("jukvm.script", "jukvm"),
                        NAME,
                        "serve",
                        "--idle=" + idle().toMillis() + "ms");
        builder.directory(place.folder().toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(place.log().toFile());
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
        String log = Files.readString(place.log()).strip();
        throw new ConfigException(
                "the daemon could not start: "
                        + (log.isEmpty() ? "status " + process.waitFor() : log)
                        + " (" + place.log() + ")");
    }

    private int serve() throws IOException, InterruptedException {
        place.make();
        Optional<FileLock> lock = place.take();
        if (lock.isEmpty()) {
            throw new ConfigException("another daemon of this user is running or starting");
        }
        String tree = System.getProperty("jukvm.tree", "");
        SourceWatch sources =
                tree.isEmpty()
                        ? SourceWatch.none()
                        : SourceWatch.of(Path.of(tree), app().resolveSibling(".built"));
        Daemon daemon = new Daemon(place, lock.get(), Build.of(app()), idle(), sources);
        Warmup.run(daemon.shared(), System.getProperty("jukvm.hello", ""));
        say(daemon.status());
        System.out.close(); // Whoever started it waits for no more.
        daemon.serve();
        return 0;
    }
}
