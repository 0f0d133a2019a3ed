package jukvm.bench.action;

import java.time.Duration;
import java.util.List;
import jukvm.bench.process.Program;
import jukvm.error.HostException;

/** Starts a program for each action. */
final class ProgramWorker implements Worker {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int TRIES = 3;

    private final ProgramSystem.Line line;
    private final String name;
    private final String expected;
    private final Program program;

    /**
     * Makes one.
     *
     * @param name that no other worker's action has
     * @param expected what an action must print
     */
    ProgramWorker(ProgramSystem.Line line, String name, String expected) {
        this.line = line;
        this.name = name;
        this.expected = expected;
        this.program = line.program(name);
    }

    @Override
    public Action run() throws InterruptedException {
        try {
            // What a runtime has not written down yet it could not delete either.
            return Commands.act(program, expected, !line.cleaning().apply(name).isEmpty());
        } catch (InterruptedException e) {
            clean();
            throw e;
        }
    }

    // What it had made for the action may be there still. Who ends threads may interrupt one more
    // than once.
    private void clean() {
        for (int i = 0; i < TRIES; i++) {
            try {
                for (List<String> words : line.cleaning().apply(name)) {
                    Commands.run(LIMIT, line.executable(), words.toArray(String[]::new));
                }
                return;
            } catch (InterruptedException e) {
                // Again, from the begin.
            } catch (HostException e) {
                return; // There is nothing more that could be done.
            }
        }
    }
}
