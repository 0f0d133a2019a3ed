package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.tests.support.Guests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** README, the pages of docs and those beside them are true, as far as a test can tell. */
final class DocumentationTest {
    private static final Path ROOT = Guests.ROOT.normalize();
    private static final Path EXAMPLES = ROOT.resolve("examples/src");
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern TYPE =
            Pattern.compile("(?:class|interface|enum|record) ([A-Z]\\w+)");
    private static final Pattern CAMEL = Pattern.compile("(?<![\\w.:+-])[A-Z][a-z]+[A-Z]\\w+");

    // Of the JDK, picocli and systemd, and of the tour's example.
    private static final Set<String> NOT_OURS =
            Set.of(
                    "BigDecimal",
                    "ProcessBuilder",
                    "DelegateSubgroup",
                    "OptionSpec",
                    "AskedEntropy",
                    "AttachedEntropy",
                    "EntropyDevice",
                    "EntropyKind");

    private static final int LINES_OF_README = 100;
    private static final int LINES_OF_DECISION = 5;

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("", "docs", "examples", "guest-images")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    private static String page(String name) throws IOException {
        return Files.readString(ROOT.resolve(name));
    }

    /** The pages that must have examples, and how many; all others may have some. */
    @ParameterizedTest
    @CsvSource({"README.md, 1", "docs/embedding.md, 1", "docs/junit.md, 1"})
    void shouldHaveExamples(String name, int least) throws IOException {
        assertTrue(JAVA.matcher(page(name)).results().count() >= least, name);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldShowExamplesThatAreCompiledAndRun(Path page) throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.add(withoutIndents(Files.readString(file)));
            }
        }
        for (MatchResult example : JAVA.matcher(Files.readString(page)).results().toList()) {
            String shown = withoutIndents(example.group(1));
            assertTrue(
                    sources.stream().anyMatch(source -> source.contains(shown)),
                    page + " shows what is in no example:\n" + example.group(1));
        }
    }

    private static String withoutIndents(String source) {
        return source.lines().map(String::strip).reduce("", (all, line) -> all + line + "\n");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldLinkToWhatThereIs(Path page) throws IOException {
        for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
            String target = link.group(1);
            if (target.matches("https?:.*")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
            assertTrue(Files.exists(file), page + ": " + target);
            if (parts.length == 2) {
                assertTrue(anchors(file).contains(parts[1]), page + ": " + target);
            }
        }
    }

    // As GitHub makes them of headings.
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w -]", "").replace(' ', '-'))
                .toList();
    }

    @Test
    void shouldSayWhatItIsInTwoScreens() throws IOException {
        assertTrue(page("README.md").lines().count() <= LINES_OF_README);
    }

    @Test
    void shouldSayEachDecisionInFiveLines() throws IOException {
        int decisions = 0;
        for (String paragraph : page("ARCHITECTURE.md").split("\n\n", -1)) {
            if (paragraph.startsWith("**")) {
                decisions++;
                assertTrue(paragraph.strip().lines().count() <= LINES_OF_DECISION, paragraph);
                assertTrue(paragraph.lines().allMatch(line -> line.length() <= 120), paragraph);
            }
        }
        assertFalse(decisions == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "docs/embedding.md"})
    void shouldNameClassesThatThereAre(String name) throws IOException {
        Set<String> missing = new TreeSet<>();
        CODE.matcher(page(name))
                .results()
                .flatMap(code -> CAMEL.matcher(code.group(1)).results())
                .forEach(type -> missing.add(type.group()));
        missing.removeAll(types());
        missing.removeAll(NOT_OURS);
        assertEquals(Set.of(), missing);
    }

    private static Set<String> types() throws IOException {
        Set<String> types = new HashSet<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
                TYPE.matcher(Files.readString(file))
                        .results()
                        .forEach(type -> types.add(type.group(1)));
            }
        }
        return types;
    }

    @Test
    void shouldListEveryPageInTheReadme() throws IOException {
        List<String> missing = new ArrayList<>();
        String readme = page("README.md");
        for (Path page : pages()) {
            String name = ROOT.relativize(page).toString();
            if (!name.equals("README.md") && !readme.contains("](" + name + ")")) {
                missing.add(name);
            }
        }
        assertEquals(List.of(), missing);
    }
}
