package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.daemon.Client;
import jukvm.daemon.DaemonLink;
import jukvm.junit.Required;

/**
 * An installed jukvm with a place of its own for a daemon, so that the developer's is left alone.
 * In its scripts, $J is the command, $S the same by the name solo5-hvt, $G the folder of the
 * prebuilt guests, and $C the client. A daemon that runs is stopped when this is closed.
 */
public final class DaemonFixture {
    private static final List<DaemonFixture> RESIDENT = new ArrayList<>();
    private static final Pattern STATUS =
            Pattern.compile("running as pid (\\d+) .*guests now: (\\d+), before: (\\d+);.*\n");

    private final Path runtime;
    private final Path script;
    private final List<ProcessHandle> started = new ArrayList<>();

    private DaemonFixture(Path script) throws IOException {
        this.script = script;
        this.runtime = Files.createTempDirectory("jukvm"); // Short, since a socket's address is.
    }

    /** What a daemon says of itself. */
    public record Status(long pid, long guests, long served) {}

    /** Returns one of the common installation, and starts no daemon. */
    public static DaemonFixture common() throws IOException {
        return of(Launcher.common());
    }

    /** Installs all in a folder, so that it can be changed, and starts no daemon. */
    public static DaemonFixture install(Path folder) throws IOException {
        return of(Launcher.install(folder));
    }

    // Skips the test where there is no client.
    private static DaemonFixture of(Path script) throws IOException {
        assumeTrue(hasClient(script), "no gcc: the client of the daemon was not built");
        return new DaemonFixture(script);
    }

    private static boolean hasClient(Path script) {
        boolean isBuilt = Files.exists(Launcher.app(script).resolve("client"));
        if (!isBuilt && Required.names("gcc")) {
            throw new IllegalStateException("JUKVM_REQUIRE=gcc, but the client was not built");
        }
        return isBuilt;
    }

    /** Installs all, and starts a daemon. */
    public static DaemonFixture start(Path folder, String... options)
            throws IOException, InterruptedException {
        DaemonFixture fixture = install(folder);
        fixture.startDaemon(options);
        return fixture;
    }

    /**
     * Returns one whose daemon runs, for all tests of this JVM that neither end it nor change what
     * it keeps. It is not to be closed: it is at the JVM's end.
     */
    public static DaemonFixture resident() throws IOException, InterruptedException {
        synchronized (RESIDENT) {
            if (RESIDENT.isEmpty()) {
                DaemonFixture fixture = common();
                RESIDENT.add(fixture);
                Runtime.getRuntime().addShutdownHook(new Thread(fixture::close, "stop daemon"));
            }
            DaemonFixture fixture = RESIDENT.get(0);
            if (fixture.text().isEmpty()) {
                fixture.startDaemon();
            }
            return fixture;
        }
    }

    /** Starts the daemon, without the JVM of {@code daemon start}; returns its pid. */
    public long startDaemon(String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of("setsid", script + "", "daemon", "serve"));
        line.addAll(List.of(options));
        ProcessBuilder builder = Command.builder(line).redirectErrorStream(true);
        builder.environment().putAll(environment("auto"));
        Process daemon = builder.redirectInput(Path.of("/dev/null").toFile()).start();
        started.add(daemon.toHandle());
        try (BufferedReader output = daemon.inputReader()) {
            String first = output.readLine() + "\n";
            Matcher status = STATUS.matcher(first);
            assertTrue(status.matches(), first);
            return number(status, 1);
        }
    }

    /** Returns where the daemon's folder is. */
    public Path place() {
        return runtime.resolve("jukvm");
    }

    public Path runtime() {
        return runtime;
    }

    public Path app() {
        return Launcher.app(script);
    }

    public Map<String, String> environment(String daemon) {
        return environment(script, runtime, daemon);
    }

    private static Map<String, String> environment(Path script, Path runtime, String daemon) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("XDG_RUNTIME_DIR", runtime.toString());
        environment.put("JUKVM_DAEMON", daemon);
        environment.put("JUKVM_JAVA_OPTIONS", "");
        environment.put("J", script.toString());
        environment.put("S", script.resolveSibling("solo5-hvt").toString());
        environment.put("G", Guests.prebuilt("").toString());
        environment.put("C", Launcher.app(script).resolve("client").toString());
        return environment;
    }

    public Command daemon(String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(script.toString(), "daemon"));
        line.addAll(List.of(words));
        return Command.program(Command.PATIENCE, environment("auto"), line.toArray(String[]::new));
    }

    /** Runs a shell script in which commands go to the daemon, in the fixture's folder. */
    public Command shell(String script) throws IOException, InterruptedException {
        return Command.program(Command.PATIENCE, environment("auto"), "sh", "-c", script);
    }

    /** The same, where none goes there. */
    public Command cold(String script) throws IOException, InterruptedException {
        return Command.program(Command.PATIENCE, environment("off"), "sh", "-c", script);
    }

    /** Starts a shell script in which commands go to the daemon. */
    public BackgroundCommand begin(String script) throws IOException {
        return BackgroundCommand.start(List.of("sh", "-c", script), environment("auto"));
    }

    public Optional<String> text() {
        return DaemonLink.ask(place().resolve("daemon"), Client.Request.STATUS)
                .map(DaemonLink.Answer::text);
    }

    /**
     * Runs a shell script with these words, in which commands go to the resident daemon, where they
     * take milliseconds; in JVMs of their own where there is no client. What is said is the same.
     */
    public static Command quick(String script, String... words)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        line.addAll(List.of(words));
        Path installed = Launcher.common();
        Map<String, String> environment =
                hasClient(installed)
                        ? resident().environment("auto")
                        : environment(installed, installed.resolveSibling("none"), "off");
        return Command.program(Command.PATIENCE, environment, line.toArray(String[]::new));
    }

    /** Asks the daemon, without a process that would take its time. */
    public Status status() {
        String text = text().orElseThrow() + "\n";
        Matcher status = STATUS.matcher(text);
        assertTrue(status.matches(), text);
        return new Status(number(status, 1), number(status, 2), number(status, 3));
    }

    private static long number(Matcher status, int group) {
        return Long.parseLong(status.group(group));
    }

    /** Waits until no guest runs; what the client is told comes a moment before. */
    public Status idle() throws InterruptedException {
        return awaitGuests(0);
    }

    public Status awaitGuests(long count) throws InterruptedException {
        long start = System.nanoTime();
        Status status = status();
        while (status.guests != count) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), status::toString);
            Thread.sleep(1);
            status = status();
        }
        return status;
    }

    /** Ends all daemons that run in its place, and removes that. */
    public void close() {
        text().ifPresent(text -> ProcessHandle.of(status().pid()).ifPresent(started::add));
        for (ProcessHandle daemon : started) {
            daemon.destroy();
            daemon.onExit().orTimeout(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        }
        Launcher.remove(runtime);
    }
}
