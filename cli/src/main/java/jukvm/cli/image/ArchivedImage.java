package jukvm.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import jukvm.abi.Manifest;
import jukvm.cli.runtime.JsonObject;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.text.HostText;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A container image in an archive: an OCI image layout, or what {@code docker save} writes. All of
 * it is hostile; nothing is unpacked to disk. Sources: as for {@link GuestContainerImage}.
 *
 * @param tag its first name, empty if it has none
 * @param id the digest of its configuration
 * @param layers how many
 * @param size of all layers in bytes, as they are in the archive
 * @param config as the OCI specification has it
 * @param guest what the entry point is, if it is a guest
 */
record ArchivedImage(
        String tag,
        String id,
        int layers,
        long size,
        JsonObject config,
        Optional<GuestImage> guest) {
    /**
     * Reads an image, and checks all digests by which its parts name each other.
     *
     * @throws ConfigException if it cannot be read, is damaged or is no image
     */
    static ArchivedImage read(Path file) {
        return ImageArchive.read(file, ArchivedImage::read);
    }

    /** Likewise, of an archive that is open. */
    static ArchivedImage read(ImageArchive archive) throws IOException {
        return new Reader(archive).read();
    }

    private static final class Reader {
        private final ImageArchive archive;

        Reader(ImageArchive archive) {
            this.archive = archive;
        }

        ArchivedImage read() throws IOException {
            Optional<ImageArchive.Named> named = archive.manifest();
            JsonObject parts = named.isPresent() ? ofLayout(named.get()) : ofDocker();
            JsonObject config = archive.document(parts.text("Config").orElse("no configuration"));
            List<String> layers = parts.texts("Layers");
            long size = 0;
            for (String layer : layers) {
                size += archive.check(layer);
            }
            return new ArchivedImage(
                    parts.texts("RepoTags").stream().findFirst().orElse(""),
                    id(parts.text("Config").orElse("")),
                    layers.size(),
                    size,
                    config,
                    guest(config, layers));
        }

        // As docker's document has it.
        private static JsonObject ofLayout(ImageArchive.Named named) throws IOException {
            JsonObject manifest = named.manifest();
            List<String> layers = new ArrayList<>();
            for (JsonObject layer : manifest.objects("layers")) {
                layers.add(ImageArchive.path(layer));
            }
            JsonObject parts =
                    new JsonObject()
                            .with("Config", ImageArchive.path(manifest.object("config")))
                            .with("Layers", layers);
            return named.tag().isEmpty() ? parts : parts.with("RepoTags", List.of(named.tag()));
        }

        // A document of docker's is a list, which is read as a field.
        private JsonObject ofDocker() throws IOException {
            byte[] list = archive.bytes("manifest.json");
            String text = "{\"images\":" + new String(list, StandardCharsets.UTF_8) + "}";
            return JsonObject.read(text.getBytes(StandardCharsets.UTF_8)).objects("images").stream()
                    .findFirst()
                    .orElseThrow(() -> new IOException("manifest.json names no image"));
        }

        private static String id(String path) {
            String hex = path.substring(path.lastIndexOf('/') + 1).replace(".json", "");
            return ImageBlob.ALGORITHM + hex;
        }

        // The last layer that has the file counts.
        private Optional<GuestImage> guest(JsonObject config, List<String> layers)
                throws IOException {
            String entry =
                    config.object("config").texts("Entrypoint").stream().findFirst().orElse("");
            Optional<GuestImage> guest = Optional.empty();
            for (String layer : layers) {
                try (TarArchiveInputStream files = new TarArchiveInputStream(unpacked(layer))) {
                    for (TarArchiveEntry file = files.getNextEntry();
                            file != null;
                            file = files.getNextEntry()) {
                        if (file.isFile() && isAt(file.getName(), entry)) {
                            guest = Optional.of(GuestImage.read(files));
                        }
                    }
                }
            }
            return guest;
        }

        private InputStream unpacked(String layer) throws IOException {
            InputStream in = archive.open(layer);
            in.mark(2);
            boolean isPacked = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            return isPacked ? new GZIPInputStream(in) : in;
        }

        private static boolean isAt(String name, String path) {
            return path.equals("/" + name.replaceFirst("^(\\./|/)", ""));
        }
    }

    /** Returns it as lines for a person. */
    @Override
    public String toString() {
        JsonObject process = config.object("config");
        StringBuilder text = new StringBuilder();
        line(text, "image", tag.isEmpty() ? "without a name" : tag);
        line(text, "id", id);
        line(text, "layers", layers + ", " + size + " bytes");
        line(text, "entry", String.join(" ", process.texts("Entrypoint")));
        line(text, "arguments", String.join(" ", process.texts("Cmd")));
        JsonObject labels = process.object("Labels");
        for (String key : labels.keys()) {
            line(text, "label", key + "=" + labels.text(key).orElse(""));
        }
        line(
                text,
                "guest",
                guest.map(found -> found.dialect() + ", " + found.size() + " bytes")
                        .orElse("none: the entry point is not one"));
        for (Manifest.Device device :
                guest.map(GuestImage::manifest).orElse(Manifest.empty()).devices()) {
            line(text, "device", device.type() + " " + device.name());
        }
        return text.toString().stripTrailing();
    }

    static void line(StringBuilder text, String what, String value) {
        text.append("%-10s%s%n".formatted(what, HostText.escaped(value)));
    }
}
