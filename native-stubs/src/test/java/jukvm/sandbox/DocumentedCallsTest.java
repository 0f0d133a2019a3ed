package jukvm.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table that people read is the table that the filter is made of. */
class DocumentedCallsTest {
    private static final Path PAGE = Path.of("../docs/sandbox.md");

    private static String row(SystemCall call) {
        String only =
                call.conditions.stream()
                        .map(condition -> condition.text)
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(", "));
        String use = call.use == null ? "" : call.use.name().toLowerCase(Locale.ROOT);
        return String.format(
                "| `%s` | %s | %s | %s |", SystemCallNames.of(call.number), only, use, call.why);
    }

    @Test
    void shouldTellOfEachCallThatPasses() throws IOException {
        String rows =
                Arrays.stream(SystemCall.values())
                        .map(DocumentedCallsTest::row)
                        .collect(Collectors.joining("\n", "", "\n"));
        String page = Files.readString(PAGE);
        assertEquals(rows, page.substring(page.indexOf("|---|---|---|---|\n") + 18));
    }
}
