package jukvm.cli;

import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A command line of {@code jukvm run} that is in order and asks for no help, before anything is
 * said or opened on behalf of it. Used by one thread.
 */
final class PlainRun {
    private final RunCommand command;
    private final Invoker invoker;

    private PlainRun(RunCommand command, Invoker invoker) {
        this.command = command;
        this.invoker = invoker;
    }

    /**
     * Parses a command line and says nothing about it.
     *
     * @param args of {@code jukvm}, the first is the command
     * @return empty if it is of another command, asks for help or the version, or is wrong; then
     *     {@link Main} has something to print
     */
    static Optional<PlainRun> parse(String[] args, Invoker invoker) {
        if (args.length == 0 || !args[0].equals(RunCommand.NAME)) {
            return Optional.empty();
        }
        try {
            ParseResult parsed = Main.commandLine(args, invoker).parseArgs(args).subcommand();
            boolean isPlain =
                    !parsed.isUsageHelpRequested()
                            && !parsed.isVersionHelpRequested()
                            && new DeviceOptions().addAll(parsed.unmatched()).isEmpty();
            RunCommand command = (RunCommand) parsed.commandSpec().userObject();
            return isPlain ? Optional.of(new PlainRun(command, invoker)) : Optional.empty();
        } catch (ParameterException | ConfigException e) {
            return Optional.empty();
        }
    }

    /** Returns whether the guest is to run in a JVM of its own, by {@code --no-daemon}. */
    boolean wantsOwnJvm() {
        return command.wantsOwnJvm();
    }

    /** Returns whether the guest is to be fetched. */
    boolean needsNetwork() {
        return command.isAddress();
    }

    /**
     * Runs the guest, once, and returns the status for the invoker to exit with; what there was to
     * say has been said.
     */
    int run() throws InterruptedException {
        try {
            return command.call();
        } catch (JukvmException e) {
            Main.say(invoker.err(), e.getMessage());
            return Main.FAILURE;
        }
    }
}
