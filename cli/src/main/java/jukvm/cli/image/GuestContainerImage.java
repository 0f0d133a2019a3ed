package jukvm.cli.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import jukvm.abi.Manifest;
import jukvm.cli.runtime.JsonObject;
import jukvm.cli.runtime.Urunc;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.io.output.CloseShieldOutputStream;

/**
 * The container image of a guest: one layer with its executable and what tells urunc of it, and a
 * configuration with its arguments and its devices as labels. It is written as one archive that is
 * an OCI image layout and what {@code docker load} takes, too. The same guest gives the same bytes
 * on every host: no time, owner or compressor shows in them.
 *
 * <p>Sources: OCI image specification 1.0, image-layout.md, manifest.md, config.md and layer.md;
 * docker's image specification 1.2; urunc, docs/package.
 *
 * @param tag its name, with or without what follows a colon
 * @param file name of the executable, in the root of the image
 * @param arguments of the guest, unless those who start it give others
 * @param type what urunc calls this kind of unikernel
 */
record GuestContainerImage(
        String tag, String file, GuestImage guest, List<String> arguments, String type) {
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    private static final Pattern TAG =
            Pattern.compile("[a-z0-9]+([._/:-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?");
    private static final Pattern TYPE = Pattern.compile("[a-z0-9]+");

    private static final String OCI = "application/vnd.oci.image.";
    private static final String EPOCH = "1970-01-01T00:00:00Z";
    private static final String DEVICE = "jukvm.device.";
    private static final int EXECUTABLE = 0100755;
    private static final int READABLE = 0100644;

    GuestContainerImage {
        require(FILE, file, "the name of a file in an image: letters, digits, _ . and -");
        require(TAG, tag, "the name of an image, such as hello or hello:1.0");
        require(TYPE, type, "what urunc calls a kind of unikernel, such as mirage");
        arguments = List.copyOf(arguments);
    }

    private static void require(Pattern pattern, String word, String what) {
        if (!pattern.matcher(word).matches()) {
            throw new ConfigException("'" + word + "' is not " + what);
        }
    }

    /** Returns the name with what follows the colon. */
    String fullTag() {
        return tag.indexOf(':', tag.lastIndexOf('/') + 1) < 0 ? tag + ":latest" : tag;
    }

    /**
     * Writes the archive; the stream stays open.
     *
     * @return the image's identifier, as docker shows it: the digest of its configuration
     */
    String writeTo(OutputStream out) throws IOException {
        ImageBlob layer = ImageBlob.of(OCI + "layer.v1.tar", this::writeLayer);
        ImageBlob config = ImageBlob.of(OCI + "config.v1+json", config(layer));
        ImageBlob manifest = ImageBlob.of(OCI + "manifest.v1+json", manifest(config, layer));
        try (TarArchiveOutputStream tar = tar(out)) {
            for (ImageBlob blob : List.of(layer, config, manifest)) {
                put(tar, ImageBlob.path(blob.digest()), READABLE, blob.size(), blob.content());
            }
            put(tar, "index.json", index(manifest).write());
            put(tar, "manifest.json", forDocker(config, layer));
            put(tar, "oci-layout", new JsonObject().with("imageLayoutVersion", "1.0.0").write());
            tar.finish();
        }
        return config.digest();
    }

    private void writeLayer(OutputStream out) throws IOException {
        try (TarArchiveOutputStream tar = tar(out)) {
            put(tar, file, EXECUTABLE, guest.size(), guest::writeTo);
            put(tar, Urunc.FILE.substring(1), urunc().write());
            tar.finish();
        }
    }

    private static TarArchiveOutputStream tar(OutputStream out) {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(CloseShieldOutputStream.wrap(out));
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        return tar;
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes)
            throws IOException {
        put(tar, name, READABLE, bytes.length, out -> out.write(bytes));
    }

    private static void put(
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

    // Not the arguments: where urunc finds some, those of the container do not count.
    private JsonObject urunc() {
        JsonObject document = new JsonObject();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("unikernelType", type);
        values.put(Urunc.HYPERVISOR, Urunc.HVT);
        values.put(Urunc.BINARY, "/" + file);
        values.forEach((key, value) -> document.with(Urunc.PREFIX + key, base64(value)));
        return document;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private JsonObject labels() {
        JsonObject labels = urunc();
        for (Manifest.Device device : guest.manifest().devices()) {
            labels.with(DEVICE + device.name(), device.type().name());
        }
        return labels;
    }

    private JsonObject config(ImageBlob layer) {
        JsonObject process =
                new JsonObject()
                        .with("Entrypoint", List.of("/" + file))
                        .with("Cmd", arguments)
                        .with("WorkingDir", "/")
                        .with("Labels", labels());
        JsonObject history =
                new JsonObject().with("created", EPOCH).with("created_by", "jukvm image build");
        return platform()
                .with("created", EPOCH)
                .with("config", process)
                .with(
                        "rootfs",
                        new JsonObject()
                                .with("type", "layers")
                                .with("diff_ids", List.of(layer.digest())))
                .with("history", List.of(history));
    }

    private static JsonObject platform() {
        return new JsonObject().with("architecture", "amd64").with("os", "linux");
    }

    private JsonObject manifest(ImageBlob config, ImageBlob layer) {
        return new JsonObject()
                .with("schemaVersion", 2)
                .with("mediaType", OCI + "manifest.v1+json")
                .with("config", config.descriptor())
                .with("layers", List.of(layer.descriptor()))
                .with("annotations", labels());
    }

    private JsonObject index(ImageBlob manifest) {
        JsonObject names =
                new JsonObject()
                        .with("org.opencontainers.image.ref.name", fullTag())
                        .with("io.containerd.image.name", fullTag());
        JsonObject image =
                manifest.descriptor().with("platform", platform()).with("annotations", names);
        return new JsonObject()
                .with("schemaVersion", 2)
                .with("mediaType", OCI + "index.v1+json")
                .with("manifests", List.of(image));
    }

    private byte[] forDocker(ImageBlob config, ImageBlob layer) throws IOException {
        JsonObject image =
                new JsonObject()
                        .with("Config", ImageBlob.path(config.digest()))
                        .with("RepoTags", List.of(fullTag()))
                        .with("Layers", List.of(ImageBlob.path(layer.digest())));
        String text = new String(image.write(), StandardCharsets.UTF_8);
        return ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
    }
}
