package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Native;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import jukvm.device.Console;
import jukvm.memory.GuestMemory;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import org.jspecify.annotations.NullMarked;
import org.slf4j.Logger;

/** Programs of somebody who has the library's artifact, and what it depends on, and no more. */
final class Newcomer {
    private static final List<Class<?>> LIBRARY =
            List.of(
                    Monitor.class,
                    Console.class,
                    GuestMemory.class,
                    Native.class,
                    Logger.class,
                    NullMarked.class);

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private Newcomer() {}

    /** Returns the class path that the artifact brings, with what else is needed. */
    static String classPath(Class<?>... more) {
        return Stream.concat(LIBRARY.stream(), Stream.of(more))
                .map(Newcomer::place)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String place(Class<?> of) {
        try {
            return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Compiles all of a folder's sources as for Java 17, without a warning. */
    static void compile(Path sources, Path classes, String classPath) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (Stream<Path> all = Files.walk(sources);
                StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<Path> java = all.filter(file -> file.toString().endsWith(".java")).toList();
            List<String> options = new ArrayList<>(List.of("--release", "17", "-Xlint:all"));
            options.addAll(List.of("-proc:none", "-cp", classPath, "-d", classes.toString()));
            boolean isDone =
                    compiler.getTask(
                                    said,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(java))
                            .call();
            assertEquals("", said.toString());
            assertEquals(true, isDone);
        }
    }

    /** Compiles the examples. */
    static void compileExamples(Path classes) throws IOException {
        compile(Guests.ROOT.resolve("examples/src/main/java"), classes, classPath());
    }

    /** Runs one of the examples; see {@link #line}. */
    static Command example(Path classes, List<String> options, String example, String... arguments)
            throws IOException, InterruptedException {
        return run(line(classes, options, example, arguments));
    }

    /**
     * Returns the command line of one of the examples.
     *
     * @param classes where they were compiled to
     * @param options of the JVM
     */
    static List<String> line(
            Path classes, List<String> options, String example, String... arguments) {
        List<String> line = new ArrayList<>(quiet());
        line.addAll(options);
        line.addAll(List.of("-cp", classes + File.pathSeparator + classPath()));
        line.add("examples." + example);
        line.addAll(List.of(arguments));
        return line(Path.of(System.getProperty("java.home")), line);
    }

    /** Runs a JVM. */
    static Command java(Path jdk, List<String> arguments) throws IOException, InterruptedException {
        return run(line(jdk, arguments));
    }

    private static List<String> line(Path jdk, List<String> arguments) {
        List<String> line = new ArrayList<>();
        line.add(jdk.resolve("bin/java").toString());
        line.add("-Djukvm.native=jna");
        line.add("-Dslf4j.internal.verbosity=ERROR");
        line.addAll(arguments);
        return line;
    }

    private static Command run(List<String> line) throws IOException, InterruptedException {
        return Command.program(PATIENCE, Map.of(), line.toArray(String[]::new));
    }

    // For a JVM that would warn of native code.
    private static List<String> quiet() {
        return Runtime.version().feature() < 24
                ? List.of()
                : List.of("--enable-native-access=ALL-UNNAMED");
    }
}
