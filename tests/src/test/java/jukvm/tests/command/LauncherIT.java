package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the script jukvm prepares so that the command starts fast. */
final class LauncherIT {
    private static final Path IMAGE = Guests.prebuilt("hello.hvt");

    @TempDir private Path folder;
    private Path script;
    private Path app;

    @BeforeEach
    void install() throws Exception {
        script = Launcher.install(folder);
        app = Launcher.app(script);
    }

    private Command inspect() throws Exception {
        return Command.sh("exec " + script + " inspect " + IMAGE);
    }

    @Test
    void shouldWriteNothingOnceItHasPrepared() throws Exception {
        script = Launcher.common();
        Map<Path, FileTime> before = files();
        assertEquals(1, before.keySet().stream().filter(file -> file.endsWith(reach())).count());
        assertEquals("", inspect().stderr());
        assertEquals(before, files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jukvm.jar", "picocli-"})
    void shouldPrepareAgainWhenAJarHasChanged(String name) throws Exception {
        FileTime now = FileTime.fromMillis(System.currentTimeMillis() + 1);
        for (Path file : files().keySet()) {
            if (file.getFileName().toString().startsWith(name)) {
                Files.setLastModifiedTime(file, now);
            }
        }
        Command first = inspect();
        assertTrue(first.stderr().startsWith("jukvm: preparing for Java "), first.stderr());
        assertEquals(0, first.status());
        assertEquals("", inspect().stderr());
    }

    @Test
    void shouldRunWithoutWhatItCannotPrepare() throws Exception {
        Files.move(app.resolve("start"), app.resolve("elsewhere"));
        Files.createFile(app.resolve("start"));
        Command run = inspect();
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
    }

    @Test
    void shouldPassOverWhatIsNotAnArchive() throws Exception {
        for (Path file : files().keySet()) {
            if (file.endsWith(reach())) {
                assertTrue(file.toFile().setWritable(true));
                Files.writeString(file, "not an archive");
            }
        }
        Command run = inspect();
        assertEquals("", run.stderr());
        assertTrue(run.stdout().startsWith("file "), run.stdout());
    }

    @Test
    void shouldRefuseAJavaThatIsTooOld() throws Exception {
        Path old = Files.createDirectories(folder.resolve("jdk-11/bin"));
        Files.writeString(old.resolveSibling("release"), "JAVA_VERSION=\"11.0.2\"\n");
        assertTrue(Files.createFile(old.resolve("java")).toFile().setExecutable(true));
        Command run =
                Command.sh(
                        "JUKVM_JAVA_HOME="
                                + old.getParent()
                                + " exec "
                                + script
                                + " inspect "
                                + IMAGE);
        Refusal.assertRefused(run, "JUKVM_JAVA_HOME is a Java of version 11, need 17");
    }

    private static Path reach() {
        return Path.of(Files.isWritable(Path.of("/dev/kvm")) ? "run" : "refusal");
    }

    private Map<Path, FileTime> files() throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> all = Files.walk(script.getParent())) {
            for (Path file : all.toList()) {
                times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return times;
    }
}
