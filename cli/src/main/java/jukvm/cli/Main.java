package jukvm.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.cli.daemon.CoreCommand;
import jukvm.cli.daemon.DaemonCommand;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.device.Remedies;
import jukvm.cli.image.ImageCommand;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.OneLine;
import jukvm.cli.invoker.OwnJvm;
import jukvm.cli.net.NetCommand;
import jukvm.cli.run.ReplayCommand;
import jukvm.cli.run.RunCommand;
import jukvm.cli.run.SnapshotCommand;
import jukvm.cli.runtime.ContainerRuntime;
import jukvm.cli.solo5.Elftool;
import jukvm.cli.solo5.ElftoolCommand;
import jukvm.cli.solo5.Solo5Hvt;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.process.EarlyBinding;
import jukvm.process.WorkingFolder;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code jukvm}. */
public final class Main implements Runnable {
    /** When our code began, by {@link System#nanoTime}. */
    private static final long BEGUN = System.nanoTime();

    private static final List<String> COMMANDS =
            List.of(
                    RunCommand.NAME,
                    SnapshotCommand.NAME,
                    CoreCommand.NAME,
                    ReplayCommand.NAME,
                    InspectCommand.NAME,
                    DoctorCommand.NAME,
                    ElftoolCommand.NAME,
                    DaemonCommand.NAME,
                    NetCommand.NAME,
                    ImageCommand.NAME);

    private final CommandSpec spec = CommandModel.of("jukvm", this);

    /**
     * Runs the command and ends the process with its status. The system property {@code jukvm.as}
     * is the name it was called by, which the launcher passes on.
     */
    public static void main(String[] args) throws InterruptedException {
        int status = execute(System.getProperty("jukvm.as", "jukvm"), args);
        // The end of main runs the same hooks; from Java 21 on exit first loads what it would log
        // with.
        if (status != 0) {
            System.exit(status);
        }
    }

    // A native binding that cannot be loaded shows when a class that needs it is initialised.
    private static int execute(String name, String[] args) throws InterruptedException {
        try {
            if (name.equals(ContainerRuntime.NAME)) { // Without the binding, which takes its time.
                return ContainerRuntime.run(CommandWords.of(args), System.err);
            }
            if (name.equals(Rehearsal.NAME)) {
                EarlyBinding.begin();
                return Rehearsal.run(Path.of(args[0]));
            }
            return execute(name, CommandWords.of(args), EarlyBinding.begin());
        } catch (ConfigException e) {
            System.err.println(name + ": " + e.getMessage());
            return ExitStatus.FAILURE;
        } catch (OutOfMemoryError e) {
            System.err.println(
                    name
                            + ": out of memory: "
                            + e.getMessage()
                            + ". Raise the heap (-Xmx), or the limits on memory and processes"
                            + " (ulimit -v, -d, -u, pids.max); a filter of system calls that"
                            + " forbids clone3, instead of not knowing it, looks the same.");
            return ExitStatus.FAILURE;
        }
    }

    private static int execute(String name, String[] args, EarlyBinding binding)
            throws InterruptedException {
        try {
            // The launcher passes on the working directory if no JVM can start in it.
            Integer folder = Integer.getInteger("jukvm.folder");
            if (folder != null) {
                WorkingFolder.enter(folder);
            }
            // The launcher passes on no other name that begins so; the class is loaded for no more.
            if (name.startsWith(Solo5Hvt.NAME)) {
                return Solo5Hvt.run(name, args, new OwnJvm(BEGUN));
            }
            return name.equals(Elftool.NAME)
                    ? new Elftool(name, System.in, System.out, System.err).run(List.of(args))
                    : commandLine(args, new OwnJvm(BEGUN)).execute(args);
        } catch (LinkageError e) {
            return broken(name, binding.failure().orElse(e));
        }
    }

    private static int broken(String name, LinkageError e) {
        if (e instanceof ExceptionInInitializerError
                && e.getCause() instanceof JukvmException known) {
            System.err.println(name + ": " + OneLine.of(Remedies.asOptions(known.getMessage())));
            return ExitStatus.FAILURE;
        }
        System.err.println(name + ": " + OneLine.of(BrokenBinding.of(e)));
        return ExitStatus.FAILURE;
    }

