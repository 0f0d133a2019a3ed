package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RootPathTest {
    @TempDir Path folder;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = folder.resolve("root");
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(folder.resolve("outside"), "secret");
        Files.writeString(root.resolve("a/file"), "file");
        link("a/b/absolute", "/a/file");
        link("a/b/up", "../../../../../../a");
        link("escape", "../outside");
        link("host", folder.resolve("outside").toString());
        link("circle", "circle");
        link("folder", "/a/b");
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    @ParameterizedTest
    @CsvSource({
        "/a/file, /a/file",
        "a//./b/../file, /a/file",
        "/../../a/file, /a/file",
        "/a/b/absolute, /a/file",
        "/folder/absolute, /a/file",
        "/folder/../file, /a/file",
        "/a/b/up/file, /a/file",
        "/escape, /outside",
        "/missing/../../x, /x",
        "/, /"
    })
    void shouldFollowPathsFromTheRoot(String path, String inside) {
        assertEquals(inside, RootPath.of(root, path).inside());
    }

    @ParameterizedTest
    @CsvSource({"/escape", "/host", "/../outside", "/a", "/missing", "/a/file/x"})
    void shouldOpenRegularFilesOfTheRootOnly(String path) throws IOException {
        assertTrue(RootPath.of(root, path).open().isEmpty(), path);
    }

    @Test
    void shouldOpenAFile() throws IOException {
        RootPath.of(root, "/folder/absolute").open().orElseThrow().close();
    }

    @Test
    void shouldRefuseCircles() {
        ConfigException e =
                assertThrows(ConfigException.class, () -> RootPath.of(root, "/circle/x"));
        assertEquals("/circle/x: more than 40 symbolic links", e.getMessage());
    }

    @Test
    void shouldRefuseNamesThatNoFileHas() {
        assertThrows(ConfigException.class, () -> RootPath.of(root, "/a\0b"));
    }
}
