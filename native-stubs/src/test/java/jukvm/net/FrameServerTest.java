package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.io.Requester;
import jukvm.libc.Libc;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameServerTest {
    private static final Requester SELF = Requester.self();

    private final ByteBuffer into = ByteBuffer.allocateDirect(1518);
    private OpenFiles open = OpenFiles.now();
    private Path path = Path.of("");

    @BeforeEach
    void makeFolder() throws Exception {
        path = Files.createTempDirectory("s").resolve("net");
        Files.delete(Files.writeString(path, "")); // The JDK keeps a socket from its first on.
        open = OpenFiles.now(OpenFiles.SOCKET, OpenFiles.ANONYMOUS);
    }

    @AfterEach
    void removeFolder() throws Exception {
        open.assertNothingMore();
        Files.deleteIfExists(path);
        Files.delete(path.resolveSibling(""));
    }

    private FrameChannel listen() {
        return FrameSocket.listen(SELF, path.toString());
    }

    private FrameChannel connect() {
        return FrameSocket.connect(SELF, path.toString());
    }

    private static ByteBuffer frame(int mark) {
        return ByteBuffer.allocateDirect(60).put(0, (byte) mark);
    }

    private static boolean isReadable(FrameChannel channel) {
        try (Poller poller = new Poller()) {
            poller.watch(0, channel);
            return poller.await(1) != 0;
        }
    }

    private int read(FrameChannel channel) {
        return channel.read(into.clear()) ? into.get(0) : -1;
    }

    @Test
    void shouldServeOnePeerAfterAnother() {
        try (FrameChannel server = listen()) {
            assertFalse(isReadable(server));
            assertFalse(server.write(frame(1)), "nobody is there");
            for (int i = 0; i < 3; i++) {
                try (FrameChannel peer = connect()) {
                    assertTrue(isReadable(server));
                    assertEquals(-1, read(server));
                    assertFalse(isReadable(server));
                    assertTrue(server.write(frame(5)));
                    assertEquals(5, read(peer));
                    assertTrue(peer.write(frame(6)));
                    assertTrue(isReadable(server));
                    assertEquals(6, read(server));
                    assertFalse(isReadable(server));
                }
                assertTrue(isReadable(server));
                assertEquals(-1, read(server));
                assertFalse(isReadable(server));
            }
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldCutOffAPeerThatBreaksTheFraming() {
        try (FrameChannel server = listen();
                FrameChannel next = connect()) {
            assertTrue(next.write(frame(7)));
            assertEquals(7, read(server));
            try (FrameChannel after = connect()) {
                assertTrue(after.write(frame(8)));
                assertEquals(-1, read(server), "one at a time");
                // The shortest frame is a header: this one the peer would not send.
                ByteBuffer broken = ByteBuffer.allocateDirect(13);
                assertTrue(next.write(broken));
                assertEquals(-1, read(server));
                assertThrows(HostException.class, () -> next.read(into.clear()));
                assertEquals(8, read(server));
            }
        }
    }

    @Test
    void shouldReplaceASocketThatIsLeft() throws Exception {
        listen().close();
        int left = SELF.listen(path.toString());
        Libc.get().close(left);
        assertTrue(Files.exists(path));
        try (FrameChannel server = listen();
                FrameChannel peer = connect()) {
            assertTrue(peer.write(frame(3)));
            assertEquals(3, read(server));
        }
    }

    @Test
    void shouldLeaveAloneWhatIsAnothers() throws Exception {
        try (FrameChannel server = listen()) {
            HostException e = assertThrows(HostException.class, this::listen);
            assertEquals(
                    path
                            + ": bind: EADDRINUSE (Address already in use). Another process waits"
                            + " there, or it is no socket; name another path.",
                    e.getMessage());
            Files.delete(path);
            Files.writeString(path, "mine");
            assertEquals(-1, read(server));
        }
        assertThrows(HostException.class, this::listen);
        assertArrayEquals(new byte[] {'m', 'i', 'n', 'e'}, Files.readAllBytes(path));
    }

    @Test
    void shouldSayWhyItCannotConnect() throws Exception {
        HostException e = assertThrows(HostException.class, this::connect);
        assertEquals(
                path
                        + ": connect: ENOENT (No such file or directory). Start what is to wait"
                        + " there first",
                e.getMessage());
        Files.createFile(path);
        e = assertThrows(HostException.class, this::connect);
        assertTrue(e.getMessage().contains("ECONNREFUSED"), e.getMessage());
        String tooLong = "x".repeat(108);
        for (String none : new String[] {"", tooLong, "a\0b"}) {
            assertThrows(ConfigException.class, () -> FrameSocket.connect(SELF, none));
            assertThrows(ConfigException.class, () -> FrameSocket.listen(SELF, none));
        }
    }
}