    /** Returns what parses a command line: with all commands, unless its first word is one. */
    static CommandLine commandLine(String[] args, Invoker invoker) {
        boolean isOne = args.length > 0 && COMMANDS.contains(args[0]);
        CommandSpec jukvm = new Main().model();
        for (String command : isOne ? List.of(args[0]) : COMMANDS) {
            jukvm.addSubcommand(command, model(command, invoker));
        }
        CommandLine line = CommandModel.parser(jukvm);
        CommandLine replay = line.getSubcommands().get(ReplayCommand.NAME);
        if (replay != null) {
            replay.setStopAtPositional(false); // Its parameters are followed by no guest's words.
        }
        line.setErr(invoker.err());
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Main::badArguments);
        line.setExecutionExceptionHandler(Main::failed);
        return line;
    }

    private static CommandSpec model(String command, Invoker invoker) {
        return switch (command) {
            case RunCommand.NAME -> new RunCommand(invoker).model();
            case SnapshotCommand.NAME -> new SnapshotCommand(invoker).model();
            case CoreCommand.NAME -> new CoreCommand().model();
            case ReplayCommand.NAME -> new ReplayCommand(invoker).model();
            case InspectCommand.NAME -> new InspectCommand(invoker).model();
            case DoctorCommand.NAME -> new DoctorCommand().model();
            case ElftoolCommand.NAME -> new ElftoolCommand().model();
            case DaemonCommand.NAME -> new DaemonCommand().model();
            case NetCommand.NAME -> new NetCommand().model();
            case ImageCommand.NAME -> new ImageCommand(invoker).model();
            default -> throw new IllegalArgumentException(command);
        };
    }

    private CommandSpec model() {
        spec.usageMessage()
                .header("A unikernel monitor for KVM: runs Solo5 and ukvm guests.")
                .synopsisSubcommandLabel("COMMAND")
                .footer(
                        "",
                        "Guest output goes to stdout, everything else to stderr. The exit status is"
                                + " the",
                        "guest's own, 255 if it aborted, and 1 if jukvm could not run it to its"
                                + " end.");
        return spec;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing COMMAND");
    }

    private static int badArguments(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String fact = e.getMessage();
        String hint = "";
        if (e instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            CommandSpec command = line.getCommandSpec();
            if (unmatched.isUnknownOption()) {
                fact = "Unknown option: '" + word + "'";
                hint = optionHint(command, word);
            } else if (command.parent() == null) {
                fact = "Unknown command '" + word + "'";
                hint = commandHint(command, word);
            } else {
                fact = "Unexpected argument '" + word + "'";
            }
        }
        String command = line.getCommandSpec().qualifiedName(" ");
        Remedies.say(line.getErr(), fact + "." + hint + " See " + command + " --help.");
        return ExitStatus.FAILURE;
    }

    private static String optionHint(CommandSpec command, String word) {
        String name = word.replaceFirst("[:=].*", "");
        CommandLine run = command.subcommands().get("run");
        if (run != null && isOptionOfRun(run.getCommandSpec(), name)) {
            return " It is an option of run: jukvm run " + word + " ...";
        }
        Map<String, String> spelled = new LinkedHashMap<>();
        command.optionsMap().keySet().forEach(option -> spelled.put(option, option));
        if (command.name().matches("run|snapshot")) {
            spelled.putAll(DeviceOptions.usages());
        }
        return didYouMean(Nearest.to(name, spelled.keySet()).stream().map(spelled::get).toList());
    }

    private static boolean isOptionOfRun(CommandSpec run, String name) {
        return run.optionsMap().containsKey(name) || DeviceOptions.usages().containsKey(name);
    }

    private static String commandHint(CommandSpec command, String word) {
        if (word.contains("/") || word.matches(".*\\.(hvt|ukvm)")) {
            return " Did you mean jukvm run " + word + "?";
        }
        Set<String> known = new LinkedHashSet<>(command.subcommands().keySet());
        known.addAll(command.optionsMap().keySet());
        return didYouMean(Nearest.to(word, known));
    }

    private static String didYouMean(List<String> suggestions) {
        return suggestions.isEmpty()
                ? ""
                : " Did you mean " + String.join(" or ", suggestions) + "?";
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed)
            throws Exception {
        if (e instanceof JukvmException known) {
            Remedies.say(line.getErr(), known.getMessage());
            return ExitStatus.FAILURE;
        }
        throw e;
    }
}
