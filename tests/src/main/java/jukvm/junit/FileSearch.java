package jukvm.junit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a test's guests are looked for.
 *
 * @param folder beside the working directory; empty if there is none
 * @param testClass whose resources are looked at, too
 */
record FileSearch(String folder, Class<?> testClass) {
    private static final String PROPERTY = "jukvm.images";

    /** Looks in a directory, or if it is empty in the one that the system property names. */
    static FileSearch in(String directory, Class<?> testClass) {
        String folder = directory.isEmpty() ? System.getProperty(PROPERTY, "") : directory;
        return new FileSearch(folder, testClass);
    }

    /** Returns the file of a name, if there is one. */
    Optional<Path> file(String name) {
        return Stream.of(Path.of(name), Path.of(folder).resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * Reads the guest image of a name.
     *
     * @throws ConfigException if there is none, with where it was looked for
     * @throws jukvm.error.ImageException if it is not a valid guest image
     */
    GuestImage image(String name) {
        Optional<Path> file = file(name);
        return file.isPresent() ? GuestImage.read(file.get()) : GuestImage.of(name, resource(name));
    }

    private byte[] resource(String name) {
        try (InputStream here = testClass.getResourceAsStream(name);
                InputStream root = testClass.getResourceAsStream("/" + name)) {
            @Nullable InputStream found = here == null ? root : here;
            if (found == null) {
                throw new ConfigException(
                        name
                                + ": no such guest image: neither "
                                + Path.of(name).toAbsolutePath()
                                + ", nor "
                                + inFolder(name)
                                + ", nor a resource of "
                                + testClass.getName());
            }
            return found.readAllBytes();
        } catch (IOException e) {
            throw new ConfigException(
                    name + ": cannot read resource: " + Objects.toString(e.getMessage(), "" + e));
        }
    }

    private String inFolder(String name) {
        return folder.isEmpty()
                ? "in a directory, since -D" + PROPERTY + " names none"
                : Path.of(folder).toAbsolutePath().resolve(name).toString();
    }
}
