package jukvm.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContainerImageTest {
    private static final Path GUEST = Path.of("../guest-images/prebuilt/http.hvt");
    private static final int DAMAGES = 500;

    @TempDir private Path folder;

    private static GuestContainerImage image(String tag, String file) {
        return new GuestContainerImage(
                tag, file, GuestImage.read(GUEST), List.of("--page=7", "a b"), "mirage");
    }

    private Path write(GuestContainerImage image) throws IOException {
        Path file = folder.resolve("image.tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            image.writeTo(out);
        }
        return file;
    }

    @Test
    void shouldReadWhatIsWritten() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String id = image("web", "http.hvt").writeTo(bytes);
        ArchivedImage read = ArchivedImage.read(write(image("web", "http.hvt")));
        assertEquals(id, read.id());
        String text = read.toString();
        assertTrue(text.startsWith("image     web:latest\nid        " + id + "\n"), text);
        for (String line :
                List.of(
                        "entry     /http.hvt",
                        "arguments --page=7 a b",
                        "label     jukvm.device.service0=NET_BASIC",
                        "label     com.urunc.unikernel.binary=L2h0dHAuaHZ0",
                        "guest     hvt 2, " + Files.size(GUEST) + " bytes",
                        "device    NET_BASIC service0")) {
            assertTrue(text.lines().anyMatch(line::equals), text);
        }
    }

    @Test
    void shouldWriteTheSameEachTime() throws IOException {
        byte[] first = Files.readAllBytes(write(image("web", "http.hvt")));
        assertTrue(
                java.util.Arrays.equals(
                        first, Files.readAllBytes(write(image("web", "http.hvt")))));
    }

    @ParameterizedTest
    @CsvSource({
        "web, web:latest",
        "web:2.0, web:2.0",
        "host:5000/web, host:5000/web:latest",
        "a/b_c/d-e:X, a/b_c/d-e:X"
    })
    void shouldNameImagesAsEnginesDo(String tag, String full) {
        assertEquals(full, image(tag, "http.hvt").fullTag());
    }

    @ParameterizedTest
    @CsvSource({"'', a", "Web, a", "web:, a", "-a, a", "web, ''", "web, a/b", "web, ..", "web, ü"})
    void shouldRefuseNamesThatEnginesDoNotTake(String tag, String file) {
        assertThrows(ConfigException.class, () -> image(tag, file));
    }

    private static byte[] tar(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private ArchivedImage read(Map<String, byte[]> files) throws IOException {
        return ArchivedImage.read(Files.write(folder.resolve("other.tar"), tar(files)));
    }

    private static Map<String, byte[]> saved() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        String layers = "'Layers':['1/layer.tar','2/layer.tar']";
        files.put(
                "manifest.json",
                json("[{'Config':'c.json','RepoTags':['x:1','y:2']," + layers + "}]"));
        files.put("c.json", json("{'config':{'Entrypoint':['/app/guest'],'Cmd':null}}"));
        files.put("1/layer.tar", tar(Map.of("app/guest", new byte[] {1})));
        files.put("2/layer.tar", packed(tar(Map.of("./app/guest", Files.readAllBytes(GUEST)))));
        return files;
    }

    @Test
    void shouldReadWhatDockerSaves() throws IOException {
        Map<String, byte[]> files = saved();
        files.put("1/layer.tar", tar(Map.of("app/other", new byte[] {1})));
        ArchivedImage image = read(files);
        assertEquals("x:1", image.tag());
        assertEquals("sha256:c", image.id());
        assertEquals(2, image.layers());
        assertEquals(Optional.of((int) Files.size(GUEST)), image.guest().map(GuestImage::size));
    }

    @Test
    void shouldSayThatAnEntryPointIsNoGuest() throws IOException {
        Map<String, byte[]> files = saved();
        files.put("c.json", json("{'config':{'Entrypoint':['/bin/sh']}}"));
        assertTrue(read(files).toString().endsWith("guest     none: the entry point is not one"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "manifest.json []",
                "manifest.json {}",
                "manifest.json",
                "c.json []",
                "c.json",
            })
    void shouldRefuseWhatIsNoImage(String change) throws IOException {
        Map<String, byte[]> files = saved();
        String[] words = change.split(" ", 2);
        files.remove(words[0]);
        if (words.length == 2) {
            files.put(words[0], json(words[1]));
        }
        assertRefused(files);
    }

    @Test
    void shouldRefuseALayerThatIsNoArchive() throws IOException {
        Map<String, byte[]> files = saved();
        files.put("1/layer.tar", json("x".repeat(1000)));
        assertRefused(files);
    }

    private void assertRefused(Map<String, byte[]> files) {
        ConfigException e = assertThrows(ConfigException.class, () -> read(files));
        assertTrue(e.getMessage().contains("other.tar: no container image: "), e.getMessage());
    }

    // Any damage is found, or nothing that counts was damaged.
    @Test
    void shouldSurviveDamage() throws IOException {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        Path file = write(image("web", "http.hvt"));
        byte[] good = Files.readAllBytes(file);
        String text = ArchivedImage.read(file).toString();
        for (int i = 0; i < DAMAGES; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(
                    file,
                    random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
            try {
                String read = ArchivedImage.read(file).toString();
                assertEquals(
                        text.lines().skip(1).toList(),
                        read.lines().skip(1).toList(),
                        "-Djukvm.seed=" + seed);
            } catch (ConfigException e) {
                assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
            }
        }
    }
}
