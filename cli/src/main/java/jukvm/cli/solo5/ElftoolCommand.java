package jukvm.cli.solo5;

import java.util.List;
import java.util.concurrent.Callable;
import jukvm.cli.invoker.CommandModel;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code jukvm elftool}: what Solo5's own tool of that name does. */
public final class ElftoolCommand implements Callable<Integer> {
    public static final String NAME = "elftool";

    private final PositionalParamSpec words =
            PositionalParamSpec.builder()
                    .index("0..*")
                    .arity("0..*")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .initialValue(List.of())
                    .hidden(true)
                    .build();

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        CommandSpec model = CommandModel.of(NAME, this);
        model.addPositional(words);
        model.usageMessage()
                .customSynopsis(
                        "jukvm elftool gen-manifest SOURCE OUTPUT",
                        "       jukvm elftool query-abi BINARY",
                        "       jukvm elftool query-manifest BINARY")
                .description("Write a Solo5 manifest, or print the notes of a Solo5 executable.");
        return model;
    }

    @Override
    public Integer call() {
        List<String> words = this.words.getValue();
        return new Elftool("jukvm elftool", System.in, System.out, System.err).run(words);
    }
}
