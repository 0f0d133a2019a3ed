package jukvm.bench;

import java.io.PrintWriter;
import jukvm.error.JukvmException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code jukvm bench}. */
@Command(
        name = "jukvm bench",
        header = "Measures jukvm against a native floor, on this host.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {CompareCommand.class, CostCommand.class, EmbedCommand.class})
public final class Main implements Runnable {
    /** What everything but a measurement without failures exits with. */
    static final int FAILURE = 1;

    @Spec private CommandSpec spec;

    private Main() {}

    /** Runs the command and ends the process with its status. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    // A native binding that cannot be loaded shows when a class that needs it is initialised.
    private static int execute(String[] args) {
        try {
            return commandLine().execute(args);
        } catch (ExceptionInInitializerError e) {
            Throwable cause = e.getCause();
            System.err.println("jukvm: " + (cause == null ? e : cause.getMessage()));
            return FAILURE;
        }
    }

    static CommandLine commandLine() {
        // What it does not know is for JMH to parse.
        CommandLine jmh = new CommandLine(new JmhCommand());
        jmh.setUnmatchedOptionsArePositionalParams(true);
        CommandLine line = new CommandLine(new Main()).addSubcommand(jmh);
        line.setExpandAtFiles(false);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Main::badArguments);
        line.setExecutionExceptionHandler(Main::failed);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing COMMAND");
    }

    private static int badArguments(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String fact = e.getMessage();
        if (e instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            fact =
                    (unmatched.isUnknownOption() ? "Unknown option: '" : "Unexpected '")
                            + word
                            + "'";
        }
        say(line.getErr(), fact + ". See " + line.getCommandSpec().qualifiedName(" ") + " --help.");
        return FAILURE;
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed)
            throws Exception {
        if (e instanceof JukvmException known) {
            say(line.getErr(), known.getMessage());
            return FAILURE;
        }
        throw e;
    }

    /** Prints one line for the operator. */
    static void say(PrintWriter err, String line) {
        err.println("jukvm: " + line);
        err.flush();
    }
}
