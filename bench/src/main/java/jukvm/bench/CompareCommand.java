package jukvm.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import jukvm.bench.report.Comparison;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jukvm bench compare}: several experiments side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Show the results of several experiments side by side: of two, what changed and"
                        + " whether by more than their confidence intervals; of more, how far they"
                        + " spread.",
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "DIRECTORY",
            arity = "1..*",
            description = "Result directories, as jukvm bench --out has written them.")
    private List<Path> directories = List.of();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(Comparison.of(directories));
        out.flush();
        return 0;
    }
}
