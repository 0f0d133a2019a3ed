package jukvm.cli.daemon;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.io.Requester;
import jukvm.monitor.CoreDumps;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code jukvm core}: writes a core of a guest that another command runs, and that goes on. */
public final class CoreCommand implements Callable<Integer> {
    public static final String NAME = "core";

    private static final String HERE = ".";

    private final OptionSpec folder =
            OptionSpec.builder("--dumpcore")
                    .paramLabel("DIR")
                    .type(String.class)
                    .converters(new Conversions.FileName())
                    .description("Write the core to DIR instead of the working directory.")
                    .build();
    private final PositionalParamSpec guest =
            PositionalParamSpec.builder()
                    .index("0")
                    .arity("1")
                    .required(true)
                    .paramLabel("PID|GUEST")
                    .type(String.class)
                    .description(
                            "The process of the command that runs the guest, or the guest as it is"
                                    + " named there.")
                    .build();
    private final CommandSpec spec = CommandModel.of(NAME, this, folder);

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        spec.addPositional(guest);
        spec.usageMessage()
                .description(
                        "Write a core of a guest that runs, which gdb opens; the guest stands still"
                                + " meanwhile, and goes on.");
        return spec;
    }

    @Override
    public Integer call() {
        RunProcess process = RunProcess.find(guest.getValue());
        boolean isElsewhere = spec.commandLine().getParseResult().hasMatchedOption(folder);
        String place = isElsewhere ? folder.getValue() : HERE;
        try (CoreDumps cores = CoreDumps.in(Requester.self(), place, "jukvm", process.pid())) {
            String path = cores.write(process::copyCore);
            PrintWriter out = spec.commandLine().getOut();
            out.println("core dumped: " + path);
            out.flush();
            return 0;
        }
    }
}
