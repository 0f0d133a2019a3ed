package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HttpQuestions;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.RequiresRoot;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Guests on a virtual switch, or by passt, run by a user who may open /dev/kvm and has no other
 * right: no root, no capability, no TAP interface but one made ready. Devices belong to root here,
 * so the user finds them in a mount namespace in which nodes that all may open lie over them.
 */
@RequiresKvm
@RequiresRoot
final class OrdinaryUserIT {
    private static final String NOBODY = "65534";

    // Arguments: folder, then the command of the user.
    private static final String SCRIPT =
            "node() { if mknod \"$1\" c 10 $3 2>/dev/null; then chmod 666 \"$1\"; fi;"
                    + " mount --bind \"$1\" $2; } && node \"$1/kvm\" /dev/kvm 232"
                    + " && { ! [ -e /dev/net/tun ] || node \"$1/tun\" /dev/net/tun 200; }"
                    + " && shift && exec setpriv --reuid="
                    + NOBODY
                    + " --regid="
                    + NOBODY
                    + " --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \"$@\"";

    // Connections at once. A host may emulate ring 0 instruction by instruction, and passt resets
    // one
    // whose bytes are not acknowledged for six seconds: with many that is a matter of its load.
    private static final int MANY = 100;
    private static final int FEW = 10;

    private static final Duration LONG = Patience.of(Duration.ofHours(2));

    // wrk calls what takes longer an error; at a ring 0 that is emulated, 50 at once wait long.
    private static final String CROWD =
            "command -v wrk >/dev/null || { echo 'wrk is not installed'; exit 0; };"
                    + " wrk -t 2 -c 50 -d 30 --timeout 60s http://127.0.0.1:PORT/";

    @TempDir Path folder;

