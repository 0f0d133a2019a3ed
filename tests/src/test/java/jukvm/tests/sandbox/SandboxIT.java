package jukvm.tests.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.host.Layer;
import jukvm.sandbox.Sandbox;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.SystemCallFilter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done in the command's process once its guest runs. */
@RequiresKvm
final class SandboxIT {
    private static final String SPIN = Guests.prebuilt("spin.hvt").toString();
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();

    // The JDK asks whether it has these when it loads java.nio, and does without.
    private static final Set<String> DONE_WITHOUT = Set.of("socket", "setsockopt");

    private static final String WATCH = "-Dslf4j.provider=" + Intruder.Watch.class.getName();

    @TempDir private Path folder;
    private Path file = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        file = Files.writeString(folder.resolve("file"), "whole");
    }

    private Map<String, String> answers(String who, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(file + "", folder.resolve("new") + "", "run"));
        words.addAll(List.of(options));
        words.add(SPIN);
        List<String> line =
                Command.mainLine(Intruder.class, List.of(WATCH), words.toArray(String[]::new));
        try (BackgroundCommand command = BackgroundCommand.start(line)) {
            awaitErrors(command, who + " done\n");
            Map<String, String> answers = new TreeMap<>();
            for (String told : command.errors().lines().toList()) {
                if (told.startsWith(who + " ") && told.contains(": ")) {
                    String[] parts = told.substring(who.length() + 1).split(": ", 2);
                    answers.put(parts[0], parts[1]);
                }
            }
            Command ended = command.stop();
            assertEquals(1, ended.status(), ended::toString);
            assertTrue(ended.stderr().contains("guest stopped by a signal"), ended::stderr);
            return answers;
        }
    }

    private static void awaitErrors(BackgroundCommand command, String text) throws Exception {
        long start = System.nanoTime();
        while (!command.errors().contains(text)) {
            assertTrue(
                    command.isAlive() && System.nanoTime() - start < Command.PATIENCE.toNanos(),
                    command.errors());
            Thread.sleep(20);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"early", "late"})
    void shouldLetNobodyOutOfTheProcess(String who) throws Exception {
        Map<String, String> answers = answers(who);
        Map<String, String> expected = new TreeMap<>();
        for (Attempt attempt : Attempt.values()) {
            expected.put(attempt.words(), "EPERM");
        }
        expected.put("sealed", "true");
        boolean isRestricted =
                who.equals("late") && Sandbox.available().reached().contains(Layer.LANDLOCK);
        expected.put("read a secret", isRestricted ? "EACCES" : "done");
        expected.put("read what the JVM needs", "done");
        assertEquals(expected, answers);
        assertEquals("whole", Files.readString(file));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void shouldSayWhatWasTried() throws Exception {
        String page = Files.readString(Guests.ROOT.resolve("SECURITY.md"));
        String told =
                Arrays.stream(Attempt.values())
                        .map(Attempt::words)
                        .collect(Collectors.joining(", "));
        assertTrue(page.replaceAll("\\s+", " ").contains(told), told);
    }

    @ParameterizedTest
    @CsvSource({
        "-XX:+UseSerialGC, jna",
        "-XX:+UseG1GC, jna",
        "-XX:+UseParallelGC, jna",
        "-XX:+UseSerialGC, jnr"
    })
    void shouldRefuseNoCallThatAJvmNeeds(String collector, String binding) throws Exception {
        Path disk = folder.resolve("disk");
        Files.write(disk, new byte[1 << 20]);
        String report = folder.resolve("report").toString();
        Set<String> refused = new TreeSet<>();
        refused.addAll(refused(collector, binding, "--time", "--report=" + report, HELLO, "x"));
        refused.addAll(refused(collector, binding, "--trace-summary", guest("time.hvt")));
        refused.addAll(refused(collector, binding, "--disk=" + disk, guest("block.hvt")));
        refused.addAll(refused(collector, binding, "--trace", guest("exits.hvt"), "2000"));
        refused.addAll(refused(collector, binding, "--deadline=300ms", SPIN));
        refused.addAll(refused(collector, binding, "--ring=0", HELLO));
        refused.addAll(refused(collector, binding, guest("fault.hvt")));
        refused.removeAll(DONE_WITHOUT);
        assertEquals(Set.of(), refused);
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "log"})
    void shouldLetTheFlightRecorderWrite(String mode) throws Exception {
        Path recording = folder.resolve("run.jfr");
        Path report = folder.resolve("report");
        Command run =
                Command.withOptions(
                        List.of("-XX:StartFlightRecording:filename=" + recording),
                        "run",
                        "--sandbox=" + mode,
                        "--report=" + report,
                        HELLO);
        assertEquals(0, run.status(), run::stderr);
        assertTrue(Files.size(recording) > 0);
        assertTrue(Files.readString(report).contains("\"writing\""));
        Set<String> refused = refused(run);
        refused.removeAll(DONE_WITHOUT);
        assertEquals(Set.of(), refused);
    }

    @Test
    void shouldBeStrictOnlyWithoutARecorder() throws Exception {
        Command run =
                Command.withOptions(
                        List.of("-XX:StartFlightRecording:filename=" + folder.resolve("run.jfr")),
                        "run",
                        "--sandbox=strict",
                        HELLO);
        assertEquals(1, run.status());
        assertTrue(run.stderr().contains("flight recorder"), run.stderr());
        assertEquals("", run.stdout());
    }

    /** A host without one of the layers: 1 is EPERM, 38 ENOSYS. */
    @ParameterizedTest
    @CsvSource({
        "landlock, 38, ''",
        "landlock, 1, ''",
        "seccomp, 38, warning",
        "seccomp, 1, warning"
    })
    void shouldDoWithWhatTheHostHas(String layer, String errno, String told) throws Exception {
        Path filter = SystemCallFilter.build(folder);
        assumeTrue(filter != null, "no gcc");
        String under = "exec " + filter + " " + errno + " " + layer + " \"$@\"";
        Command run = Command.shell(under, "run", "--report=" + folder.resolve("r"), HELLO);
        assertEquals(0, run.status(), run::stderr);
        assertEquals(told.isEmpty(), run.stderr().isEmpty(), run::stderr);
        String sandbox = Files.readString(folder.resolve("r")).replaceAll("(?s).*\"sandbox\"", "");
        assertTrue(sandbox.contains(layer + ": E"), sandbox);
        Command strict = Command.shell(under, "run", "--sandbox=strict", HELLO);
        assertEquals(1, strict.status());
        assertEquals("", strict.stdout());
        assertTrue(strict.stderr().contains(layer + ": E"), strict.stderr());
        Command off = Command.shell(under, "run", "--sandbox=off", HELLO);
        assertEquals(0, off.status(), off::stderr);
        assertEquals("", off.stderr());
        Command doctor = Command.shell(under, "doctor");
        assertTrue(doctor.stdout().contains("warn  sandbox        " + layer), doctor.stdout());
    }

    private static String guest(String name) {
        return Guests.prebuilt(name).toString();
    }

    /** Runs a guest, and returns the calls that its JVM made and would have been refused. */
    private static Set<String> refused(String collector, String binding, String... words)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("run", "--sandbox=log"));
        all.addAll(List.of(words));
        // As the launcher has it: a JVM that unpacks a library removes it in the end.
        List<String> options =
                List.of(
                        collector,
                        "-XX:+ReduceSignalUsage",
                        "-XX:-UsePerfData",
                        "-Djna.nounpack=true",
                        "-Djna.boot.library.path="
                                + Launcher.app(Launcher.common()).resolve("lib"));
        List<String> line =
                new ArrayList<>(
                        Command.mainLine(
                                jukvm.cli.Main.class, options, all.toArray(String[]::new)));
        line.replaceAll(
                word -> word.startsWith("-Djukvm.native=") ? "-Djukvm.native=" + binding : word);
        try (BackgroundCommand command = BackgroundCommand.start(line)) {
            return refused(command.await());
        }
    }

    private static Set<String> refused(Command logged) {
        return logged.stderr()
                .lines()
                .filter(told -> told.contains("sandbox: would refuse "))
                .map(told -> told.replaceAll(".*would refuse ", "").replaceAll(",.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
