package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Jdk;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/embedding.md tells embedders to set so that no JDK warns of native code. */
@RequiresKvm
final class NativeAccessIT {
    private static final String PREFIX = "--enable-native-access=";
    private static final String ATTRIBUTE = "Enable-Native-Access";
    private static final String HELLO = "examples/Hello.class";

    @TempDir private static Path folder;
    private static Path jdk = Path.of("");

    @BeforeAll
    static void prepare() throws IOException {
        Optional<Jdk> warning = Jdk.all().stream().filter(here -> here.version() >= 24).findFirst();
        assumeTrue(warning.isPresent(), "no JDK 24 or newer is here");
        jdk = warning.get().home();
        Newcomer.compileExamples(folder);
    }

    private static void assertRun(boolean isWarned, List<String> arguments) throws Exception {
        List<String> line = new ArrayList<>(arguments);
        line.add(Guests.prebuilt("hello.hvt").toString());
        Command run = Newcomer.java(jdk, line);
        assertTrue(run.stdout().endsWith("guest exited with status 0\n"), run.stderr());
        assertEquals(isWarned, run.stderr().contains("com.sun.jna"), run.stderr());
        assertEquals(isWarned, !run.stderr().isEmpty(), run.stderr());
    }

    @ParameterizedTest
    @CsvSource({"'', true", "ALL-UNNAMED, false"})
    void shouldWarnOnTheClassPathUnless(String given, boolean isWarned) throws Exception {
        List<String> line = new ArrayList<>();
        if (!given.isEmpty()) {
            line.add(PREFIX + given);
        }
        line.addAll(List.of("-cp", folder + ":" + Newcomer.classPath(), "examples.Hello"));
        assertRun(isWarned, line);
    }

    @ParameterizedTest
    @CsvSource({"'', true", "com.sun.jna, false"})
    void shouldWarnOnTheModulePathUnless(String given, boolean isWarned) throws Exception {
        List<String> line = new ArrayList<>();
        if (!given.isEmpty()) {
            line.add(PREFIX + given);
        }
        line.addAll(List.of("-p", Newcomer.classPath(), "--add-modules", "jukvm.monitor"));
        line.addAll(List.of("-cp", folder.toString(), "examples.Hello"));
        assertRun(isWarned, line);
    }

    @ParameterizedTest
    @CsvSource({"'', true", "ALL-UNNAMED, false"})
    void shouldWarnOfARunnableJarUnless(String given, boolean isWarned) throws Exception {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "examples.Hello");
        attributes.put(
                Attributes.Name.CLASS_PATH,
                Stream.of(Newcomer.classPath().split(":"))
                        .map(place -> Path.of(place).toUri().toString())
                        .collect(Collectors.joining(" ")));
        if (!given.isEmpty()) {
            attributes.putValue(ATTRIBUTE, given);
        }
        Path jar = folder.resolve("hello" + given + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.putNextEntry(new JarEntry(HELLO));
            Files.copy(folder.resolve(HELLO), out);
        }
        assertRun(isWarned, List.of("-jar", jar.toString()));
    }

    @Test
    void shouldBeWhatThePageSays() throws IOException {
        String page = Files.readString(Guests.ROOT.resolve("docs/embedding.md"));
        for (String said :
                List.of(
                        PREFIX + "ALL-UNNAMED",
                        PREFIX + "com.sun.jna",
                        ATTRIBUTE + ": ALL-UNNAMED")) {
            assertTrue(page.contains(said), said);
        }
    }
}