    @Test
    void shouldConnectGuestsWithoutAnyPrivilege() throws IOException, InterruptedException {
        Path app = copy(Guests.ROOT.resolve("cli/target/jukvm"), folder.resolve("app"));
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Newcomer.compileExamples(classes);
        Path guest = folder.resolve("echo.hvt");
        Files.copy(Guests.prebuilt("echo.hvt"), guest);
        open(folder);

        Path out = Files.createTempFile("jukvm", ".out");
        Process process =
                new ProcessBuilder(
                                java(
                                        app,
                                        "-cp",
                                        app.resolve("jukvm.jar")
                                                + ":"
                                                + app.resolve("lib/*")
                                                + ":"
                                                + classes,
                                        "examples.TwoGuests",
                                        guest.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try {
            assertTrue(
                    process.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS),
                    "still running");
            String output = Files.readString(out, StandardCharsets.UTF_8);
            assertTrue(output.contains("100 sent, 100 received\n"), output);
            assertTrue(output.contains("guest exited with status 0"), output);
            assertEquals(0, process.exitValue(), output);
        } finally {
            process.destroyForcibly();
            Files.delete(out);
        }
    }

    @Test
    @RequiresPasst
    void shouldReachTheWorldWithoutAnyPrivilege() throws IOException, InterruptedException {
        Path app = copy(Guests.ROOT.resolve("cli/target/jukvm"), folder.resolve("app"));
        Path file = folder.resolve("echo.hvt");
        Files.copy(Guests.prebuilt("echo.hvt"), file);
        open(folder);
        try (Namespace host = Namespace.open()) {
            host.route("192.0.2.1");
            List<String> line =
                    java(
                            app,
                            "-jar",
                            app.resolve("jukvm.jar").toString(),
                            "run",
                            "--net:service0=user",
                            "--publish=0:7/udp",
                            file.toString(),
                            "address=10.0.2.15");
            try (BackgroundCommand guest = BackgroundCommand.start(host.line(line))) {
                guest.awaitOutput("MTU is 1500");
                Matcher port = Pattern.compile("127.0.0.1:(\\d+):7/udp").matcher(guest.errors());
                assertTrue(port.find(), guest.errors());
                host.askByUdp(Integer.parseInt(port.group(1)));
                assertEquals(1, guest.stop().status());
            }
            assertEquals(List.of(), host.passts());
        }
    }

    /**
     * As a soak also with a crowd of wrk's, if that is installed, and 25 times as large; {@code
     * -Djukvm.soak.bytes} says how large at either ring. Prints how fast it was.
     */
    @Soak
    @ParameterizedTest
    @CsvSource({"off, 3, 4000000", "off, 0, 20000", "auto, 3, 4000000", "auto, 0, 20000"})
    @RequiresPasst
    void shouldServeTheWorldWithoutAnyPrivilege(String daemon, int ring, int large)
            throws Exception {
        int size = Soak.LONG ? Integer.getInteger("jukvm.soak.bytes", 25 * large) : large;
        serve(daemon, ring, size);
    }

    private void serve(String daemon, int ring, int large) throws Exception {
        Files.copy(Guests.prebuilt("http.hvt"), folder.resolve("http.hvt"));
        open(folder);
        if (daemon.equals("off")) {
            serveBeside(daemon, ring, large);
            return;
        }
        try (BackgroundCommand service = command("daemon serve", daemon, List::copyOf)) {
            service.awaitOutput("running as pid");
            serveBeside(daemon, ring, large);
        }
    }

    private void serveBeside(String daemon, int ring, int large) throws Exception {
        String options = "--ring=" + ring + " --net:service0=user --publish=0:80 " + folder;
        try (Namespace host = Namespace.open()) {
            host.route("192.0.2.1");
            try (BackgroundCommand guest =
                    command("run " + options + "/http.hvt", daemon, host::line)) {
                guest.awaitOutput("serves HTTP on port 80\n");
                Matcher port = Pattern.compile("127.0.0.1:(\\d+):80\n").matcher(guest.errors());
                assertTrue(port.find(), guest.errors());
                String[] words = {
                    "127.0.0.1",
                    port.group(1),
                    Integer.toString(large),
                    Integer.toString(ring == 0 ? FEW : MANY)
                };
                List<String> line = Command.mainLine(HttpQuestions.class, List.of(), words);
                Command asked =
                        Command.program(LONG, Map.of(), host.line(line).toArray(String[]::new));
                assertEquals("SUCCESS\n", asked.stdout(), () -> asked.stderr());
                if (Soak.LONG) {
                    String way = daemon.equals("off") ? "cold" : "by the daemon";
                    String jdk = "JDK " + Runtime.version().feature();
                    System.out.println("ring " + ring + ", " + way + ", " + jdk + ":");
                    System.out.print(asked.stderr());
                    crowd(host, port.group(1));
                }
                assertEquals(1, guest.stop().status());
            }
            assertEquals(List.of(), host.passts());
        }
    }

    private static void crowd(Namespace host, String port) throws Exception {
        String said = host.shell(CROWD.replace("PORT", port));
        said.lines()
                .filter(
                        line ->
                                line.matches(
                                        ".*(requests in|Latency|Requests/sec|errors|Non-2xx|wrk"
                                                + " is).*"))
                .forEach(line -> System.out.println(line.strip()));
        assertFalse(said.contains("errors") || said.contains("Non-2xx"), said);
    }

    @Test
    void shouldUseATapMadeReady() throws Exception {
        Path file = folder.resolve("http.hvt");
        Files.copy(Guests.prebuilt("http.hvt"), file);
        open(folder);
        try (Namespace host = Namespace.open()) {
            List<String> up = Command.line("net", "up", "--user=" + NOBODY, "tap0");
            Namespace.Result made = host.run(up.toArray(String[]::new));
            assertEquals(0, made.status(), made.output());
            // What it says to say.
            String run =
                    made.output()
                            .lines()
                            .skip(1)
                            .findFirst()
                            .orElseThrow()
                            .replace("jukvm ", "")
                            .replace("NAME", "service0")
                            .replace("GUEST", file.toString());
            try (BackgroundCommand guest = command(run, "off", host::line)) {
                guest.awaitOutput("serves HTTP on port 80\n");
                List<String> ask =
                        Command.mainLine(HttpQuestions.class, List.of(), "10.0.0.2", "80");
                assertEquals(
                        new Namespace.Result(0, "SUCCESS\n"), host.run(ask.toArray(String[]::new)));
                assertEquals(1, guest.stop().status());
            }
            List<String> down = Command.line("net", "down", "tap0");
            assertEquals(new Namespace.Result(0, ""), host.run(down.toArray(String[]::new)));
            assertEquals("", host.shell("ip -o link show type tun"));
        }
    }

    /** Starts the installed command with less than any user's rights. */
    private BackgroundCommand command(
            String words, String daemon, UnaryOperator<List<String>> place) throws IOException {
        Path runtime = folder.resolve("run");
        if (Files.notExists(runtime)) {
            Files.createDirectory(runtime);
            Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
            Files.setAttribute(runtime, "unix:uid", Integer.valueOf(NOBODY));
        }
        List<String> line = new ArrayList<>(unprivileged());
        line.add(Launcher.common().toString());
        line.addAll(List.of(words.split(" ", -1)));
        return BackgroundCommand.start(
                place.apply(line),
                Map.of("XDG_RUNTIME_DIR", runtime.toString(), "JUKVM_DAEMON", daemon));
    }

    /** Returns the beginning of a command line that gives up all rights. */
    private List<String> unprivileged() {
        return List.of("unshare", "-m", "sh", "-c", SCRIPT, "sh", folder.toString());
    }

    /** Returns the command line of a JVM with less than any user's rights. */
    private List<String> java(Path app, String... words) {
        List<String> line = new ArrayList<>(unprivileged());
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.add("-Djna.boot.library.path=" + app.resolve("lib"));
        line.add("-Djna.nounpack=true");
        line.addAll(List.of(words));
        return line;
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
        return to;
    }

    private static void open(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                assertFalse(Files.isSymbolicLink(file));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
