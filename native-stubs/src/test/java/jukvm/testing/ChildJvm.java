package jukvm.testing;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts a class of the tests in a JVM of its own. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Returns the command of a child.
     *
     * @param binding value of {@code jukvm.native}
     */
    public static ProcessBuilder of(String binding, Class<?> main, String... arguments) {
        return of(binding, entry -> true, main, arguments);
    }

    /**
     * Returns the command of a child with part of this JVM's class path.
     *
     * @param binding value of {@code jukvm.native}
     * @param entries which entries of the class path it gets
     */
    public static ProcessBuilder of(
            String binding, Predicate<String> entries, Class<?> main, String... arguments) {
        String classPath =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(entries)
                        .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djukvm.native=" + binding));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }
}
