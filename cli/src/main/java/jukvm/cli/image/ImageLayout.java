package jukvm.cli.image;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.regex.Pattern;
import jukvm.cli.runtime.JsonObject;
import jukvm.error.ConfigException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.io.output.CloseShieldOutputStream;

/**
 * An archive that is an OCI image layout of one manifest, and of nothing that differs from host to
 * host. Source: OCI image specification 1.1, image-layout.md.
 */
final class ImageLayout implements AutoCloseable {
    static final String OCI = "application/vnd.oci.image.";
    static final String MANIFEST = OCI + "manifest.v1+json";
    static final int READABLE = 0100644;

    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    private static final Pattern TAG =
            Pattern.compile("[a-z0-9]+([._/:-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?");

    private final TarArchiveOutputStream tar;

    /** Begins one in a stream, which stays open. */
    ImageLayout(OutputStream out) {
        this.tar = tar(out);
    }

    static void requireFile(String word) {
        require(FILE, word, "the name of a file in an image: letters, digits, _ . and -");
    }

    static void requireTag(String word) {
        require(TAG, word, "the name of an image, such as hello or hello:1.0");
    }

    static void require(Pattern pattern, String word, String what) {
        if (!pattern.matcher(word).matches()) {
            throw new ConfigException("'" + word + "' is not " + what);
        }
    }

    /** Returns a name with what follows the colon. */
    static String fullTag(String tag) {
        return tag.indexOf(':', tag.lastIndexOf('/') + 1) < 0 ? tag + ":latest" : tag;
    }

    /** Begins an archive in a stream, which stays open. */
    static TarArchiveOutputStream tar(OutputStream out) {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(CloseShieldOutputStream.wrap(out));
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        return tar;
    }

    /** Adds a file to an archive. */
    static void put(
            TarArchiveOutputStream tar, String name, int mode, long size, ImageBlob.Content content)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(size);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        tar.putArchiveEntry(entry);
        content.writeTo(tar);
        tar.closeArchiveEntry();
    }

    /** Adds a document to an archive. */
    static void put(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        put(tar, name, READABLE, bytes.length, out -> out.write(bytes));
    }

    /** Adds what a manifest names, and it. */
    void put(ImageBlob blob) throws IOException {
        put(tar, ImageBlob.path(blob.digest()), READABLE, blob.size(), blob::writeTo);
    }

    /** Adds a document that has a name. */
    void put(String name, byte[] bytes) throws IOException {
        put(tar, name, bytes);
    }

    /**
     * Adds what names the manifest.
     *
     * @param descriptor of it
     */
    void putIndex(JsonObject descriptor, String tag) throws IOException {
        JsonObject names =
                new JsonObject()
                        .with("org.opencontainers.image.ref.name", fullTag(tag))
                        .with("io.containerd.image.name", fullTag(tag));
        JsonObject index =
                new JsonObject()
                        .with("schemaVersion", 2)
                        .with("mediaType", OCI + "index.v1+json")
                        .with("manifests", List.of(descriptor.with("annotations", names)));
        put("index.json", index.write());
    }

    /** Ends it. */
    void end() throws IOException {
        put("oci-layout", new JsonObject().with("imageLayoutVersion", "1.0.0").write());
        tar.finish();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
