package jukvm.bench;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import jukvm.bench.report.ReportWriter;
import jukvm.bench.result.ResultDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jukvm bench report}: makes page and plots anew of results that are there. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Make the page and the plots of a result directory anew, from its results.json,"
                        + " as this version of jukvm draws them.",
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIRECTORY",
            description = "Result directory, as jukvm bench --out has written it.")
    private Path directory;

    @Override
    public Integer call() {
        ReportWriter.write(directory, ResultDirectory.read(directory), Map.of());
        return 0;
    }
}
