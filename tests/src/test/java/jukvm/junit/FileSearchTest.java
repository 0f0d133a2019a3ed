package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSearchTest {
    private static final String HELLO = "hello.hvt";

    @TempDir private Path folder;

    private FileSearch search() {
        return FileSearch.in(folder.toString(), FileSearchTest.class);
    }

    @Test
    void shouldFindAFileByItsPath() throws IOException {
        Path file = Files.createFile(folder.resolve("image"));
        assertEquals(
                Optional.of(file),
                FileSearch.in("/nowhere", FileSearchTest.class).file(file.toString()));
    }

    @Test
    void shouldFindAFileInTheDirectory() throws IOException {
        Path file = Files.createFile(folder.resolve("image"));
        assertEquals(Optional.of(file), search().file("image"));
        assertEquals(Optional.empty(), search().file("other"));
    }

    @Test
    void shouldNotTakeADirectoryForAFile() throws IOException {
        Files.createDirectory(folder.resolve("image"));
        assertEquals(Optional.empty(), search().file("image"));
    }

    @Test
    void shouldUseTheDirectoryOfTheSystemProperty() {
        FileSearch search = FileSearch.in("", FileSearchTest.class);
        assertEquals(System.getProperty("jukvm.images"), search.folder());
        assertEquals(HELLO, Path.of(search.image(HELLO).name()).getFileName().toString());
    }

    // What is found but is no image is refused for that.
    @ParameterizedTest
    @ValueSource(strings = {"FileSearchTest.class", "jukvm/junit/FileSearchTest.class"})
    void shouldFindAResource(String name) {
        ImageException e = assertThrows(ImageException.class, () -> search().image(name));
        assertTrue(String.valueOf(e.getMessage()).startsWith(name + ": "), e.getMessage());
    }

    @Test
    void shouldSayThatThereIsNoDirectory() {
        FileSearch search = new FileSearch("", FileSearchTest.class);
        ConfigException e = assertThrows(ConfigException.class, () -> search.image("none"));
        assertEquals(
                "none: no such guest image: neither "
                        + Path.of("none").toAbsolutePath()
                        + ", nor in a directory, since -Djukvm.images names none, nor a resource of"
                        + " jukvm.junit.FileSearchTest",
                e.getMessage());
    }
}
