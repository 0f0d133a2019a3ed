package jukvm.bench.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineImageTest {
    @TempDir private Path folder;

    private static Map<String, byte[]> files(InputStream archive) throws Exception {
        Map<String, byte[]> files = new HashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                assertEquals(0755, entry.getMode() & 0777, entry.getName());
                files.put(entry.getName(), tar.readAllBytes());
            }
        }
        return files;
    }

    @Test
    void shouldHaveTheProgramAndTheGuestInALayerOfItsDigest() throws Exception {
        Path program = Files.write(folder.resolve("program"), new byte[] {1});
        Path guest = Files.write(folder.resolve("guest"), new byte[] {2});
        Path archive = folder.resolve("image.tar");
        EngineImage.write(archive, program, guest);
        Map<String, byte[]> image = files(Files.newInputStream(archive));
        byte[] layer = image.get("layer.tar");
        assertNotNull(layer);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(layer);
        String config = new String(image.get("config.json"), StandardCharsets.UTF_8);
        assertTrue(config.contains("\"sha256:" + HexFormat.of().formatHex(digest) + "\""), config);
        String manifest = new String(image.get("manifest.json"), StandardCharsets.UTF_8);
        assertTrue(manifest.contains("\"" + EngineImage.NAME + "\""), manifest);
        Map<String, byte[]> files = files(new ByteArrayInputStream(layer));
        assertArrayEquals(new byte[] {1}, files.get("hello"));
        assertArrayEquals(new byte[] {2}, files.get("hello.hvt"));
    }
}
