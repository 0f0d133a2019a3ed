package jukvm.tests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.junit.Required;

/** Where the guests lie that the tests run: the prebuilt ones, and those just built. */
final class Guests {
    static final Path ROOT = Path.of(System.getProperty("jukvm.root", "..")).toAbsolutePath();
    private static final Path PREBUILT = ROOT.resolve("guest-images/prebuilt");
    private static final Path BUILT = ROOT.resolve("guest-images/target/guests");

    private Guests() {}

    /** Returns a prebuilt guest, by file name. */
    static Path prebuilt(String name) {
        return PREBUILT.resolve(name);
    }

    /** Returns the folders of guests: always the prebuilt, and where there is a gcc the built. */
    static List<Path> folders() {
        if (Required.names("gcc") && !Files.isDirectory(BUILT)) {
            throw new IllegalStateException("JUKVM_REQUIRE=gcc, but no guests were built");
        }
        return Stream.of(PREBUILT, BUILT).filter(Files::isDirectory).toList();
    }
}
