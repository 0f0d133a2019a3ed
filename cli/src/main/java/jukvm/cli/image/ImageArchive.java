package jukvm.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import jukvm.cli.runtime.JsonObject;
import jukvm.error.ConfigException;
import jukvm.text.HostText;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.io.output.NullOutputStream;

/**
 * An archive with a container image or an artifact: an OCI image layout, or what {@code docker
 * save} writes. All of it is hostile; nothing is unpacked to disk.
 */
final class ImageArchive {
    private static final int MAX_DOCUMENT = 4 << 20;
    private static final int MAX_INDEXES = 4;
    private static final String INDEX = "index.json";
    private static final String BLOBS = "blobs/";

    private final TarFile tar;

    private ImageArchive(TarFile tar) {
        this.tar = tar;
    }

    /**
     * A manifest that an index leads to.
     *
     * @param tag its name, empty if it has none
     * @param digest of it
     */
    record Named(String tag, String digest, JsonObject manifest) {}

    /** Makes something of an archive. */
    @FunctionalInterface
    interface Reader<T> {
        /** Returns it; throws what it likes where the archive is damaged. */
        T read(ImageArchive archive) throws IOException;
    }

    /**
     * Reads an archive.
     *
     * @throws ConfigException if it cannot be read, is damaged or is none
     */
    static <T> T read(Path file, Reader<T> reader) {
        try (TarFile tar = new TarFile(file)) {
            return reader.read(new ImageArchive(tar));
        } catch (IOException | RuntimeException e) {
            // The library throws what it likes where an archive is damaged.
            throw new ConfigException(
                    HostText.escaped(HostText.of(file))
                            + ": no container image: "
                            + HostText.escaped(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Returns what is in an archive, as lines for a person.
     *
     * @throws ConfigException as {@link #read}
     */
    static String describe(Path file) {
        return read(
                file,
                archive -> {
                    Optional<Named> found = archive.manifest();
                    return found.isPresent() && ArchivedSnapshot.isOne(found.get())
                            ? ArchivedSnapshot.read(archive, found.get()).toString()
                            : ArchivedImage.read(archive).toString();
                });
    }

    /** Returns the manifest of an OCI layout: of the platforms the first, which is a guest's. */
    Optional<Named> manifest() throws IOException {
        if (find(INDEX).isEmpty()) {
            return Optional.empty();
        }
        JsonObject found = document(INDEX);
        String tag = "";
        String digest = "";
        for (int i = 0; i < MAX_INDEXES && !found.objects("manifests").isEmpty(); i++) {
            JsonObject first = found.objects("manifests").get(0);
            JsonObject names = first.object("annotations");
            tag = i == 0 ? names.text("org.opencontainers.image.ref.name").orElse("") : tag;
            digest = first.text("digest").orElse("");
            found = document(path(first));
        }
        return Optional.of(new Named(tag, digest, found));
    }

    private Optional<TarArchiveEntry> find(String path) {
        return tar.getEntries().stream()
                .filter(entry -> entry.getName().equals(path) && entry.isFile())
                .findFirst();
    }

    InputStream open(String path) throws IOException {
        TarArchiveEntry entry =
                find(path).orElseThrow(() -> new IOException("'" + path + "' is missing"));
        return new BufferedInputStream(tar.getInputStream(entry));
    }

    byte[] bytes(String path) throws IOException {
        check(path);
        try (InputStream in = open(path)) {
            byte[] bytes = in.readNBytes(MAX_DOCUMENT + 1);
            if (bytes.length > MAX_DOCUMENT) {
                throw new IOException(path + " is longer than " + MAX_DOCUMENT + " bytes");
            }
            return bytes;
        }
    }

    JsonObject document(String path) throws IOException {
        try {
            return JsonObject.read(bytes(path));
        } catch (JsonProcessingException e) {
            throw new IOException(path + " is not JSON", e);
        }
    }

    /** Returns the size of a part; what is named by its digest must have it. */
    long check(String path) throws IOException {
        MessageDigest sha256 = ImageBlob.sha256();
        long size;
        try (InputStream in = new DigestInputStream(open(path), sha256)) {
            size = in.transferTo(NullOutputStream.INSTANCE);
        }
        String digest = HexFormat.of().formatHex(sha256.digest());
        if (path.startsWith(BLOBS) && !path.equals(BLOBS + "sha256/" + digest)) {
            throw new IOException(path + " is damaged: its SHA-256 is " + digest);
        }
        return size;
    }

    /** Returns where what a descriptor names is. */
    static String path(JsonObject descriptor) throws IOException {
        return descriptor
                .text("digest")
                .map(ImageBlob::path)
                .orElseThrow(() -> new IOException("a part has no digest"));
    }
}
