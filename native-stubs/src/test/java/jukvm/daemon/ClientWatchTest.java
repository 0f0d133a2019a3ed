package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientWatchTest {
    private static final int PATIENCE_SECONDS = 60;
    private static final int MANY = 100;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private Path path = Path.of("");
    private ClientListener listener;
    private MessageBuffer room;
    private ClientWatch watch;

    @BeforeEach
    void listen() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        listener = ClientListener.open(path, 5);
        room = new MessageBuffer();
        watch = new ClientWatch();
    }

    @AfterEach
    void close() throws Exception {
        watch.close();
        room.close();
        listener.close();
        Files.delete(path);
        Files.delete(path.resolveSibling(""));
    }

    @Test
    void shouldStopWhatTheClientSignals() throws Exception {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            watch.add(client, stopped::countDown);
            peer.kind(DaemonProtocol.SIGNAL).send();
            assertTrue(stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(client.isSignalled());
            assertFalse(client.isGone());
            watch.remove(client);
        }
    }

    @Test
    void shouldStopWhatNobodyWaitsFor() throws Exception {
        Peer peer = Peer.connect(path);
        Client client = listener.accept(room).orElseThrow();
        watch.add(client, stopped::countDown);
        assertEquals(1, stopped.getCount());
        peer.close();
        assertTrue(stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertTrue(client.isGone());
        assertFalse(client.isSignalled());
        watch.remove(client);
        client.close();
    }

    // Closing it could take this thread's time, and so that of all clients.
    @Test
    void shouldTakeNoDescriptors() throws Exception {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            watch.add(client, stopped::countDown);
            peer.kind(DaemonProtocol.SIGNAL).send(peer.socket.number());
            assertTrue(stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(client.isGone());
            assertFalse(client.isSignalled());
            watch.remove(client);
        }
    }

    @Test
    void shouldHearOfASignalAfterManyOthers() throws Exception {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            watch.add(client, stopped::countDown);
            for (int i = 0; i < MANY; i++) {
                peer.notice(DaemonProtocol.SIGCONT).send();
            }
            peer.kind(DaemonProtocol.SIGNAL).send();
            assertTrue(stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(client.isSignalled());
            assertFalse(client.isGone());
            watch.remove(client);
        }
    }

    @Test
    void shouldTellAClientWhoseGuestRunsForLong() {
        try (Peer peer = Peer.connect(path);
                Client client = listener.accept(room).orElseThrow()) {
            watch.add(client, stopped::countDown);
            assertEquals(DaemonProtocol.BEGUN, peer.receive());
            assertEquals(1, stopped.getCount());
            watch.remove(client);
            peer.kind(DaemonProtocol.SIGNAL).send();
            assertTrue(client.hear(peer.message), "nobody else has heard it");
        }
    }
}
