package jukvm.bench.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The image that engines are given, with the program and the guest; a pod's own container is the
 * program that stays. Source: OCI image specification 1.0, config.md; the archive of docker save.
 */
final class EngineImage {
    /** What engines call it. */
    static final String NAME = "localhost/jukvm-bench:1";

    /** The program in it. */
    static final String PROGRAM = "/hello";

    /** The guest in it. */
    static final String GUEST = "/hello.hvt";

    private static final String LAYER = "layer.tar";
    private static final String CONFIG = "config.json";
    private static final int EXECUTABLE = 0100755;

    private EngineImage() {}

    /** Writes it as an archive, which docker and containerd load. */
    static void write(Path archive, Path program, Path guest) throws IOException {
        byte[] layer =
                tar(Map.of(PROGRAM, Files.readAllBytes(program), GUEST, Files.readAllBytes(guest)));
        String config =
                """
                {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["%s", "idle"]},
                 "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
                """
                        .formatted(PROGRAM, digest(layer));
        String manifest =
                """
                [{"Config": "%s", "RepoTags": ["%s"], "Layers": ["%s"]}]
                """
                        .formatted(CONFIG, NAME, LAYER);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("manifest.json", manifest.getBytes(StandardCharsets.UTF_8));
        files.put(CONFIG, config.getBytes(StandardCharsets.UTF_8));
        files.put(LAYER, layer);
        Files.write(archive, tar(files));
    }

    private static byte[] tar(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setMode(EXECUTABLE);
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
