package jukvm.bench.action;

import java.util.List;
import java.util.Locale;
import jukvm.device.Console;
import jukvm.guest.RunResult;

/**
 * A way to start a guest, and what it is measured against.
 *
 * @param name in tables and reports
 * @param floor the mode of the floor that it is compared with
 * @param span what is timed
 * @param start what every counted run must have been started on
 * @param console what every run must print
 * @param run one run, from the request to the result; called by many threads at once
 */
public record Level(
        String name, Mode floor, Span span, RunResult.Start start, String console, Run run) {
    /** What the floor does anew for each run. */
    public enum Mode {
        /** Everything: VM, image and memory. */
        COLD,
        /** The memory alone. */
        SHELL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is timed, from the request; and of the floor, the sum of which of its answers. */
    public enum Span {
        /** Until the guest has ended. */
        TO_EXIT,
        /** Until its result is there: for the floor, which tells nobody, the same. */
        TO_RESULT,
        /** Until all is with the host again and its result is there. */
        TO_FREED,
        /** The time in the VM, divided by the guest's exits. */
        EXIT;

        /**
         * Returns when it ends, by {@link System#nanoTime}.
         *
         * @param known when the result was there
         */
        long end(long requested, RunResult result, long known) {
            return switch (this) {
                case TO_EXIT -> result.timeline().halted();
                case TO_RESULT, TO_FREED -> known;
                case EXIT -> {
                    double exits = Math.max(1, result.counters().exits());
                    yield requested + Math.round(result.timeline().bootToExit() / exits);
                }
            };
        }

        /** Returns the names of its parts in answers of the floor, in µs. */
        public List<String> parts() {
            return switch (this) {
                case TO_EXIT, TO_RESULT -> List.of("create_us", "load_us", "boot_us");
                case TO_FREED -> List.of("create_us", "load_us", "boot_us", "destroy_us");
                case EXIT -> List.of("boot_us");
            };
        }
    }

    /** One run. */
    @FunctionalInterface
    public interface Run {
        /** Asks for a run and waits for its result; what the guest prints goes to the console. */
        RunResult run(Console console) throws InterruptedException;
    }
}
