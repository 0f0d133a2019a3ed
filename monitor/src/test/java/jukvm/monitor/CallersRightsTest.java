package jukvm.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.image.GuestImage;
import jukvm.io.Requester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run names is opened with the rights of who asked, not with this process's. */
class CallersRightsTest {
    private static final int EACCES = 13;

    @TempDir private Path dir = Path.of("");

    private final List<String> opened = new ArrayList<>();
    private final Requester caller = new RefusingCaller();

    private final class RefusingCaller implements Requester {
        @Override
        public int open(String path, int flags, int mode) {
            opened.add(path);
            return -EACCES;
        }

        @Override
        public int socket(int domain, int type) {
            return -EACCES;
        }

        @Override
        public int inherited(int number) {
            return -EACCES;
        }

        @Override
        public void giveBack(int fd) {}

        @Override
        public int ioctl(int fd, long request, ByteBuffer argument) {
            return -EACCES;
        }
    }

    @Test
    void shouldReadAnImageThroughTheCaller() throws Exception {
        Path path = Files.createFile(dir.resolve("guest.hvt"));
        ImageException e =
                assertThrows(ImageException.class, () -> GuestImage.read(caller, path.toString()));
        assertEquals(path + ": cannot open: EACCES (Permission denied)", e.getMessage());
        assertTrue(e.isUnreadable());
        assertEquals(List.of(path.toString()), opened);
    }

    @Test
    void shouldTellACallerWithoutAccessWhatToDo() {
        HostException e = assertThrows(HostException.class, () -> Monitor.requireAccess(caller));
        assertEquals(
                "/dev/kvm: open: EACCES (Permission denied). Add this user to the group of"
                        + " /dev/kvm: sudo usermod -aG kvm $USER, then log in again.",
                e.getMessage());
        assertEquals(List.of("/dev/kvm"), opened);
    }
}
