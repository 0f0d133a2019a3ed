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
import jukvm.image.GuestImage;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

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
    private static final Pattern TYPE = Pattern.compile("[a-z0-9]+");

    private static final String EPOCH = "1970-01-01T00:00:00Z";
    static final String DEVICE = "jukvm.device.";
    private static final int EXECUTABLE = 0100755;

    GuestContainerImage {
        ImageLayout.requireFile(file);
        ImageLayout.requireTag(tag);
        ImageLayout.require(TYPE, type, "what urunc calls a kind of unikernel, such as mirage");
        arguments = List.copyOf(arguments);
    }

    /** Returns the name with what follows the colon. */
    String fullTag() {
        return ImageLayout.fullTag(tag);
    }

    /**
     * Writes the archive; the stream stays open.
     *
     * @return the image's identifier, as docker shows it: the digest of its configuration
     */
    String writeTo(OutputStream out) throws IOException {
        ImageBlob layer = ImageBlob.of(ImageLayout.OCI + "layer.v1.tar", this::writeLayer);
        ImageBlob config = ImageBlob.of(ImageLayout.OCI + "config.v1+json", config(layer));
        ImageBlob manifest = ImageBlob.of(ImageLayout.MANIFEST, manifest(config, layer));
        try (ImageLayout layout = new ImageLayout(out)) {
            for (ImageBlob blob : List.of(layer, config, manifest)) {
                layout.put(blob);
            }
            layout.putIndex(manifest.descriptor().with("platform", platform()), tag);
            layout.put("manifest.json", forDocker(config, layer));
            layout.end();
        }
        return config.digest();
    }

    private void writeLayer(OutputStream out) throws IOException {
        try (TarArchiveOutputStream tar = ImageLayout.tar(out)) {
            ImageLayout.put(tar, file, EXECUTABLE, guest.size(), guest::writeTo);
            ImageLayout.put(tar, Urunc.FILE.substring(1), urunc().write());
            tar.finish();
        }
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
                .with("mediaType", ImageLayout.MANIFEST)
                .with("config", config.descriptor())
                .with("layers", List.of(layer.descriptor()))
                .with("annotations", labels());
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
