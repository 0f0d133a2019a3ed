package jukvm.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Java of this host.
 *
 * @param home where it is
 * @param version of it, 0 if it does not tell
 */
public record Jdk(Path home, int version) {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    /** Returns the one that runs the tests, then those that are installed besides. */
    public static List<Jdk> all() throws IOException {
        Path own = Path.of(System.getProperty("java.home"));
        boolean areSome = Files.isDirectory(INSTALLED);
        try (Stream<Path> others = areSome ? Files.list(INSTALLED) : Stream.empty()) {
            return Stream.concat(Stream.of(own), others.sorted())
                    .map(home -> new Jdk(home, version(home)))
                    .toList();
        }
    }

    /** Returns one of another version than that which runs the tests, 17 or newer. */
    public static Optional<Jdk> other() throws IOException {
        int own = Runtime.version().feature();
        return all().stream()
                .filter(jdk -> jdk.version() >= 17 && jdk.version() != own)
                .filter(jdk -> Files.isExecutable(jdk.home().resolve("bin/java")))
                .findFirst();
    }

    private static int version(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("[^0-9.]", "").replaceAll("[.].*", ""))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // It is no JDK.
        }
    }
}
