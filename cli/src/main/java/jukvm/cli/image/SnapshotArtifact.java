package jukvm.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.abi.Manifest;
import jukvm.cli.runtime.JsonObject;
import jukvm.monitor.Snapshot;

/**
 * A snapshot as an OCI artifact: its file as it is, for registries to keep, in one archive that is
 * an OCI image layout. The same file gives the same bytes on every host. Source: OCI image
 * specification 1.1, manifest.md, Guidelines for Artifact Usage.
 *
 * @param tag its name, with or without what follows a colon
 * @param name of the file where it is fetched
 * @param file that it is
 * @param summary what is in that
 */
record SnapshotArtifact(String tag, String name, Path file, Snapshot.Summary summary) {
    /** The type of a snapshot's file, and of the artifact that it is. */
    static final String TYPE = "application/vnd.jukvm.snapshot.v1";

    private static final String EMPTY = "application/vnd.oci.empty.v1+json";

    SnapshotArtifact {
        ImageLayout.requireTag(tag);
        ImageLayout.requireFile(name);
    }

    /**
     * Reads a snapshot, and checks it.
     *
     * @throws IOException if it cannot be read
     */
    static SnapshotArtifact of(String tag, String name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new SnapshotArtifact(
                    tag, name, file, Snapshot.summary(file.toString(), in, Files.size(file)));
        }
    }

    /**
     * Writes the archive; the stream stays open.
     *
     * @return the artifact's digest, which is that of its manifest
     */
    String writeTo(OutputStream out) throws IOException {
        ImageBlob snapshot = ImageBlob.of(TYPE, this::copy);
        ImageBlob nothing = ImageBlob.of(EMPTY, new JsonObject());
        ImageBlob manifest = ImageBlob.of(ImageLayout.MANIFEST, manifest(nothing, snapshot));
        try (ImageLayout layout = new ImageLayout(out)) {
            for (ImageBlob blob : List.of(snapshot, nothing, manifest)) {
                layout.put(blob);
            }
            layout.putIndex(manifest.descriptor().with("artifactType", TYPE), tag);
            layout.end();
        }
        return manifest.digest();
    }

    private void copy(OutputStream out) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(out);
        }
    }

    private JsonObject manifest(ImageBlob nothing, ImageBlob snapshot) {
        JsonObject called = new JsonObject().with("org.opencontainers.image.title", name);
        return new JsonObject()
                .with("schemaVersion", 2)
                .with("mediaType", ImageLayout.MANIFEST)
                .with("artifactType", TYPE)
                .with("config", nothing.descriptor())
                .with("layers", List.of(snapshot.descriptor().with("annotations", called)))
                .with("annotations", annotations());
    }

    private JsonObject annotations() {
        JsonObject values =
                new JsonObject()
                        .with("jukvm.snapshot.dialect", summary.dialect().toString())
                        .with("jukvm.snapshot.memory", Long.toString(summary.memory()))
                        .with("jukvm.snapshot.ring", summary.privilege().toString());
        for (Manifest.Device device : summary.image().manifest().devices()) {
            values.with(GuestContainerImage.DEVICE + device.name(), device.type().name());
        }
        return values;
    }
}
