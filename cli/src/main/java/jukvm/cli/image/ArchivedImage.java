package jukvm.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
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
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.io.output.NullOutputStream;

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
    private static final int MAX_DOCUMENT = 4 << 20;
    private static final int MAX_INDEXES = 4;
    private static final String BLOBS = "blobs/";

    /**
     * Reads an image, and checks all digests by which its parts name each other.
     *
     * @throws ConfigException if it cannot be read, is damaged or is no image
     */
    static ArchivedImage read(Path file) {
        String name = HostText.escaped(HostText.of(file));
        try (TarFile tar = new TarFile(file)) {
            return new Reader(tar).read();
        } catch (IOException | RuntimeException e) {
            // The library throws what it likes where an archive is damaged.
            throw new ConfigException(
                    name
                            + ": no container image: "
                            + HostText.escaped(String.valueOf(e.getMessage())));
        }
    }

    private static final class Reader {
        private final TarFile tar;

        Reader(TarFile tar) {
            this.tar = tar;
        }

        ArchivedImage read() throws IOException {
            JsonObject parts = find("index.json").isPresent() ? ofLayout() : ofDocker();
            JsonObject config = document(parts.text("Config").orElse("no configuration"));
            List<String> layers = parts.texts("Layers");
            long size = 0;
            for (String layer : layers) {
                size += check(layer);
            }
            return new ArchivedImage(
                    parts.texts("RepoTags").stream().findFirst().orElse(""),
                    id(parts.text("Config").orElse("")),
                    layers.size(),
                    size,
                    config,
                    guest(config, layers));
        }

        // As docker's document has it: of the platforms the first, which is the one of a guest's.
        private JsonObject ofLayout() throws IOException {
            JsonObject found = document("index.json");
            JsonObject names = found;
            for (int i = 0; i < MAX_INDEXES && !found.objects("manifests").isEmpty(); i++) {
                JsonObject first = found.objects("manifests").get(0);
                names = i == 0 ? first.object("annotations") : names;
                found = document(path(first));
            }
            List<String> layers = new ArrayList<>();
            for (JsonObject layer : found.objects("layers")) {
                layers.add(path(layer));
            }
            JsonObject parts =
                    new JsonObject()
                            .with("Config", path(found.object("config")))
                            .with("Layers", layers);
            names.text("org.opencontainers.image.ref.name")
                    .ifPresent(tag -> parts.with("RepoTags", List.of(tag)));
            return parts;
        }

        // A document of docker's is a list, which is read as a field.
        private JsonObject ofDocker() throws IOException {
            byte[] list = bytes("manifest.json");
            String text = "{\"images\":" + new String(list, StandardCharsets.UTF_8) + "}";
            return JsonObject.read(text.getBytes(StandardCharsets.UTF_8)).objects("images").stream()
                    .findFirst()
                    .orElseThrow(() -> new IOException("manifest.json names no image"));
        }

        private static String path(JsonObject descriptor) throws IOException {
            return descriptor
                    .text("digest")
                    .map(ImageBlob::path)
                    .orElseThrow(() -> new IOException("a part has no digest"));
        }

        private static String id(String path) {
            String hex = path.substring(path.lastIndexOf('/') + 1).replace(".json", "");
            return ImageBlob.ALGORITHM + hex;
        }

        private Optional<TarArchiveEntry> find(String path) {
            return tar.getEntries().stream()
                    .filter(entry -> entry.getName().equals(path) && entry.isFile())
                    .findFirst();
        }

        private InputStream open(String path) throws IOException {
            TarArchiveEntry entry =
                    find(path).orElseThrow(() -> new IOException("'" + path + "' is missing"));
            return new BufferedInputStream(tar.getInputStream(entry));
        }

        private byte[] bytes(String path) throws IOException {
            check(path);
            try (InputStream in = open(path)) {
                byte[] bytes = in.readNBytes(MAX_DOCUMENT + 1);
                if (bytes.length > MAX_DOCUMENT) {
                    throw new IOException(path + " is longer than " + MAX_DOCUMENT + " bytes");
                }
                return bytes;
            }
        }

        private JsonObject document(String path) throws IOException {
            try {
                return JsonObject.read(bytes(path));
            } catch (JsonProcessingException e) {
                throw new IOException(path + " is not JSON", e);
            }
        }

        // What is named by its digest must have it. Returns the size.
        private long check(String path) throws IOException {
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
            InputStream in = open(layer);
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

    private static void line(StringBuilder text, String what, String value) {
        text.append("%-10s%s%n".formatted(what, HostText.escaped(value)));
    }
}
