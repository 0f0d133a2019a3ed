package jukvm.bench.action;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jukvm.error.ConfigException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The smallest bundle of the OCI runtime specification that runs the action: a root file system of
 * one static program, no network namespace, no terminal, no seccomp filter; cgroups as usual.
 */
public final class Bundle {
    private static final String CONFIG = "config.json";
    private static final String PROGRAM = "rootfs/hello";
    // Without the last two crun refuses it, and runc makes them.
    private static final List<String> FOLDERS = List.of("rootfs/", "rootfs/dev/", "rootfs/proc/");
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
        try {
            for (String folder : FOLDERS) {
                Files.createDirectories(directory.resolve(folder));
            }
            Files.copy(program, directory.resolve(PROGRAM));
            String words = idle ? RUN + ", \"idle\"" : RUN;
            Files.writeString(directory.resolve(CONFIG), config().replace(RUN, words));
            return directory;
        } catch (IOException e) {
            throw new ConfigException(directory + ": cannot be written: " + e.getMessage());
        }
    }

    private static String config() throws IOException {
        try (InputStream in = Bundle.class.getResourceAsStream(CONFIG)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Writes a bundle as a tar archive. */
    public static void pack(Path bundle, OutputStream out) throws IOException {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            List<String> names = new ArrayList<>(FOLDERS);
            names.addAll(List.of(CONFIG, PROGRAM));
            for (String name : names) {
                Path file = bundle.resolve(name);
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setMode(name.equals(CONFIG) ? 0644 : 0755);
                entry.setSize(Files.isDirectory(file) ? 0 : Files.size(file));
                tar.putArchiveEntry(entry);
                if (!Files.isDirectory(file)) {
                    Files.copy(file, tar);
                }
                tar.closeArchiveEntry();
            }
        }
    }

    /** Unpacks an archive that {@link #pack} wrote into an empty directory. */
    public static void unpack(InputStream in, Path bundle) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(in);
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            Path file = bundle.resolve(entry.getName());
            if (entry.isDirectory()) {
                Files.createDirectory(file);
            } else {
                Files.copy(tar, file);
            }
            if ((entry.getMode() & 0111) != 0) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
