package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import jukvm.daemon.Client.Request;
import jukvm.error.HostException;
import jukvm.kvm.Kvm;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends with whatever message, the daemon keeps none of it. */
class HostileClientTest {
    private static final Libc LIBC = Libc.get();

    private Path path = Path.of("");
    private ClientListener listener;
    private MessageBuffer room;
    private Fd reader;
    private Fd writer;

    @BeforeEach
    void listen() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        listener = ClientListener.open(path, 5);
        room = new MessageBuffer();
        try (Mapping arena = Mapping.anonymous(8)) {
            int flags = Libc.O_CLOEXEC | Libc.O_NONBLOCK;
            assertEquals(0, LIBC.syscall(Libc.SYS_PIPE2, arena.address(), flags, 0, 0, 0));
            ByteBuffer at = arena.window(0, 8);
            reader = Fd.of(at.getInt(0), "reader", "pipe2");
            writer = Fd.of(at.getInt(4), "writer", "pipe2");
        }
    }

    // A pipe ends when nobody has its other end any more, here or on the way.
    @AfterEach
    void close() throws Exception {
        writer.close();
        try (Mapping arena = Mapping.anonymous(8)) {
            assertEquals(0, LIBC.read(reader.number(), arena.address(), 1), "somebody has it");
        }
        reader.close();
        room.close();
        listener.close();
        Files.delete(path);
        Files.delete(path.resolveSibling(""));
    }

    private int[] writers(int count) {
        int[] fds = new int[count];
        Arrays.fill(fds, writer.number());
        return fds;
    }

    private void served(Peer peer, Consumer<Client> by) {
        try (Client client = listener.accept(room).orElseThrow()) {
            by.accept(client);
        } finally {
            peer.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void shouldCloseWhatComesWithAnError(int count) {
        Peer peer = Peer.connect(path);
        peer.answer(-Errno.EACCES).send(writers(count));
        served(peer, client -> assertTrue(client.open("x", 0, 0) < 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldCloseWhatComesWithoutBeingAskedFor(int result) {
        Peer peer = Peer.connect(path);
        peer.answer(result).send(writers(3));
        ByteBuffer argument = ByteBuffer.allocateDirect(48);
        served(peer, client -> assertEquals(-Errno.EPIPE, client.ioctl(0, 1, argument)));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                DaemonProtocol.STATUS,
                DaemonProtocol.STOP,
                DaemonProtocol.RETIRE,
                DaemonProtocol.SIGNAL,
                DaemonProtocol.HELLO,
                99,
                0,
                -1
            })
    void shouldCloseWhatComesWithAnyRequest(int kind) {
        Peer peer = Peer.connect(path);
        peer.kind(kind).send(writers(5));
        served(peer, Client::request);
    }

    @Test
    void shouldCloseWhatComesWithAHelloThatIsRefused() {
        Peer peer = Peer.connect(path);
        peer.hello("jukvm", "run", "x").at().putInt(DaemonProtocol.WORDS, 9);
        peer.send(writers(5));
        served(
                peer,
                client -> {
                    assertEquals(Request.RUN, client.request());
                    assertTrue(client.hello().isEmpty());
                });
    }

    @Test
    void shouldCloseWhatComesBeforeARunBegins() {
        Peer peer = Peer.connect(path);
        peer.hello("jukvm", "run", "x").send(writers(3));
        peer.kind(DaemonProtocol.SIGNAL).send(writers(5));
        peer.answer(0).send(writers(5));
        served(
                peer,
                client -> {
                    assertEquals(Request.RUN, client.request());
                    assertTrue(client.hello().isPresent());
                    assertFalse(client.waits(), "an answer to no question");
                });
    }

    // Without the limit such a client would have a thread for itself for ever.
    @Test
    void shouldNotWaitForAClientThatSaysNothing() {
        served(Peer.connect(path), client -> assertEquals(Request.NOTHING, client.request()));
    }

    private void assertNoKvm(int given) {
        Peer peer = Peer.connect(path);
        peer.hello("jukvm", "run", "x").at().putInt(DaemonProtocol.KVM, 0);
        int[] fds = writers(4);
        fds[3] = given;
        peer.send(fds);
        served(
                peer,
                client -> {
                    assertEquals(Request.RUN, client.request());
                    assertTrue(client.hello().isPresent());
                    HostException e =
                            assertThrows(HostException.class, () -> Kvm.requireAccess(client));
                    assertTrue(e.getMessage().contains("not the device of KVM"), e.getMessage());
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/proc/self/exe", "/tmp"})
    void shouldNotTakeAnythingElseForKvm(String other) {
        try (Fd fd = Fd.open(other, Libc.O_RDONLY)) {
            assertNoKvm(fd.number());
        }
        assertNoKvm(writer.number());
    }

    // Which whoever may not open it can have.
    @Test
    void shouldNotTakeTheNameOfKvmForIt() {
        int named = LIBC.open(Kvm.DEVICE, Libc.O_PATH | Libc.O_CLOEXEC);
        if (named >= 0) {
            try (Fd fd = Fd.of(named, Kvm.DEVICE, "open")) {
                assertNoKvm(fd.number());
            }
        }
    }
}
