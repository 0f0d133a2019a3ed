package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GuestChoiceTest {
    private static final Path HELLO = Path.of("../guest-images/prebuilt/hello.hvt");
    private static final String OLD = "../guest-images/prebuilt/hello.ukvm";

    @TempDir Path folder;

    private Path root;

    @BeforeEach
    void copyGuest() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
        Path outside = Files.copy(HELLO, folder.resolve("outside"));
        Files.createDirectory(root.resolve("bin"));
        Files.copy(HELLO, root.resolve("bin/hello"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("/bin/hello"));
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.writeString(root.resolve("script"), "#!/bin/sh\n");
        Files.write(root.resolve("short"), new byte[] {0x7f, 'E', 'L', 'F'});
        Files.copy(Path.of(OLD), root.resolve("old"));
    }

    private Optional<GuestChoice> choose(String process, String annotations) throws IOException {
        String config =
                "{\"process\":{" + process + "},\"annotations\":{" + annotations.replace('\'', '"');
        return GuestChoice.of(root, JsonObjectTest.read(config.replace('\'', '"') + "}}"));
    }

    private static String quoted(String name, String value) {
        return "'com.urunc.unikernel." + name + "':'" + value + "'";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'args':['/bin/hello','a','b']",
                "'args':['/link','a','b']",
                "'args':['./hello','a','b'],'cwd':'/bin'",
                "'args':['/../../bin/hello','a','b']",
                "'args':['hello','a','b'],'env':['A=/','PATH=/nowhere:/bin']"
            })
    void shouldKnowAGuestByItsNotes(String process) throws IOException {
        assertEquals(
                Optional.of(new GuestChoice("/bin/hello", List.of("a", "b"))), choose(process, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'args':[]",
                "'args':null",
                "'args':['']",
                "'args':['/']",
                "'args':['/bin']",
                "'args':['/script']",
                "'args':['/short']",
                "'args':['/old']",
                "'args':['/out']",
                "'args':['/missing']",
                "'args':['hello'],'cwd':'/bin'"
            })
    void shouldLeaveAllElseAlone(String process) throws IOException {
        assertEquals(Optional.empty(), choose(process, ""));
    }

    @Test
    void shouldHonourAnnotations() throws IOException {
        String binary = quoted("binary", "/old") + "," + quoted("hypervisor", "hvt");
        assertEquals(
                Optional.of(new GuestChoice("/old", List.of("a"))), choose("'args':['a']", binary));
        assertEquals(
                Optional.of(new GuestChoice("/old", List.of("x y"))),
                choose("'args':['a']", binary + "," + quoted("cmdline", "x y")));
    }

    @Test
    void shouldDecodeAnnotationsThatCameFromAnImage() throws IOException {
        String encoded =
                quoted("binary", encoded("/old"))
                        + ","
                        + quoted("hypervisor", encoded("hvt"))
                        + ","
                        + quoted("cmdline", encoded("x y"));
        assertEquals(
                Optional.of(new GuestChoice("/old", List.of("x y"))),
                choose("'args':['a']", encoded));
    }

    @Test
    void shouldGiveTheGuestWhatFollowsItsName() throws IOException {
        String binary = quoted("binary", "/old") + "," + quoted("cmdline", "x y");
        assertEquals(
                Optional.of(new GuestChoice("/old", List.of("a"))),
                choose("'args':['/old','a']", binary));
    }

    @Test
    void shouldRefuseAnnotationsOfAnotherMonitorOrPlace() {
        assertRefused(
                quoted("binary", "/old") + "," + quoted("hypervisor", "qemu"),
                "annotation com.urunc.unikernel.hypervisor is 'qemu', but jukvm runs guests of"
                        + " 'hvt' only");
        assertRefused(
                quoted("binary", "/out"),
                "/out: annotation com.urunc.unikernel.binary names no file of the image");
    }

    private void assertRefused(String annotations, String message) {
        ConfigException e =
                assertThrows(ConfigException.class, () -> choose("'args':['a']", annotations));
        assertEquals(message, e.getMessage());
    }

    private void write(String document) throws IOException {
        Files.writeString(root.resolve("urunc.json"), document);
    }

    private static String encoded(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadTheAnnotationsOfAnImage() throws IOException {
        write("{" + quoted("binary", encoded("bin/hello")).replace('\'', '"') + "}");
        assertEquals(
                Optional.of(new GuestChoice("/bin/hello", List.of())), choose("'args':[]", ""));
        assertEquals(
                Optional.of(new GuestChoice("/old", List.of())),
                choose("'args':[]", quoted("binary", "/old")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "{\"com.urunc.unikernel.binary\":\"%\"}",
                "{\"com.urunc.unikernel.binary\":\"/w==\"}"
            })
    void shouldRefuseDamagedAnnotationsOfAnImage(String document) throws IOException {
        write(document);
        ConfigException e =
                assertThrows(ConfigException.class, () -> choose("'args':['/bin/hello']", ""));
        assertTrue(e.getMessage().startsWith("/urunc.json: "), e.getMessage());
    }

    @Test
    void shouldRefuseAnnotationsOfAnImageThatAreTooLong() throws IOException {
        write("{}" + " ".repeat(1 << 16));
        assertThrows(ConfigException.class, () -> choose("'args':[]", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'args':['/web.snap']", "'args':['web.snap'],'env':['PATH=/']"})
    void shouldSayThatASnapshotIsNone(String process) throws IOException {
        Files.writeString(root.resolve("web.snap"), "JUKVMSNP" + "\0".repeat(4088));
        assertSnapshotRefused(process, "");
        assertSnapshotRefused("'args':[]", quoted("binary", "/web.snap"));
    }

    private void assertSnapshotRefused(String process, String annotations) {
        ConfigException e = assertThrows(ConfigException.class, () -> choose(process, annotations));
        assertEquals(
                "/web.snap: is a snapshot, and a container's guest begins at its image; jukvm run"
                        + " goes on from it",
                e.getMessage());
    }
}
