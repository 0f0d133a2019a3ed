package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestJvmTest {
    @TempDir Path folder;

    @Test
    void shouldStartTheJvmAsTheLauncherHas() throws IOException {
        Path home = Files.createDirectories(folder.toRealPath().resolve("jdk"));
        Path java = Files.createFile(Files.createDirectory(home.resolve("bin")).resolve("java"));
        Path etc = Files.createDirectory(home.resolveSibling("etc"));
        Files.createFile(etc.resolve("net.properties"));
        Files.createSymbolicLink(
                Files.createDirectory(home.resolve("conf")).resolve("net.properties"),
                etc.resolve("net.properties"));
        Path link = Files.createSymbolicLink(home.resolveSibling("java"), home);
        Path app = Files.createDirectory(home.resolveSibling("app"));
        Path cache = Files.createDirectory(home.resolveSibling("cache"));
        Files.createSymbolicLink(app.resolve("start"), cache);
        GuestJvm jvm =
                GuestJvm.of(
                        List.of(
                                link.resolve("bin/java").toString(),
                                "-Xms8m",
                                "-Djukvm.folder=9",
                                "-Djukvm.as=jukvm-runtime",
                                "-jar",
                                app.resolve("jukvm.jar").toString(),
                                "/bundle",
                                "-jar"));
        assertEquals(
                List.of(java.toString(), "-Xms8m", "-jar", app.resolve("jukvm.jar").toString()),
                jvm.command());
        for (Path needed : List.of(home, etc, app, cache)) {
            assertEquals(needed, jvm.files().get(needed));
        }
        assertFalse(jvm.files().containsKey(Path.of("/etc")));
    }

    @Test
    void shouldSayWhatItIsStartedBy() {
        assertThrows(ConfigException.class, () -> GuestJvm.of(List.of("java", "Main")));
    }
}
