package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import jukvm.daemon.Client.Request;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The connection that a container's process was left is good for its one guest, and no more. */
class KeptClientTest {
    // Of the least messages, fewer than a socket has room for.
    private static final int MANY = 220;

    private Path path = Path.of("");
    private ClientListener listener;
    private MessageBuffer room;
    private Fd file;
    private OpenFiles open = OpenFiles.now();

    @BeforeEach
    void listen() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        listener = ClientListener.open(path, 5);
        room = new MessageBuffer();
        file = Fd.event("file");
        open = OpenFiles.now(OpenFiles.SOCKET, OpenFiles.ANONYMOUS);
    }

    @AfterEach
    void close() throws Exception {
        open.assertNothingMore();
        file.close();
        room.close();
        listener.close();
        Files.delete(path);
        Files.delete(path.resolveSibling(""));
    }

    private int[] files(int count) {
        int[] fds = new int[count];
        Arrays.fill(fds, file.number());
        return fds;
    }

    /** Has a container runtime say hello, and then whoever has its connection something. */
    private void kept(Consumer<Peer> says, BiConsumer<Peer, Optional<Client>> then) {
        try (Peer peer = Peer.connect(path)) {
            peer.hello("jukvm-runtime", "/bundle").send(files(3));
            try (Client runtime = listener.accept(room).orElseThrow()) {
                assertEquals(Request.RUN, runtime.request());
                assertTrue(runtime.hello().isPresent());
                says.accept(peer);
                Optional<Client> entered = runtime.keep(() -> false);
                then.accept(peer, entered);
                entered.ifPresent(Client::close);
            }
        }
    }

    @Test
    void shouldGoOnByASocketOfItsOwnWithTheProcessThatEnters() {
        kept(
                peer -> {
                    SocketAddress.tellSenders(peer.socket); // As the other end does before.
                    peer.kind(DaemonProtocol.ENTER).send(files(3));
                },
                (peer, entered) -> {
                    assertEquals(DaemonProtocol.KEPT, peer.receive());
                    assertEquals(DaemonProtocol.ENTERED, peer.receive());
                    int own = peer.message.descriptors()[0];
                    try (Peer container = Peer.of(Fd.of(own, "own", "receive"))) {
                        assertAnswers(entered.orElseThrow(), container);
                    }
                });
    }

    private void assertAnswers(Client client, Peer container) {
        assertTrue(client.isCharged());
        assertEquals(ProcessHandle.current().pid(), client.process());
        container.answer(0).send();
        assertEquals(0, client.fill(file.number(), 1 << 20));
        assertEquals(DaemonProtocol.FILL, container.receive());
        assertEquals(1 << 20, container.at().getLong(DaemonProtocol.REQUEST));
        int[] given = container.message.descriptors();
        assertEquals(1, given.length);
        assertEquals(0, Libc.get().close(given[0]));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 0",
        "3, 0",
        "4, 0",
        "5, 0",
        "6, 0",
        "6, 1",
        "6, 3",
        "6, 5",
        "7, 0",
        "7, 2",
        "7, 4",
        "7, 6",
        "1, 3",
        "2, 3",
        "3, 3",
        "4, 3",
        "5, 3",
        "28, 3",
        "1785397249, 3",
        "1785397249, 5",
        "0, 0",
        "-1, 5"
    })
    void shouldTakeNothingElse(int kind, int count) {
        kept(
                peer -> peer.kind(kind).send(files(count)),
                (peer, entered) -> assertEquals(Optional.empty(), entered));
    }

    @Test
    void shouldNotWaitForOneThatWillNotCome() {
        kept(Peer::endSending, (peer, entered) -> assertEquals(Optional.empty(), entered));
        try (Peer peer = Peer.connect(path);
                Client runtime = listener.accept(room).orElseThrow()) {
            assertEquals(Optional.empty(), runtime.keep(() -> true));
            assertEquals(DaemonProtocol.KEPT, peer.receive());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldFindThatWhoEnteredIsGone(int questions) {
        kept(
                peer -> peer.kind(DaemonProtocol.ENTER).send(files(3)),
                (peer, entered) -> {
                    peer.close(); // With the other end of the socket, which it has not looked at.
                    Client client = entered.orElseThrow();
                    assertEquals(0, client.process());
                    for (int i = 0; i < questions; i++) {
                        assertEquals(-Errno.EPIPE, client.open("x", 0, 0));
                    }
                    assertTrue(client.isGone());
                    assertFalse(client.waits());
                });
    }

    // Who is limited in what it may use would have this process use it in its place.
    @Test
    void shouldNotListenForEverInsteadOfBeingAnswered() {
        kept(
                peer -> peer.kind(DaemonProtocol.ENTER).send(files(3)),
                (peer, entered) -> {
                    assertEquals(DaemonProtocol.KEPT, peer.receive());
                    assertEquals(DaemonProtocol.ENTERED, peer.receive());
                    int own = peer.message.descriptors()[0];
                    try (Peer container = Peer.of(Fd.of(own, "own", "receive"))) {
                        for (int i = 0; i < MANY; i++) {
                            container.notice(DaemonProtocol.SIGCONT).send();
                        }
                        assertEquals(-Errno.EPIPE, entered.orElseThrow().open("x", 0, 0));
                        assertFalse(entered.orElseThrow().waits());
                    }
                });
    }
}
