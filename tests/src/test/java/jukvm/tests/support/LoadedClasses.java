package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a JVM of the command has loaded, and where each class was. */
public final class LoadedClasses {
    private static final int LEAST = 1000;

    // A few of Java's own depend on how threads meet.
    private static final int OTHERS = 5;

    private static final String READY = "shared objects file";

    // What the JVM generates and cannot keep: for the equals of one record alone, fifty before Java
    // 25.
    private static final String GENERATED = "source: __";
    private static final int MOST_GENERATED = 25;

    private LoadedClasses() {}

    /**
     * Returns the environment variable, set, by which a JVM of the launcher's notes it in a file.
     */
    public static String into(Path log) {
        return "JUKVM_JAVA_OPTIONS=-Xlog:class+load:file=" + log;
    }

    /**
     * Fails unless all were ready-made: each other is found in its jar, checked and linked anew.
     */
    public static void assertReady(Path log) throws IOException {
        List<String> loaded = Files.readAllLines(log);
        assertTrue(loaded.size() > LEAST, "only " + loaded.size() + " classes");
        List<String> others =
                loaded.stream()
                        .filter(one -> !one.contains(READY) && !one.contains(GENERATED))
                        .toList();
        assertTrue(others.size() <= OTHERS, () -> String.join("\n", others));
        long generated = loaded.stream().filter(one -> one.contains(GENERATED)).count();
        assertTrue(generated <= MOST_GENERATED, () -> generated + " classes were generated");
    }
}
