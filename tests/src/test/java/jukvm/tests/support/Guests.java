package jukvm.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.junit.Required;

/** Where the guests lie that the tests run: the prebuilt ones, and those just built. */
public final class Guests {
    public static final Path ROOT =
            Path.of(System.getProperty("jukvm.root", "..")).toAbsolutePath();
    private static final Path PREBUILT = ROOT.resolve("guest-images/prebuilt");
    private static final Path BUILT = ROOT.resolve("guest-images/target/guests");

    private Guests() {}

    /** Returns a prebuilt guest, by file name. */
    public static Path prebuilt(String name) {
        return PREBUILT.resolve(name);
    }

    /**
     * Returns the folders of guests: always the prebuilt, and where there is a gcc the built,
     * unless it has built them byte for byte as they are.
     */
    public static List<Path> folders() {
        if (Required.names("gcc") && !Files.isDirectory(BUILT)) {
            throw new IllegalStateException("JUKVM_REQUIRE=gcc, but no guests were built");
        }
        return Files.isDirectory(BUILT) && !areSame()
                ? List.of(PREBUILT, BUILT)
                : List.of(PREBUILT);
    }

    private static boolean areSame() {
        try (Stream<Path> guests = Files.list(PREBUILT)) {
            for (Path guest : guests.toList()) {
                Path built = BUILT.resolve(guest.getFileName());
                if (!Files.exists(built) || Files.mismatch(guest, built) >= 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
