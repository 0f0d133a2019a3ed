package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonFolderTest {
    private static final int NOBODY = 65534;

    @TempDir private Path runtime;
    private Path place;

    @BeforeEach
    void name() {
        place = runtime.resolve("jukvm");
    }

    private void assertRefused(String reason) {
        ConfigException made = assertThrows(ConfigException.class, () -> DaemonFolder.make(place));
        assertTrue(made.getMessage().contains(reason), made.getMessage());
        ConfigException found = assertThrows(ConfigException.class, () -> DaemonFolder.find(place));
        assertEquals(made.getMessage(), found.getMessage());
    }

    private static void giveAway(Path file) throws Exception {
        Assumptions.assumeTrue(ClientListener.user() == 0, "only root can give files away");
        Files.setAttribute(file, "unix:uid", NOBODY);
    }

    private static void mode(Path file, String permissions) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void shouldMakeAFolderThatNobodyElseCanEnter() throws Exception {
        assertEquals(Optional.empty(), DaemonFolder.find(place));
        DaemonFolder.make(place).close();
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(place)));
        DaemonFolder.find(place).orElseThrow().close();
        mode(place, "rwxr-x---");
        assertRefused("can be entered by others (mode 750)");
    }

    @Test
    void shouldFollowNoLink() throws Exception {
        Path real = Files.createDirectory(runtime.resolve("real"));
        mode(real, "rwx------");
        Files.createSymbolicLink(place, real);
        assertRefused("is not a folder of user");
        Files.delete(place);
        Files.createFile(place);
        assertRefused("is not a folder of user");
    }

    @Test
    void shouldTrustNoFolderOfAnother() throws Exception {
        DaemonFolder.make(place).close();
        giveAway(place);
        assertRefused("is not a folder of user 0, but of user " + NOBODY);
    }

    // Where it could be put in place of ours at any time.
    @Test
    void shouldTrustNothingInAFolderOfAnother() throws Exception {
        DaemonFolder.make(place).close();
        giveAway(runtime);
        assertRefused(runtime + ": is a folder of user " + NOBODY);
    }

    @Test
    void shouldBeOneDaemons() throws Exception {
        try (DaemonFolder folder = DaemonFolder.make(place)) {
            assertFalse(folder.isLocked());
        }
        try (DaemonFolder first = DaemonFolder.make(place)) {
            assertTrue(first.lock());
            try (DaemonFolder third = DaemonFolder.make(place)) {
                assertTrue(third.isLocked());
                assertFalse(third.lock());
            }
        }
        try (DaemonFolder next = DaemonFolder.make(place)) {
            assertTrue(next.lock());
        }
    }

    @Test
    void shouldSeeThatItsSocketIsGoneOrAnother() throws Exception {
        try (DaemonFolder folder = DaemonFolder.make(place)) {
            Path socket = Files.createFile(place.resolve("daemon"));
            assertFalse(folder.isInPlace(), "not noted yet");
            folder.noteSocket();
            assertTrue(folder.isInPlace());
            Files.move(socket, place.resolve("old"));
            assertFalse(folder.isInPlace());
            Files.createFile(socket);
            assertFalse(folder.isInPlace());
            Files.delete(socket);
            Files.move(place.resolve("old"), socket);
            assertTrue(folder.isInPlace());
            folder.removeSocket();
            folder.removeSocket();
            assertFalse(Files.exists(socket));
            assertThrows(HostException.class, folder::noteSocket);
        }
    }

    @Test
    void shouldSeeThatItIsGoneOrAnother() throws Exception {
        try (DaemonFolder folder = DaemonFolder.make(place)) {
            Files.createFile(place.resolve("daemon"));
            folder.noteSocket();
            Path moved = runtime.resolve("moved");
            Files.move(place, moved);
            assertFalse(folder.isInPlace());
            DaemonFolder.make(place).close();
            Files.createFile(place.resolve("daemon"));
            assertFalse(folder.isInPlace());
            // Of the other nothing is removed.
            folder.removeSocket();
            assertTrue(Files.exists(place.resolve("daemon")));
            assertFalse(Files.exists(moved.resolve("daemon")));
        }
    }

    @Test
    void shouldNotWriteItsLogThroughALink() throws Exception {
        Path victim = Files.writeString(runtime.resolve("victim"), "precious");
        try (DaemonFolder folder = DaemonFolder.make(place)) {
            Path log = Files.createSymbolicLink(place.resolve("daemon.log"), victim);
            assertThrows(HostException.class, folder::openLog);
            Files.delete(log);
            assertEquals(0, new ProcessBuilder("mkfifo", log.toString()).start().waitFor());
            assertThrows(ConfigException.class, folder::openLog);
            Files.delete(log);
            try (DaemonFolder.Log opened = folder.openLog()) {
                Files.writeString(opened.path(), "said");
            }
            assertEquals("said", Files.readString(log));
        }
        assertEquals("precious", Files.readString(victim));
    }
}
