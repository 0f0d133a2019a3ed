package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountPointsTest {
    @TempDir Path folder;

    private Path root() {
        return folder.resolve("root");
    }

    private List<String> make(String mounts) throws IOException {
        Path root = Files.createDirectory(root());
        String config = "{'mounts':[" + mounts + "]}";
        byte[] text = config.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        MountPoints.make(root, JsonObject.read(text).objects("mounts"));
        try (Stream<Path> files = Files.walk(root)) {
            return files.skip(1).map(file -> root.relativize(file).toString()).sorted().toList();
        }
    }

    @Test
    void shouldMakeWhatIsInNoOtherMount() throws IOException {
        List<String> made =
                make(
                        "{'destination':'/dev','type':'tmpfs','source':'tmpfs'},"
                                + "{'destination':'/dev/pts','type':'devpts'},"
                                + "{'destination':'/image','type':'bind','source':'/usr'},"
                                + "{'destination':'/image/data','type':'bind','source':'/usr'},"
                                + "{'destination':'/a/b','type':'bind','source':'/usr'}");
        assertEquals(List.of("a", "a/b", "dev", "image"), made);
        assertEquals(
                PosixFilePermissions.fromString("rwxr-xr-x"),
                Files.getPosixFilePermissions(root().resolve("a")));
    }

    @Test
    void shouldMakeAFileForAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        String mount = "{'destination':'/etc/resolv.conf','type':'bind','source':'" + file + "'}";
        assertEquals(List.of("etc", "etc/resolv.conf"), make(mount + "," + mount));
        assertTrue(Files.isRegularFile(root().resolve("etc/resolv.conf")));
    }

    @Test
    void shouldMakeNothingOutside() throws IOException {
        String mount = "{'destination':'/x/../../outside','type':'bind','source':'/usr'}";
        assertEquals(List.of(), make(mount));
        assertTrue(Files.notExists(folder.resolve("outside")));
    }
}
