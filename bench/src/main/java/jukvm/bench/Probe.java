package jukvm.bench;

import jukvm.monitor.RunResult;

/** Runs a level's guest again and again, and times and checks each run. Belongs to one thread. */
final class Probe {
    private final Level level;
    private final Failures failures;
    private final ExpectedConsole console;

    /**
     * Makes a probe.
     *
     * @param failures where {@link #run} notes what went wrong
     */
    Probe(Level level, Failures failures) {
        this.level = level;
        this.failures = failures;
        this.console = new ExpectedConsole(level.console());
    }

    /** Makes a run that is not counted, so that caches and the kept VM are as in the next. */
    void warmUp() throws InterruptedException {
        console.restart();
        level.action().run(console);
    }

    /** Makes a run and returns its time in nanoseconds, as far as the level's span goes. */
    long run() throws InterruptedException {
        console.restart();
        long requested = System.nanoTime();
        RunResult result = level.action().run(console);
        long end = level.span().end(result, System.nanoTime());
        check(result);
        return end - requested;
    }

    /** Makes a run and returns its time in the VM for each exit, in nanoseconds. */
    double runForExits() throws InterruptedException {
        console.restart();
        RunResult result = level.action().run(console);
        check(result);
        return (double) result.timeline().bootToExit() / Math.max(1, result.counters().exits());
    }

    private void check(RunResult result) {
        if (check(result, console, failures) && result.start() != level.start()) {
            failures.addStart(result.start(), level.start());
        }
    }

    /** Notes a wrong result; false if it is one. */
    static boolean check(RunResult result, ExpectedConsole console, Failures failures) {
        String failure = console.failure(result);
        if (!failure.isEmpty()) {
            failures.addWrong(failure);
        }
        return failure.isEmpty();
    }
}
