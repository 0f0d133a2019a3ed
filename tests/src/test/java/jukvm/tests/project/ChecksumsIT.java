package jukvm.tests.project;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build takes no file that is another than the one whose checksum the tree has. */
final class ChecksumsIT {
    private static final Path CHECKSUMS = Guests.ROOT.resolve(".mvn/checksums");
    private static final Path FILE = CHECKSUMS.resolve("checksums.sha256");
    private static final String PLUGINS = "org.apache.maven.plugins";
    private static final Path REPOSITORY = Path.of(System.getProperty("jukvm.repository", "/"));
    private static final Pattern ARTIFACT =
            Pattern.compile(
                    "(?:<groupId>([^<]+)</groupId>\\s*)?<artifactId>([^<]+)</artifactId>\\s*"
                            + "<version>([^<]+)</version>");
    private static final Pattern PROPERTY = Pattern.compile("<([a-z0-9.-]+)>([^<]+)</\\1>");
    private static final Pattern OURS = Pattern.compile("(io/github/jukvm|examples|\\$\\{.*)/.*");

    @TempDir Path folder;

    private Path repository = Path.of("");
    private String listed = "";
    private Path copy = Path.of("");

    /** Makes a repository with one file that has a checksum. */
    @BeforeEach
    void makeRepository() throws IOException {
        repository = folder.resolve("repository");
        listed = taken().get(0);
        copy = repository.resolve(listed);
        Files.createDirectories(copy.getParent());
        Files.copy(REPOSITORY.resolve(listed), copy);
    }

    private static Set<String> known() throws IOException {
        return Files.readAllLines(FILE).stream()
                .map(line -> line.split("  ", 2)[1])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns what the tests run with, by its place in the local repository. */
    private static List<String> taken() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(jar -> jar.startsWith(REPOSITORY))
                .map(jar -> REPOSITORY.relativize(jar).toString())
                .toList();
    }

    /** Changes a byte, and nothing else that can be seen but by looking at the file's state. */
    private void damage() throws IOException {
        byte[] bytes = Files.readAllBytes(copy);
        bytes[bytes.length / 2] ^= 1;
        Files.write(copy, bytes);
        Files.setLastModifiedTime(copy, Files.getLastModifiedTime(REPOSITORY.resolve(listed)));
    }

    private Command check(Path stamp) throws Exception {
        String check = CHECKSUMS.resolve("check").toString();
        return Command.program(
                Command.PATIENCE, Map.of(), "sh", check, repository.toString(), stamp.toString());
    }

    private String refusal() {
        return "jukvm: "
                + copy
                + " does not match its checksum in .mvn/checksums. Remove it; if Maven then brings"
                + " the same, do not use it\n";
    }

    @Test
    void shouldRefuseAFileThatIsAnotherAndTakeWhatIsNotListed() throws Exception {
        Path stamp = folder.resolve("target/stamp");
        Path other = Files.writeString(repository.resolve("other.jar"), "some");
        assertEquals(new Command(0, "", ""), check(stamp));
        assertEquals(1, Files.readAllLines(stamp).size());

        damage();
        assertEquals(new Command(1, "", refusal()), check(stamp));
        assertEquals(new Command(1, "", refusal()), check(stamp), "not the first time alone");

        Files.copy(REPOSITORY.resolve(listed), copy, REPLACE_EXISTING);
        Files.writeString(other, "others");
        assertEquals(new Command(0, "", ""), check(stamp));
    }

    @Test
    void shouldCheckWhereItCanNoteNothing() throws Exception {
        Path nowhere = Path.of("/proc/nowhere/stamp");
        assertEquals(new Command(0, "", ""), check(nowhere));
        damage();
        assertEquals(new Command(1, "", refusal()), check(nowhere));
    }

    @Test
    void shouldTakeARepositoryThatHasNothingOfIt() throws Exception {
        Files.delete(copy);
        assertEquals(new Command(0, "", ""), check(folder.resolve("stamp")));
    }

    @Test
    void shouldStopTheBuild() throws Exception {
        Path tree = folder.resolve("tree");
        for (Path pom : poms()) {
            Path to = tree.resolve(Guests.ROOT.relativize(pom).toString());
            Files.createDirectories(to.getParent());
            Files.copy(pom, to);
        }
        damage();
        String build =
                "cp -r \"$0/.mvn\" \"$1\" && cp -rsn \"$2/.\" \"$3\" && cd \"$1\" && exec mvn -B -q -o"
                        + " -N -Dquick -Dmaven.repo.local=\"$3\" process-test-classes";
        Command refused =
                Command.program(
                        Command.PATIENCE,
                        Map.of("JAVA_HOME", System.getProperty("java.home")),
                        "sh",
                        "-c",
                        build,
                        Guests.ROOT.toString(),
                        tree.toString(),
                        REPOSITORY.toRealPath().toString(),
                        repository.toString());
        // JUnit would tell of each link that it removes.
        Command.program(Command.PATIENCE, Map.of(), "rm", "-rf", repository.toString());
        assertNotEquals(0, refused.status());
        String said = refused.stdout() + refused.stderr();
        assertTrue(said.contains(refusal()), said);
    }

    @Test
    void shouldListAllThatTestsRunWith() throws Exception {
        Set<String> known = known();
        List<String> missing = taken().stream().filter(jar -> !known.contains(jar)).toList();
        assertEquals(List.of(), missing, FILE + ", see CONTRIBUTING.md");
    }

    @Test
    void shouldListWhatPomsNameByTheVersionItHasNow() throws Exception {
        Set<String> known = known();
        Map<String, String> properties = properties();
        Set<String> missing = new TreeSet<>();
        int count = 0;
        for (Path pom : poms()) {
            for (Matcher named = ARTIFACT.matcher(Files.readString(pom)); named.find(); count++) {
                String version = properties.getOrDefault(named.group(3), named.group(3));
                String path = place(named.group(1), named.group(2)) + version + "/";
                boolean isListed = known.stream().anyMatch(file -> file.startsWith(path));
                if (!isListed && !OURS.matcher(path).matches()) {
                    missing.add(path);
                }
            }
        }
        assertEquals(Set.of(), missing, FILE + ", see CONTRIBUTING.md");
        assertTrue(count > 40, count + " artifacts");
    }

    private static List<Path> poms() throws IOException {
        try (Stream<Path> modules = Files.list(Guests.ROOT)) {
            return Stream.concat(Stream.of(Guests.ROOT), modules)
                    .map(module -> module.resolve("pom.xml"))
                    .filter(Files::exists)
                    .toList();
        }
    }

    private static String place(@Nullable String group, String artifact) {
        return (group == null ? PLUGINS : group).replace('.', '/') + "/" + artifact + "/";
    }

    private static Map<String, String> properties() throws IOException {
        Map<String, String> properties = new TreeMap<>();
        String parent = Files.readString(Guests.ROOT.resolve("pom.xml"));
        for (Matcher property = PROPERTY.matcher(parent); property.find(); ) {
            properties.putIfAbsent("${" + property.group(1) + "}", property.group(2));
        }
        return properties;
    }
}
