package jukvm.bench.action;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import jukvm.bench.process.Program;

/** A program that is started anew for each action: a process, a container, a native tender. */
final class ProgramSystem implements ActionSystem {
    private final Identity identity;
    private final Line line;
    private final String expected;
    private final Surroundings surroundings;
    private final Optional<IdleStarter> idle;
    private final AtomicInteger workers = new AtomicInteger();

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
    }

    ProgramSystem(
            Identity identity,
            Line line,
            String expected,
            Surroundings surroundings,
            Optional<IdleStarter> idle) {
        this.identity = identity;
        this.line = line;
        this.expected = expected;
        this.surroundings = surroundings;
        this.idle = idle;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        surroundings.enterThread();
        String name = Names.next(identity.id() + workers.incrementAndGet());
        return new ProgramWorker(line, name, expected);
    }

    @Override
    public Optional<IdleStarter> idle() {
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
