package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.error.HostException;
import jukvm.host.Sync;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the host has is opened with the rights of who asked, not with this process's. */
class CallersDevicesTest {
    @TempDir private Path dir = Path.of("");

    private final RefusingCaller caller = new RefusingCaller();

    private static void assertRefused(String message, Executable open) {
        assertEquals(message, assertThrows(HostException.class, open).getMessage());
    }

    @Test
    void shouldOpenADiskThroughTheCaller() throws Exception {
        String path = Files.createFile(dir.resolve("disk")).toString();
        String refused = path + ": open: EACCES (Permission denied)";
        assertRefused(refused, () -> FileDisk.open(caller, path, 512, Sync.NONE).close());
        assertRefused(refused, () -> FileDisk.openReadOnly(caller, path, 512).close());
        assertEquals(List.of(path, path, path, path), caller.opened());
    }

    @Test
    void shouldAttachAnInterfaceThroughTheCaller() {
        assertRefused(
                "tap0: socket: EACCES (Permission denied)",
                () -> TapDevice.open(caller, "tap0", Frames.A).close());
        assertRefused(
                "@7: inherit: EACCES (Permission denied)",
                () -> TapDevice.adopt(caller, 7, Frames.A).close());
    }
}
