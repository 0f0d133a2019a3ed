package jukvm.bench.action;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import jukvm.error.ConfigException;
import org.apache.commons.compress.archivers.examples.Archiver;
import org.apache.commons.compress.archivers.examples.Expander;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The smallest bundle of the OCI runtime specification that runs the action: a root file system of
 * one static program, no network namespace, no terminal, no seccomp filter; cgroups as usual.
 */
public final class Bundle {
    private static final String CONFIG = "config.json";
    private static final String PROGRAM = "rootfs/hello";
    private static final String RUN = "\"/hello\"";

    private Bundle() {}

    /**
     * Makes a bundle.
     *
     * @param directory to make, which must not exist
     * @param idle whether the program is to stay
     * @throws ConfigException if it cannot be written
     */
    static Path make(Path directory, Path program, boolean idle) {
        try (InputStream config = Bundle.class.getResourceAsStream(CONFIG)) {
            // Without the two crun refuses it, and runc makes them.
            Files.createDirectories(directory.resolve("rootfs/dev"));
            Files.createDirectories(directory.resolve("rootfs/proc"));
            Files.copy(program, directory.resolve(PROGRAM));
            byte[] bytes = Objects.requireNonNull(config).readAllBytes();
            String text = new String(bytes, StandardCharsets.UTF_8);
            String words = idle ? RUN + ", \"idle\"" : RUN;
            Files.writeString(directory.resolve(CONFIG), text.replace(RUN, words));
            return directory;
        } catch (IOException e) {
            throw new ConfigException(directory + ": cannot be written: " + e.getMessage());
        }
    }

    /** Writes a bundle as a tar archive. */
    public static void pack(Path bundle, OutputStream out) throws IOException {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            new Archiver().create(tar, bundle);
        }
    }

    /** Unpacks an archive that {@link #pack} wrote into an empty directory. */
    public static void unpack(InputStream in, Path bundle) throws IOException {
        new Expander().expand(new TarArchiveInputStream(in), bundle);
        Files.setPosixFilePermissions(
                bundle.resolve(PROGRAM), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
