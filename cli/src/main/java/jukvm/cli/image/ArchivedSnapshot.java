package jukvm.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import jukvm.abi.Manifest;
import jukvm.cli.runtime.JsonObject;
import jukvm.monitor.Snapshot;

/**
 * A snapshot that is an artifact in an archive, which is hostile; as {@link SnapshotArtifact}
 * writes it.
 *
 * @param tag its first name, empty if it has none
 * @param id the digest of its manifest
 * @param name of the file where it is fetched, empty if it has none
 * @param size of that in bytes
 * @param summary what is in it
 */
record ArchivedSnapshot(String tag, String id, String name, long size, Snapshot.Summary summary) {

    /** Returns whether a manifest is one of an artifact that is a snapshot. */
    static boolean isOne(ImageArchive.Named found) {
        return found.manifest()
                .text("artifactType")
                .filter(SnapshotArtifact.TYPE::equals)
                .isPresent();
    }

    /**
     * Reads it, and checks its digests and sums.
     *
     * @throws IOException if it is damaged
     */
    static ArchivedSnapshot read(ImageArchive archive, ImageArchive.Named found)
            throws IOException {
        List<JsonObject> layers = found.manifest().objects("layers");
        if (layers.size() != 1) {
            throw new IOException("a snapshot of " + layers.size() + " parts, need 1");
        }
        String path = ImageArchive.path(layers.get(0));
        long size = archive.check(path);
        try (InputStream in = archive.open(path)) {
            return new ArchivedSnapshot(
                    found.tag(),
                    found.digest(),
                    layers.get(0)
                            .object("annotations")
                            .text("org.opencontainers.image.title")
                            .orElse(""),
                    size,
                    Snapshot.summary(path, in, size));
        }
    }

    /** Returns it as lines for a person. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        ArchivedImage.line(text, "artifact", tag.isEmpty() ? "without a name" : tag);
        ArchivedImage.line(text, "id", id);
        ArchivedImage.line(text, "snapshot", name + ", " + size + " bytes");
        ArchivedImage.line(
                text,
                "guest",
                summary.dialect()
                        + ", "
                        + (summary.memory() >> 20)
                        + " MiB of memory, ring "
                        + summary.privilege());
        for (Manifest.Device device : summary.image().manifest().devices()) {
            ArchivedImage.line(text, "device", device.type() + " " + device.name());
        }
        return text.toString().stripTrailing();
    }
}
