package jukvm.tests.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.tests.support.Guests;

/** The packages that a build with {@code -Pdist} has made in a tree. */
final class Packages {
    private static final String DEB = "jukvm_*_amd64.deb";
    private static final String ARCHIVE = "jukvm-*-linux-amd64.tar.gz";

    private Packages() {}

    /** Returns the Debian package of the build in a tree. */
    static Path deb(Path tree) throws IOException {
        return only(tree, DEB);
    }

    /** Returns the tar.gz of the build in a tree. */
    static Path archive(Path tree) throws IOException {
        return only(tree, ARCHIVE);
    }

    /** Returns whether this build has made them: such as are older were made by an earlier one. */
    static boolean areBuilt() throws IOException {
        Path packed = target(Guests.ROOT).resolve("jukvm/jukvm.jar");
        for (Path deb : files(Guests.ROOT, DEB)) {
            if (Files.getLastModifiedTime(deb).compareTo(Files.getLastModifiedTime(packed)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static Path target(Path tree) {
        return tree.resolve("cli/target");
    }

    private static Path only(Path tree, String pattern) throws IOException {
        List<Path> files = files(tree, pattern);
        assertEquals(1, files.size(), files.toString());
        return files.get(0);
    }

    private static List<Path> files(Path tree, String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(target(tree), pattern)) {
            found.forEach(files::add);
        }
        return files;
    }
}
