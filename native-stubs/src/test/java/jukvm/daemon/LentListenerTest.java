package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import jukvm.error.ConfigException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A socket that a service manager lends is used, checked, and left as it was. */
class LentListenerTest {
    private static final Libc LIBC = Libc.get();
    private static final int BACKLOG = 8;
    private static final int SECONDS = 5;

    private Path path = Path.of("");
    private Fd managers;

    @BeforeEach
    void listen() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        managers = bound(Libc.SOCK_NONBLOCK);
        assertEquals(0, LIBC.syscall(Libc.SYS_LISTEN, managers.number(), BACKLOG, 0, 0, 0));
    }

    @AfterEach
    void close() throws Exception {
        managers.close();
        Files.delete(path);
        Files.delete(path.resolveSibling(""));
    }

    private Fd bound(int flags) {
        Fd socket = SocketAddress.socket("lent");
        LIBC.fcntl(socket.number(), Libc.F_SETFL, flags);
        try (SocketAddress address = new SocketAddress(path)) {
            address.bind(socket);
        }
        return socket;
    }

    private static int copy(Fd fd) {
        return LIBC.fcntl(fd.number(), Libc.F_DUPFD_CLOEXEC, 0);
    }

    private void assertServes(ClientListener listener) {
        try (MessageBuffer room = new MessageBuffer();
                Peer peer = Peer.connect(path)) {
            assertTrue(peer.kind(DaemonProtocol.STATUS).send() > 0);
            try (Client client = listener.accept(room).orElseThrow()) {
                assertEquals(Client.Request.STATUS, client.request());
            }
        }
    }

    @Test
    void shouldServeClientsByIt() {
        ClientListener listener = ClientListener.lent(path, copy(managers), SECONDS);
        assertTrue(listener.isLent());
        assertServes(listener);
    }

    @Test
    void shouldServeThoseWhoCameBefore() {
        try (MessageBuffer room = new MessageBuffer();
                Peer early = Peer.connect(path)) {
            assertTrue(early.kind(DaemonProtocol.STATUS).send() > 0);
            ClientListener listener = ClientListener.lent(path, copy(managers), SECONDS);
            try (Client client = listener.accept(room).orElseThrow()) {
                assertEquals(Client.Request.STATUS, client.request());
            }
        }
    }

    @Test
    void shouldLeaveItToTheNextProcess() {
        ClientListener.lent(path, copy(managers), SECONDS).close();
        ClientListener next = ClientListener.lent(path, copy(managers), SECONDS);
        assertServes(next);
        next.close();
        assertServes(next); // To be told that there is no daemon.
    }

    @Test
    void shouldRefuseASocketThatIsElsewhere() {
        Path other = path.resolveSibling("other");
        int lent = copy(managers);
        ConfigException e =
                assertThrows(
                        ConfigException.class, () -> ClientListener.lent(other, lent, SECONDS));
        assertEquals(
                "descriptor "
                        + lent
                        + ", from LISTEN_FDS, is no socket that listens for daemon clients at "
                        + other
                        + "; it must be of type SOCK_SEQPACKET, there",
                e.getMessage());
        LIBC.close(lent);
    }

    @Test
    void shouldRefuseOneThatDoesNotListen() throws Exception {
        Files.delete(path);
        try (Fd socket = bound(0)) {
            int fd = socket.number();
            assertThrows(ConfigException.class, () -> ClientListener.lent(path, fd, SECONDS));
        }
    }

    @Test
    void shouldRefuseWhatIsNoSocket() {
        try (Fd file = Fd.open("/dev/null", Libc.O_RDWR)) {
            int fd = file.number();
            assertThrows(ConfigException.class, () -> ClientListener.lent(path, fd, SECONDS));
        }
        assertThrows(ConfigException.class, () -> ClientListener.lent(path, 1 << 20, SECONDS));
    }

    @Test
    void shouldTakeWhatIsLentToThisProcessAlone() {
        Map<String, String> environment = Map.of("LISTEN_FDS", "1", "LISTEN_PID", "7");
        assertEquals(OptionalInt.of(3), ClientListener.lent(environment, 7));
        assertEquals(OptionalInt.empty(), ClientListener.lent(environment, 8));
        assertEquals(OptionalInt.empty(), ClientListener.lent(Map.of("LISTEN_FDS", "1"), 7));
        assertEquals(OptionalInt.empty(), ClientListener.lent(Map.of("LISTEN_PID", "7"), 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2", "-1", "", "one", "1\n"})
    void shouldRefuseAnotherCount(String count) {
        Map<String, String> environment = Map.of("LISTEN_FDS", count, "LISTEN_PID", "7");
        ConfigException e =
                assertThrows(ConfigException.class, () -> ClientListener.lent(environment, 7));
        assertTrue(e.getMessage().endsWith("', need 1: the socket of the daemon"));
    }
}
