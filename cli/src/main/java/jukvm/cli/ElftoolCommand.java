package jukvm.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jukvm elftool}: what Solo5's own tool of that name does. */
@Command(
        name = "elftool",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        customSynopsis = {
            "jukvm elftool gen-manifest SOURCE OUTPUT",
            "       jukvm elftool query-abi BINARY",
            "       jukvm elftool query-manifest BINARY"
        },
        description = "Write a Solo5 manifest, or print the notes of a Solo5 executable.")
final class ElftoolCommand implements Callable<Integer> {
    @Parameters(hidden = true)
    private List<String> words = List.of();

    @Override
    public Integer call() {
        return new Elftool("jukvm elftool", System.in, System.out, System.err).run(words);
    }
}
