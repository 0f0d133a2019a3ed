package jukvm.bench.action;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import jukvm.bench.process.Child;
import jukvm.bench.process.Program;
import jukvm.error.HostException;

/** A program that is started anew for each action: a process, a container, a native tender. */
public final class ProgramSystem implements ActionSystem {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AtomicLong COUNT = new AtomicLong();

    private final Identity identity;
    private final Line line;
    private final String expected;
    private final Surroundings surroundings;
    private final Optional<Idle.Starter> idle;

    /**
     * How it is started.
     *
     * @param executable absolute path
     * @param words after its name, given a name that no other worker's action has
     * @param cleaning words of what frees all that an action of a name has made, if it was killed
     */
    record Line(
            Path executable,
            Function<String, List<String>> words,
            Function<String, List<List<String>>> cleaning) {
        /** Returns a line without such names. */
        static Line of(Path executable, String... words) {
            return new Line(executable, name -> List.of(words), name -> List.of());
        }

        /** Returns it ready to be started. */
        Program program(String name) {
            return Commands.program(executable, words.apply(name));
        }

        /**
         * Returns what runs it as an action, by a thread of its own.
         *
         * @param expected what an action must print
         */
        Worker worker(String expected) {
            String name = newName("action");
            Program program = program(name);
            List<List<String>> left = cleaning.apply(name);
            return () -> {
                try {
                    // What a runtime has not written down yet it could not delete either.
                    return Commands.act(program, expected, !left.isEmpty());
                } catch (InterruptedException e) {
                    try {
                        Commands.cleanUp(executable, left);
                    } catch (HostException refused) {
                        e.addSuppressed(refused); // There is nothing more that could be done.
                    }
                    throw e;
                }
            };
        }

        /** Returns what starts it as a program that greets and stays. */
        Idle.Starter idle(String greeting) {
            return () -> {
                Child child = program("").start();
                boolean stays = false;
                try {
                    stays = child.awaitOutput(greeting, LIMIT);
                } finally {
                    if (!stays) {
                        child.close();
                    }
                }
                if (!stays) {
                    throw new HostException(
                            executable.toString(), "does not greet and wait", 0, "");
                }
                return idle(child);
            };
        }

        private static Idle idle(Child child) {
            return new Idle() {
                @Override
                public long process() {
                    return child.pid();
                }

                @Override
                public void close() {
                    child.close();
                }
            };
        }
    }

    ProgramSystem(
            Identity identity,
            Line line,
            String expected,
            Surroundings surroundings,
            Optional<Idle.Starter> idle) {
        this.identity = identity;
        this.line = line;
        this.expected = expected;
        this.surroundings = surroundings;
        this.idle = idle;
    }

    /**
     * Returns a system of a program that leaves nothing behind which its caller does not end.
     *
     * @param words after its name, given a name that no other worker's action has
     * @param expected what an action must print
     */
    public static ActionSystem of(
            Identity identity,
            Path executable,
            Function<String, List<String>> words,
            String expected) {
        Line line = new Line(executable, words, name -> List.of());
        return new ProgramSystem(identity, line, expected, Surroundings.NONE, Optional.empty());
    }

    /** Returns a name, such as for a container, that nobody else on the host has. */
    public static String newName(String what) {
        long process = ProcessHandle.current().pid();
        return "jukvm-bench-" + process + "-" + what + "-" + COUNT.incrementAndGet();
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        surroundings.enterThread();
        return line.worker(expected);
    }

    @Override
    public Optional<Idle.Starter> idle() {
        return idle;
    }

    @Override
    public void enter() {
        surroundings.enter();
    }

    @Override
    public void leave() {
        surroundings.leave();
    }

    @Override
    public void close() {
        surroundings.close();
    }
}
