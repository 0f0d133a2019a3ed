package jukvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import jukvm.daemon.Client.Request;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.SocketMessage;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients send is checked, and what came with it is closed. */
class ClientTest {
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

    /** Has a peer send something; returns what the daemon makes of it. */
    private Optional<ClientRequest> hello(UnaryOperator<Peer> change, int files) {
        int[] fds = new int[files];
        Arrays.fill(fds, file.number());
        try (Peer peer = Peer.connect(path)) {
            assertTrue(change.apply(peer).send(fds) > 0);
            try (Client client = listener.accept(room).orElseThrow()) {
                return client.request() == Request.RUN ? client.hello() : Optional.empty();
            }
        }
    }

    private static UnaryOperator<Peer> with(int offset, int value) {
        return peer -> {
            peer.hello("jukvm", "run", "x").at().putInt(offset, value);
            return peer;
        };
    }

    @Test
    void shouldReadAHello() {
        ClientRequest hello =
                hello(peer -> peer.hello("jukvm", "run", "\u00e9", ""), 3).orElseThrow();
        Build build = new Build(1, 2, 3, 4);
        assertEquals(new ClientRequest(build, 17, "jukvm", List.of("run", "\u00e9", "")), hello);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 5})
    void shouldRefuseAnotherNumberOfDescriptors(int count) {
        assertEquals(Optional.empty(), hello(peer -> peer.hello("jukvm", "run", "x"), count));
    }

    @Test
    void shouldTakeWhatWasOpenedInAdvance() {
        assertTrue(hello(with(DaemonProtocol.KVM, 0), 4).isPresent());
        assertTrue(hello(with(DaemonProtocol.GUEST_WORD, 2), 3).isPresent());
        assertFalse(hello(with(DaemonProtocol.KVM, 0), 3).isPresent());
        assertFalse(hello(with(DaemonProtocol.KVM, 0), 5).isPresent());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 3, Integer.MAX_VALUE})
    void shouldRefuseAGuestThatIsNoWord(int word) {
        assertFalse(hello(with(DaemonProtocol.GUEST_WORD, word), 3).isPresent());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, -1, Integer.MAX_VALUE})
    void shouldRefuseAnotherNumberOfWords(int words) {
        assertFalse(hello(with(DaemonProtocol.WORDS, words), 3).isPresent());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 48, 63, 64, 65, 72})
    void shouldRefuseAHelloThatIsCutOff(int length) {
        UnaryOperator<Peer> cut =
                peer -> {
                    peer.hello("jukvm", "run", "x").at().position(length);
                    return peer;
                };
        assertEquals(Optional.empty(), hello(cut, 3));
    }

    @Test
    void shouldRefuseAHelloOfNoWords() {
        assertEquals(Optional.empty(), hello(Peer::hello, 3));
    }

    // A message of this kind is longer than any may be; the rest of it is lost.
    @Test
    void shouldTakeTheLongestHello() {
        String word = "x".repeat(DaemonProtocol.LONGEST_HELLO - DaemonProtocol.WORDS_FROM - 1);
        assertEquals(word, hello(peer -> peer.hello(word), 3).orElseThrow().name());
    }

    @Test
    void shouldKnowRequestsAndOthers() {
        assertEquals(Request.STATUS, request(peer -> peer.kind(DaemonProtocol.STATUS)));
        assertEquals(Request.STOP, request(peer -> peer.kind(DaemonProtocol.STOP)));
        assertEquals(Request.RETIRE, request(peer -> peer.kind(DaemonProtocol.RETIRE)));
        assertEquals(Request.UNKNOWN, request(peer -> peer.kind(DaemonProtocol.HELLO + 1)));
        assertEquals(Request.NOTHING, request(peer -> peer.kind(DaemonProtocol.HELLO)));
        assertEquals(
                Request.NOTHING,
                request(
                        peer -> {
                            peer.at().clear().put((byte) 1);
                            return peer;
                        }));
    }

    private Request request(UnaryOperator<Peer> change) {
        try (Peer peer = Peer.connect(path)) {
            change.apply(peer).send();
            try (Client client = listener.accept(room).orElseThrow()) {
                return client.request();
            }
        }
    }

    @Test
    void shouldAskTheClientToOpen() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.answer(9).send(file.number());
            int fd = client.open("some/file", Libc.O_RDWR, 0600);
            assertTrue(fd > file.number(), "a descriptor of its own: " + fd);
            assertEquals(0, Libc.get().close(fd));
            assertEquals(DaemonProtocol.OPEN, peer.receive());
            assertEquals(Libc.O_RDWR, peer.at().getInt(DaemonProtocol.A));
            assertEquals(0600, peer.at().getInt(DaemonProtocol.B));
            byte[] text = new byte["some/file".length() + 1];
            peer.at().get(DaemonProtocol.TEXT, text);
            assertEquals("some/file\0", new String(text, UTF_8));
            peer.answer(-Errno.EACCES).send();
            assertEquals(-Errno.EACCES, client.open("n\udcff", 0, 0));
            peer.receive();
            assertEquals((byte) 0xff, peer.at().get(DaemonProtocol.TEXT + 1));
            assertEquals(-Errno.EINVAL, client.open("a\0b", 0, 0));
            assertEquals(-Errno.ENAMETOOLONG, client.open("x".repeat(4096), 0, 0));
        }
    }

    @Test
    void shouldNoteASignalWhileItAsks() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.kind(DaemonProtocol.SIGNAL).send(file.number());
            peer.answer(0).send(file.number());
            int fd = client.socket(Libc.AF_INET, Libc.SOCK_DGRAM);
            assertEquals(0, Libc.get().close(fd));
            assertTrue(client.isSignalled());
            assertFalse(client.isGone());
        }
    }

    @Test
    void shouldAskForAProgramWithItsDescriptors() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.answer(0).send(file.number());
            int fd = client.start(List.of("a", "b c"), file.number(), file.number());
            assertEquals(0, Libc.get().close(fd));
            assertEquals(DaemonProtocol.START, peer.receive());
            assertEquals(2, peer.at().getInt(DaemonProtocol.A));
            byte[] words = new byte[6];
            peer.at().get(DaemonProtocol.TEXT, words);
            assertEquals("a\0b c\0", new String(words, UTF_8));
            int[] given = peer.message.descriptors();
            assertEquals(2, given.length);
            for (int each : given) {
                assertEquals(0, Libc.get().close(each));
            }
            List<String> endless = List.of("x".repeat(4096));
            assertEquals(-Errno.E2BIG, client.start(endless, file.number(), file.number()));
        }
    }

    @Test
    void shouldAskForSocketsAtAPath() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.answer(-Errno.ECONNREFUSED).send();
            assertEquals(-Errno.ECONNREFUSED, client.connect("a"));
            peer.answer(0).send(file.number());
            assertEquals(0, Libc.get().close(client.listen("b")));
            peer.answer(0).send();
            assertEquals(0, client.unlink("c"));
            assertFalse(client.isGone());
            assertEquals(DaemonProtocol.CONNECT, peer.receive());
            assertEquals(DaemonProtocol.LISTEN, peer.receive());
            assertEquals(DaemonProtocol.UNLINK, peer.receive());
        }
    }

    // No descriptor or two of them, none where one is wanted, another kind, another length.
    @Test
    void shouldTakeAWrongAnswerForItsEnd() {
        assertGone(peer -> peer.answer(0), 0);
        assertGone(peer -> peer.answer(0), 2);
        assertGone(peer -> peer.kind(DaemonProtocol.ANSWER), 1);
        assertGone(peer -> peer.kind(DaemonProtocol.HELLO), 1);
        assertGone(
                peer -> {
                    peer.at().clear().put((byte) DaemonProtocol.ANSWER);
                    return peer;
                },
                1);
    }

    private void assertGone(UnaryOperator<Peer> change, int files) {
        int[] fds = new int[files];
        Arrays.fill(fds, file.number());
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            change.apply(peer).send(fds);
            assertEquals(-Errno.EPIPE, client.inherited(7));
            assertTrue(client.isGone());
        }
    }

    @Test
    void shouldFailAllThatIsAskedOfAClientThatIsGone() {
        try (Client client = connectAndLeave()) {
            assertEquals(-Errno.EPIPE, client.open("x", 0, 0));
            assertEquals(-Errno.EPIPE, client.ioctl(0, 1, ByteBuffer.allocateDirect(48)));
            client.goCold();
            client.end(0);
            assertTrue(client.isGone());
        }
    }

    private Client connectAndLeave() {
        Peer peer = Peer.connect(path);
        Client client = listener.accept(room).orElseThrow();
        peer.close();
        return client;
    }

    @Test
    void shouldSeeThatAClientHasGivenUp() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.hello("jukvm", "run", "x").send(file.number(), file.number(), file.number());
            assertEquals(Request.RUN, client.request());
            assertTrue(client.waits());
            peer.endSending();
            assertFalse(client.waits());
            client.goCold();
            assertEquals(DaemonProtocol.GO_COLD, peer.receive());
        }
    }

    @Test
    void shouldTellAllWhoWaitThatItListensNoMore() {
        try (Peer first = Peer.connect(path);
                Peer second = Peer.connect(path)) {
            listener.close();
            assertEquals(0, first.receive());
            assertEquals(0, second.receive());
            assertEquals(Optional.empty(), listener.accept(room));
        }
    }

    // Their numbers would be those of others' files by then.
    @Test
    void shouldHaveNoDescriptorsOfTheMessageBefore() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            peer.kind(DaemonProtocol.SIGNAL).send(file.number(), file.number());
            SocketMessage message = room.message();
            assertEquals(8, message.receive(client.socketFd()));
            int[] first = message.descriptors();
            assertEquals(2, first.length);
            for (int fd : first) {
                assertEquals(0, Libc.get().close(fd));
            }
            assertEquals(-Errno.EAGAIN, message.receiveNow(client.socketFd()));
            assertEquals(0, message.descriptors().length);
            peer.kind(DaemonProtocol.SIGNAL).send();
            assertEquals(8, message.receive(client.socketFd()));
            assertEquals(0, message.descriptors().length);
        }
    }
}
