package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the page on arguments says is so. */
@RequiresKvm
final class ArgumentsIT {
    private static final String HEADER = "| typed after `jukvm run GUEST` |";
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");

    /** A row of the table: what is typed, the guest's line, and the words that MirageOS makes. */
    private record Example(String typed, String line, List<String> words) {
        static Example of(String row) {
            List<String> cells = List.of(row.substring(1).split("[|]"));
            return new Example(
                    codes(cells.get(0)).get(0), codes(cells.get(1)).get(0), codes(cells.get(2)));
        }

        private static List<String> codes(String cell) {
            return CODE.matcher(cell).results().map(found -> found.group(1)).toList();
        }
    }

    static Stream<Example> examples() throws IOException {
        List<String> page = Files.readAllLines(Guests.ROOT.resolve("docs/arguments.md"));
        int header = 0;
        while (!page.get(header).startsWith(HEADER)) {
            header++;
        }
        List<String> rows = page.subList(header + 2, page.size());
        return rows.stream().takeWhile(row -> row.startsWith("|")).map(Example::of);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldReachTheGuestAsTheDocumentationSays(Example example) throws Exception {
        String hello = Guests.prebuilt("hello.hvt").toString();
        Command run = Command.shell("exec \"$@\" " + example.typed, "run", hello);
        assertTrue(run.stdout().endsWith("command line: " + example.line + "\n"), run.toString());
        assertEquals(example.words, mirageWords(example.line));
    }

    // The rules of MirageOS's parse-argv, which its guests have had since ukvm.
    private static List<String> mirageWords(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        Matcher part =
                Pattern.compile("\\\\(.)|'([^']*)'|\"((?:\\\\.|[^\"\\\\])*)\"|(\\s)|(.)")
                        .matcher(line);
        while (part.find()) {
            if (part.group(4) != null) {
                words.add(word.toString());
                word.setLength(0);
            } else if (part.group(3) != null) {
                word.append(part.group(3).replaceAll("\\\\(.)", "$1"));
            } else {
                Stream.of(1, 2, 5)
                        .map(part::group)
                        .filter(text -> text != null)
                        .forEach(word::append);
            }
        }
        words.add(word.toString());
        words.removeIf(String::isEmpty);
        return words;
    }
}
