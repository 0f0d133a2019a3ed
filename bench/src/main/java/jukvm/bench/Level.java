package jukvm.bench;

import jukvm.device.Console;
import jukvm.monitor.RunResult;

/**
 * A way to start a guest, and what it is measured against.
 *
 * @param name in tables and reports
 * @param floor the mode of the floor that it is compared with
 * @param start what every counted run must have been started on
 * @param console what every run must print
 * @param action one run, from the request to the result; called by many threads at once
 */
record Level(String name, Floor.Mode floor, RunResult.Start start, String console, Action action) {
    /** One run. */
    @FunctionalInterface
    interface Action {
        /** Asks for a run and waits for its result; what the guest prints goes to the console. */
        RunResult run(Console console) throws InterruptedException;
    }
}
