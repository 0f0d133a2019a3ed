package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.client.Client;
import jukvm.client.DaemonLink;
import jukvm.junit.Required;

/**
 * An installed jukvm with a place of its own for a daemon, so that the developer's is left alone.
 * In its scripts, $J is the command, $S the same by the name solo5-hvt, $G the folder of the
 * prebuilt guests, and $C the client. A daemon that runs is stopped when this is closed.
 */
final class DaemonFixture {
    private static final Pattern STATUS =
            Pattern.compile("running as pid (\\d+) .*guests now: (\\d+), before: (\\d+);.*\n");

    private final Path folder;
    private final Path runtime;
    private final Path script;

    private DaemonFixture(Path folder, Path runtime, Path script) {
        this.folder = folder;
        this.runtime = runtime;
        this.script = script;
    }

    /** What a daemon says of itself. */
    record Status(long pid, long guests, long served) {}

    /** Installs all, and starts no daemon; skips the test where there is no client. */
    static DaemonFixture install(Path folder) throws IOException, InterruptedException {
        Path script = Launcher.install(folder);
        boolean isBuilt = Launcher.addClient(folder.resolve("cli/target/jukvm"));
        if (!isBuilt && Required.names("gcc")) {
            throw new IllegalStateException("JUKVM_REQUIRE=gcc, but the client was not built");
        }
        assumeTrue(isBuilt, "no gcc: the client of the daemon was not built");
        return new DaemonFixture(folder, newRuntime(), script);
    }

    // Short, since a socket's address is.
    private static Path newRuntime() throws IOException {
        return Files.createTempDirectory("jukvm");
    }

    /** Returns one of the same installation, which takes some seconds, with a place of its own. */
    DaemonFixture again() throws IOException {
        return new DaemonFixture(folder, newRuntime(), script);
    }

    /** Installs all, and starts a daemon. */
    static DaemonFixture start(Path folder, String... options)
            throws IOException, InterruptedException {
        DaemonFixture fixture = install(folder);
        fixture.startDaemon(options);
        return fixture;
    }

    /** Starts the daemon, and returns its pid. */
    long startDaemon(String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("start"));
        line.addAll(List.of(options));
        Command started = daemon(line.toArray(String[]::new));
        assertEquals(0, started.status(), started::toString);
        Matcher status = STATUS.matcher(started.stdout());
        assertTrue(status.matches(), started::toString);
        return number(status, 1);
    }

    /** Returns where the daemon's folder is. */
    Path place() {
        return runtime.resolve("jukvm");
    }

    Path runtime() {
        return runtime;
    }

    Path app() {
        return folder.resolve("cli/target/jukvm");
    }

    Map<String, String> environment(String daemon) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("XDG_RUNTIME_DIR", runtime.toString());
        environment.put("JUKVM_DAEMON", daemon);
        environment.put("JUKVM_JAVA_OPTIONS", "");
        environment.put("J", script.toString());
        environment.put("S", script.resolveSibling("solo5-hvt").toString());
        environment.put("G", Guests.prebuilt("").toString());
        environment.put("C", app().resolve("client").toString());
        return environment;
    }

    Command daemon(String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(script.toString(), "daemon"));
        line.addAll(List.of(words));
        return Command.program(Command.PATIENCE, environment("auto"), line.toArray(String[]::new));
    }

    /** Runs a shell script in which commands go to the daemon, in the fixture's folder. */
    Command shell(String script) throws IOException, InterruptedException {
        return Command.program(Command.PATIENCE, environment("auto"), "sh", "-c", script);
    }

    /** The same, where none goes there. */
    Command cold(String script) throws IOException, InterruptedException {
        return Command.program(Command.PATIENCE, environment("off"), "sh", "-c", script);
    }

    /** Starts a shell script in which commands go to the daemon. */
    BackgroundCommand begin(String script) throws IOException {
        return BackgroundCommand.start(List.of("sh", "-c", script), environment("auto"));
    }

    Optional<String> text() {
        return DaemonLink.ask(place().resolve("daemon"), Client.Request.STATUS)
                .map(DaemonLink.Answer::text);
    }

    /** Asks the daemon, without a process that would take its time. */
    Status status() {
        String text = text().orElseThrow() + "\n";
        Matcher status = STATUS.matcher(text);
        assertTrue(status.matches(), text);
        return new Status(number(status, 1), number(status, 2), number(status, 3));
    }

    private static long number(Matcher status, int group) {
        return Long.parseLong(status.group(group));
    }

    /** Waits until no guest runs; what the client is told comes a moment before. */
    Status idle() throws InterruptedException {
        return awaitGuests(0);
    }

    Status awaitGuests(long count) throws InterruptedException {
        long start = System.nanoTime();
        Status status = status();
        while (status.guests != count) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), status::toString);
            Thread.sleep(1);
            status = status();
        }
        return status;
    }

    /** Stops the daemon, if one runs, and removes its place. */
    void close() throws IOException, InterruptedException {
        daemon("stop");
        try (Stream<Path> files = Files.walk(runtime)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
