package jukvm.cli;

import java.io.PrintWriter;
import java.util.List;
import jukvm.error.JukvmException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code jukvm}. */
@Command(
        name = "jukvm",
        header = "A unikernel monitor for KVM: runs Solo5 and ukvm guests.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            InspectCommand.class,
            DoctorCommand.class,
            ElftoolCommand.class
        },
        footer = {
            "",
            "Guest output goes to stdout, everything else to stderr. The exit status is the",
            "guest's own, 255 if it aborted, and 1 if jukvm could not run it to its end."
        })
final class Main implements Runnable {
    /** What everything that is not the guest's own end exits with, as solo5-hvt does. */
    static final int FAILURE = 1;

    @Spec private CommandSpec spec;

    /**
     * Runs the command and ends the process with its status. The system property {@code jukvm.as}
     * is the name it was called by, which the launcher passes on.
     */
    public static void main(String[] args) throws InterruptedException {
        System.exit(execute(System.getProperty("jukvm.as", "jukvm"), args));
    }

    // A native binding that cannot be loaded shows when a class that needs it is initialised.
    private static int execute(String name, String[] args) throws InterruptedException {
        try {
            return switch (name) {
                case Solo5Hvt.NAME -> Solo5Hvt.run(args, System.err);
                case Elftool.NAME ->
                        new Elftool(name, System.in, System.out, System.err).run(List.of(args));
                default -> commandLine().execute(args);
            };
        } catch (ExceptionInInitializerError e) {
            if (e.getCause() instanceof JukvmException known) {
                System.err.println(name + ": " + known.getMessage());
                return FAILURE;
            }
            throw e;
        }
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setExpandAtFiles(false);
        line.setStopAtPositional(true);
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
        List<String> suggestions =
                e instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        String hint =
                suggestions.isEmpty()
                        ? ""
                        : " Did you mean " + String.join(" or ", suggestions) + "?";
        boolean isCommand = line.getCommandSpec().parent() == null && args.length > 0;
        String fact =
                e instanceof UnmatchedArgumentException unmatched
                                && isCommand
                                && !unmatched.isUnknownOption()
                        ? "Unknown command '" + unmatched.getUnmatched().get(0) + "'"
                        : e.getMessage();
        String command = line.getCommandSpec().qualifiedName(" ");
        say(line.getErr(), fact + "." + hint + " See " + command + " --help.");
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
