package jukvm.cli.run;

import java.util.Optional;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.IsolationMode;
import jukvm.error.JukvmException;

/**
 * A command line of {@code jukvm run} that is in order and asks for no help, before anything is
 * said or opened on behalf of it. Used by one thread.
 */
public final class ParsedRun {
    private final RunCommand command;
    private final Invoker invoker;

    ParsedRun(RunCommand command, Invoker invoker) {
        this.command = command;
        this.invoker = invoker;
    }

    /** Returns whether the guest is to run in a JVM of its own, by {@code --no-daemon}. */
    public boolean wantsOwnJvm() {
        return command.wantsOwnJvm();
    }

    /** Returns how the guest is to be kept apart from others, if that was said. */
    public Optional<IsolationMode> isolation() {
        return Optional.ofNullable(command.isolation());
    }

    /** Returns whether something is asked for that is done to a guest in the same process only. */
    public boolean needsThread() {
        return command.needsThread();
    }

    /** Returns whether the guest is to be fetched. */
    public boolean needsNetwork() {
        return command.isAddress();
    }

    /** Returns whether the guest is to be fetched, or comes by standard input. */
    public boolean isAwaited() {
        return Conversions.isAwaited(command.image());
    }

    /** Returns how many bytes the guest's image may have, if it is to be waited for. */
    public long fetchLimit() {
        return command.fetchBytes();
    }

    /** Returns what the guest is named by: a file, unless it is to be waited for. */
    public String guest() {
        return command.image();
    }

    /** Runs the guest, once, as asked for now. */
    public int run() throws InterruptedException {
        return run(System.nanoTime());
    }

    /**
     * Runs the guest, once, and returns the status for the invoker to exit with; what there was to
     * say has been said.
     *
     * @param requested when that was asked for, by {@link System#nanoTime}
     */
    public int run(long requested) throws InterruptedException {
        try {
            return command.run(requested);
        } catch (JukvmException e) {
            Remedies.say(invoker.err(), e.getMessage());
            return ExitStatus.FAILURE;
        }
    }
}
