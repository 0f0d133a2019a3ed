package jukvm.cli.run;

import java.util.Arrays;
import java.util.Optional;
import jukvm.cli.Main;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.OwnJvm;
import jukvm.error.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Parses command lines of {@code jukvm run}, one after the other, and says nothing about them: the
 * model of the options is made once. Used by one thread.
 */
public final class RunParser {
    private final RunCommand command = new RunCommand(new OwnJvm(System.nanoTime()));
    private final CommandLine line = CommandModel.parser(command.model());

    /**
     * Parses one. What it returned before cannot be run any more.
     *
     * @param args of {@code jukvm}, the first is the command
     * @return empty if it is of another command, asks for help or the version, or is wrong; then
     *     {@link Main} has something to print
     */
    public Optional<ParsedRun> parse(String[] args, Invoker invoker) {
        if (args.length == 0 || !args[0].equals(RunCommand.NAME)) {
            return Optional.empty();
        }
        try {
            ParseResult parsed = line.parseArgs(Arrays.copyOfRange(args, 1, args.length));
            boolean isPlain =
                    !parsed.isUsageHelpRequested()
                            && !parsed.isVersionHelpRequested()
                            && new DeviceOptions().addAll(parsed.unmatched()).isEmpty();
            command.serve(invoker);
            return isPlain ? Optional.of(new ParsedRun(command, invoker)) : Optional.empty();
        } catch (ParameterException | ConfigException e) {
            return Optional.empty();
        }
    }
}
