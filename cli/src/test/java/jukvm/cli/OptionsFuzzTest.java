package jukvm.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jukvm.cli.invoker.ExitStatus;
import org.jspecify.annotations.Nullable;

/**
 * Any words after {@code jukvm run}: lines for the operator and a status, or help, and no stack
 * trace. Nothing can be opened, so no guest runs.
 */
class OptionsFuzzTest {
    private static final Set<Integer> STATUSES = Set.of(0, ExitStatus.FAILURE);

    /** An input is words, each with a zero byte after it. */
    @FuzzTest(maxDuration = "2m")
    void shouldRefuseInLines(byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(List.of(new String(bytes, StandardCharsets.UTF_8).split("\0", -1)));
        if (words.stream().anyMatch(word -> word.startsWith("http"))) {
            return; // Which would be looked for on the network.
        }
        RefusedInvoker invoker = new RefusedInvoker();
        StringWriter printed = new StringWriter();
        String[] line = words.toArray(String[]::new);
        int status =
                Main.commandLine(line, invoker)
                        .setOut(new PrintWriter(printed, true))
                        .execute(line);
        assertTrue(STATUSES.contains(status), () -> status + " of " + words);
        String told = invoker.told();
        // A notice, as of memory that is adjusted, may come before.
        boolean isTold =
                told.endsWith("\n") && told.lines().allMatch(each -> each.startsWith("jukvm: "));
        assertTrue(status == 0 ? !printed.toString().isEmpty() : isTold, () -> words + ": " + told);
    }
}
