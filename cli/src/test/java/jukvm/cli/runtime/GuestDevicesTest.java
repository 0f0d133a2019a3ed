package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GuestDevicesTest {
    private static final Path PREBUILT = Path.of("../guest-images/prebuilt");
    private static final String MISSING =
            "the guest declares device 'storage' (BLOCK_BASIC), but the container has no file %s;"
                    + " mount one there, or name another by annotation jukvm.block.storage";

    @TempDir Path folder;

    private Path image;
    private Path volume;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.createDirectory(folder.resolve("image"));
        volume = Files.createDirectory(folder.resolve("volume"));
        Files.createDirectories(image.resolve("jukvm/block"));
        for (String guest : List.of("block.hvt", "hello.hvt", "block.ukvm")) {
            Files.copy(PREBUILT.resolve(guest), image.resolve(guest));
        }
        Files.writeString(volume.resolve("storage"), "of the volume");
        Files.writeString(volume.resolve("other"), "of the volume");
        Files.createSymbolicLink(volume.resolve("link"), Path.of("/volume/other"));
        Files.createSymbolicLink(volume.resolve("up"), Path.of("../../../storage"));
        Files.createSymbolicLink(volume.resolve("out"), volume.resolve("storage"));
        Files.createSymbolicLink(image.resolve("folder"), Path.of("volume"));
    }

    private void putInImage() throws IOException {
        Files.writeString(image.resolve("jukvm/block/storage"), "of the image");
    }

    private List<String> options(
            String guest, String config, Map<String, String> urunc, boolean readOnly)
            throws IOException {
        JsonObject document =
                JsonObjectTest.read(config.replace('\'', '"').replace("VOLUME", volume.toString()));
        ContainerRoot root = new ContainerRoot(image, readOnly);
        document.objects("mounts").forEach(mount -> root.mount(mount, folder));
        return new GuestDevices(image, root, new GuestChoice(guest, List.of()), document)
                .options(urunc);
    }

    private List<String> options(String config) throws IOException {
        return options("/block.hvt", config, Map.of(), false);
    }

    private void assertRefused(String message, String config) {
        ConfigException e = assertThrows(ConfigException.class, () -> options(config));
        assertEquals(message, e.getMessage());
    }

    private static String mount(String source, String destination, String option) {
        return "'mounts':[{'source':'SOURCE','destination':'AT','options':['rbind','OPTION']}]"
                .replace("SOURCE", source)
                .replace("AT", destination)
                .replace("OPTION", option);
    }

    @Test
    void shouldGiveADiskTheFileOfItsNameInTheImage() throws IOException {
        putInImage();
        assertEquals(List.of("--block:storage=/image/jukvm/block/storage:rw"), options("{}"));
        assertEquals(
                List.of("--block:storage=/image/jukvm/block/storage:ro"),
                options("/block.hvt", "{}", Map.of(), true));
    }

    @ParameterizedTest
    @CsvSource({"rw, rw", "ro, ro", "rro, ro", "noatime, rw"})
    void shouldGiveADiskAMountedFile(String option, String access) throws IOException {
        for (String source : List.of("VOLUME/storage", "volume/storage")) {
            assertEquals(
                    List.of("--block:storage=/image/jukvm/block/storage:" + access),
                    options("{" + mount(source, "/jukvm/block/storage", option) + "}"));
        }
        assertEquals(
                List.of("--block:storage=/image/jukvm/block/storage:" + access),
                options(
                        "/block.hvt",
                        "{" + mount("VOLUME", "/jukvm/block", option) + "}",
                        Map.of(),
                        true));
    }

    @ParameterizedTest
    @CsvSource({
        "/volume/other, /image/volume/other:rw",
        "volume/other:ro, /image/volume/other:ro",
        "/folder/link, /image/volume/other:rw",
        "/../volume/../folder/other, /image/volume/other:rw"
    })
    void shouldTakeThePlaceThatAnAnnotationNames(String place, String file) throws IOException {
        String annotation = ",'annotations':{'jukvm.block.storage':'" + place + "'}}";
        assertEquals(
                List.of("--block:storage=" + file),
                options("{" + mount("VOLUME", "/volume", "rw") + annotation));
    }

    @Test
    void shouldHonourTheAnnotationOfUruncForTheOnlyDisk() throws IOException {
        putInImage();
        Files.writeString(image.resolve("disk.img"), "of the image");
        Map<String, String> urunc = Map.of("block", "disk.img");
        assertEquals(
                List.of("--block:storage=/image/disk.img:rw"),
                options("/block.hvt", "{}", urunc, false));
        assertEquals(List.of(), options("/hello.hvt", "{}", urunc, false));
    }

    @Test
    void shouldGiveADiskABlockDeviceWithItsRights() throws IOException {
        String node =
                "{'linux':{'devices':[{'path':'/jukvm/block/storage','type':'b','major':7,'minor':1}],"
                        + "'resources':{'devices':[{'major':7,'minor':1,'access':'RIGHTS'}]}}}";
        assertEquals(
                List.of("--block:storage=/jukvm/block/storage:rw"),
                options(node.replace("RIGHTS", "rwm")));
        assertEquals(
                List.of("--block:storage=/jukvm/block/storage:ro"),
                options(node.replace("RIGHTS", "r")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/hello.hvt", "/block.ukvm", "/missing"})
    void shouldGiveNothingToAGuestThatDeclaresNothing(String guest) throws IOException {
        putInImage();
        assertEquals(List.of(), options(guest, "{}", Map.of(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/volume/up", "/volume/out", "/volume", "/volume/storage/x"})
    void shouldFindNothingOutsideTheContainer(String place) {
        assertRefused(
                MISSING.formatted(place),
                "{"
                        + mount("VOLUME", "/volume", "rw")
                        + ",'annotations':{'jukvm.block.storage':'"
                        + place
                        + "'}}");
    }

    @Test
    void shouldNotTakeWhatAMountHides() throws IOException {
        putInImage();
        String hidden =
                "{'mounts':[{'type':'bind','source':'VOLUME','destination':'/jukvm/block'},"
                        + "{'type':'tmpfs','source':'tmpfs','destination':'/jukvm'}]}";
        assertRefused(MISSING.formatted("/jukvm/block/storage"), hidden);
    }

    @Test
    void shouldRefuseADiskThatTheGuestDoesNotDeclare() throws IOException {
        putInImage();
        assertRefused(
                "annotation jukvm.block.storge: the guest declares no such device",
                "{'annotations':{'jukvm.block.storge':'/x'}}");
    }
}
