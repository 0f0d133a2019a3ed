package jukvm.bench.action;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.bench.process.Program;

/** Programs of the host: where they are, and short runs of them whose time does not matter. */
public final class Commands {
    private static final String RUNTIME = "XDG_RUNTIME_DIR";
    private static final List<String> PASSED_ON =
            List.of("PATH", "HOME", "LANG", RUNTIME, "JAVA_HOME", "JUKVM_JAVA_HOME");
    private static final String NO_DAEMON = "JUKVM_DAEMON=off"; // If nothing else is said.
    private static final List<String> ENVIRONMENT = environment();
    private static final String SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin";

    // No action takes nearly as long, not even the 64th of a crowd; what hangs must end.
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(30);
    private static final int TRIES = 3;

    private Commands() {}

    private static List<String> environment() {
        List<String> all = new ArrayList<>();
        all.add(NO_DAEMON);
        for (String name : PASSED_ON) {
            if (System.getenv(name) != null) {
                all.add(name + "=" + System.getenv(name));
            }
        }
        return all;
    }

    /** Returns a program, ready to be started. */
    public static Program program(Path executable, List<String> words) {
        return program(executable, words, ENVIRONMENT);
    }

    /**
     * Returns the command jukvm, ready to be started, as it is where a daemon may run.
     *
     * @param runtime the folder in which that has its own
     */
    public static Program resident(Path jukvm, List<String> words, Path runtime) {
        List<String> environment = new ArrayList<>(List.of(RUNTIME + "=" + runtime));
        for (String variable : ENVIRONMENT) {
            if (!variable.equals(NO_DAEMON) && !variable.startsWith(RUNTIME + "=")) {
                environment.add(variable);
            }
        }
        return program(jukvm, words, environment);
    }

    private static Program program(Path executable, List<String> words, List<String> environment) {
        List<String> argv = new ArrayList<>(List.of(executable.toString()));
        argv.addAll(words);
        return Program.of(executable, argv, environment);
    }

    /**
     * Runs a program as an action.
     *
     * @param expected what it must print
     * @param waitsOut whether an interrupt waits until it has ended, instead of killing it
     */
    public static Action act(Program program, String expected, boolean waitsOut)
            throws InterruptedException {
        try (Child child = program.start()) {
            if (waitsOut) {
                child.waitOut();
            }
            ChildEnd end = child.await(LIMIT);
            String failure = failure(end, expected);
            return new Action(end.started(), end.firstByte(), end.ended(), end.ended(), failure);
        }
    }

    /** Returns where a program is, searching PATH and where administrators have theirs. */
    public static Optional<Path> find(String name) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of((path + File.pathSeparator + SYSTEM_PATH).split(File.pathSeparator))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /**
     * Runs a program to its end.
     *
     * @throws jukvm.error.HostException if it cannot be started
     */
    public static ChildEnd run(Duration limit, Path executable, String... words)
            throws InterruptedException {
        return run(limit, program(executable, List.of(words)));
    }

    private static ChildEnd run(Duration limit, Program program) throws InterruptedException {
        try (Child child = program.start()) {
            return child.await(limit);
        }
    }

    /** Runs a program by several command lines, whether or not the thread is interrupted. */
    static void cleanUp(Path executable, List<List<String>> lines) {
        boolean interrupted = Thread.interrupted();
        // Who ends threads may interrupt one more than once; then again, from the begin.
        for (int i = 0; i < TRIES; i++) {
            try {
                for (List<String> words : lines) {
                    run(SHORT_LIMIT, executable, words.toArray(String[]::new));
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends threads that run programs, and waits for them, interrupted or not. */
    public static void end(ExecutorService threads) {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            threads.awaitTermination(LIMIT.plus(LIMIT).toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Returns the first line that a program prints about its version, or nothing. */
    public static String version(Path executable) throws InterruptedException {
        ChildEnd end = run(SHORT_LIMIT, executable, "--version");
        String text = end.output().isBlank() ? end.errors() : end.output();
        return text.lines().findFirst().orElse("").strip();
    }

    /** Returns what was wrong with the end of a program; empty if it was to end so. */
    static String failure(ChildEnd end, String expected) {
        if (end.timedOut()) {
            return "did not end in time";
        }
        String said = end.errors().lines().findFirst().map(line -> ": " + line).orElse("");
        if (end.signal() != 0) {
            return "ended by signal " + end.signal() + said;
        }
        if (end.status() != 0) {
            return "exit status " + end.status() + said;
        }
        return end.output().equals(expected) ? "" : "printed something else" + said;
    }
}
