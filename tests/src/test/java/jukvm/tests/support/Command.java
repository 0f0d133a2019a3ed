package jukvm.tests.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jukvm.cli.InProcess;

/** One run of a command in a process of its own, on the JDK that runs the tests. */
public record Command(int status, String stdout, String stderr) {
    public static final Duration PATIENCE = Patience.of(Duration.ofMinutes(2));

    /**
     * Returns what runs a command line with the signals as a terminal leaves them: those that are
     * ignored by who runs the tests, such as a script in the background, would be by the command.
     * The developer's daemon is left alone.
     */
    public static ProcessBuilder builder(List<String> line) {
        List<String> all = new ArrayList<>(List.of("env", "--default-signal"));
        all.addAll(line);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("JUKVM_DAEMON", "off");
        return builder;
    }

    /** Returns the command line, as the launcher has it. */
    public static List<String> line(String... arguments) {
        Path app = Launcher.app(Launcher.common());
        List<String> line =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xlog:disable",
                                "-Xlog:all=error:stderr",
                                "-Djna.boot.library.path=" + app.resolve("lib"),
                                "-Djna.nounpack=true",
                                "-Djna.nosys=true",
                                "-Dslf4j.internal.verbosity=ERROR",
                                "-Djukvm.native=" + System.getProperty("jukvm.native", "jna"),
                                "-jar",
                                app.resolve("jukvm.jar").toString()));
        line.addAll(line.indexOf("-jar"), Launcher.archive());
        line.addAll(List.of(arguments));
        return line;
    }

    /** Runs the command to its end. */
    public static Command run(String... arguments) throws IOException, InterruptedException {
        return finish(builder(line(arguments)));
    }

    /** Runs the command in this process, as if in a folder; it must not come to run a guest. */
    public static Command here(Path folder, String... arguments) {
        InProcess command = new InProcess(folder);
        int status = command.run(List.of(arguments));
        return new Command(status, command.printed(), command.told());
    }

    /** Runs the command in a JVM with more options. */
    public static Command withOptions(List<String> options, String... arguments)
            throws IOException, InterruptedException {
        List<String> line = line(arguments);
        line.addAll(line.indexOf("-jar"), options);
        return finish(builder(line));
    }

    /** Runs a shell script in which "$@" is the command line. */
    public static Command shell(String script, String... arguments)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        line.addAll(line(arguments));
        return finish(builder(line));
    }

    /** Runs a shell script, which has nothing of the command. */
    public static Command sh(String script) throws IOException, InterruptedException {
        return finish(builder(List.of("sh", "-c", script)));
    }

    /**
     * Runs a class's main method in a JVM of its own, with the classes and properties of this one.
     *
     * @param options of that JVM
     */
    public static Command main(
            Class<?> main, Duration patience, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        return finish(builder(mainLine(main, options, arguments)), patience);
    }

    /** Returns the command line that runs a class's main method so. */
    public static List<String> mainLine(Class<?> main, List<String> options, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(options);
        if (Runtime.version().feature() >= 24) { // Which warn of libraries otherwise.
            line.add("--enable-native-access=ALL-UNNAMED");
        }
        line.add("-Djukvm.root=" + Guests.ROOT);
        line.add("-Djukvm.native=" + System.getProperty("jukvm.native", "jna"));
        line.add("-Dslf4j.internal.verbosity=ERROR");
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /** Runs another program to its end, with these variables in its environment, too. */
    public static Command program(
            Duration patience, Map<String, String> environment, String... line)
            throws IOException, InterruptedException {
        ProcessBuilder builder = builder(List.of(line));
        builder.environment().putAll(environment);
        return finish(builder, patience);
    }

    private static Command finish(ProcessBuilder builder) throws IOException, InterruptedException {
        return finish(builder, PATIENCE);
    }

    private static Command finish(ProcessBuilder builder, Duration patience)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("jukvm", ".out");
        Path err = Files.createTempFile("jukvm", ".err");
        try {
            Process process =
                    builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running: " + builder.command());
            }
            return new Command(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.ISO_8859_1),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
