package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client tells of its signals is what its run does. */
class ClientSignalsTest {
    private static final int PATIENCE_SECONDS = 30;
    private static final int SIGHUP = 1;
    private static final int SIGQUIT = 3;

    private final LinkedBlockingQueue<String> done = new LinkedBlockingQueue<>();
    private final SignalTarget run =
            new SignalTarget() {
                @Override
                public void stop() {
                    done.add("stop");
                }

                @Override
                public void pause() {
                    done.add("pause");
                }

                @Override
                public void resume() {
                    done.add("resume");
                }
            };
    private Path path = Path.of("");
    private ClientListener listener;
    private MessageBuffer room;
    private ClientWatch watch;
    private Peer peer;
    private Client client;

    @BeforeEach
    void connect() throws Exception {
        path = Files.createTempDirectory("s").resolve("s");
        listener = ClientListener.open(path, PATIENCE_SECONDS);
        room = new MessageBuffer();
        watch = new ClientWatch();
        peer = Peer.connect(path);
        client = listener.accept(room).orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
        watch.close();
        client.close();
        peer.close();
        room.close();
        listener.close();
        Files.delete(path);
        Files.delete(path.resolveSibling(""));
    }

    private void tell(int signal) {
        peer.at().clear().putInt(DaemonProtocol.SIGNAL).putInt(signal);
        assertEquals(DaemonProtocol.NOTICE_SIZE, peer.send());
    }

    private void assertDone(String wanted) throws Exception {
        assertEquals(wanted, done.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(ints = {DaemonProtocol.SIGTSTP, DaemonProtocol.SIGTTIN, DaemonProtocol.SIGTTOU})
    void shouldPauseUntilItGoesOn(int signal) throws Exception {
        watch.add(client, run);
        tell(signal);
        assertDone("pause");
        tell(signal);
        tell(DaemonProtocol.SIGCONT);
        assertDone("resume");
        tell(DaemonProtocol.SIGCONT);
        tell(SIGQUIT);
        assertDone("stop");
        assertTrue(client.isSignalled());
    }

    @Test
    void shouldPauseWhatItWasToldOfBefore() throws Exception {
        tell(DaemonProtocol.SIGTSTP);
        peer.answer(-2).send();
        assertEquals(-2, client.open("x", 0, 0));
        assertTrue(client.isPaused());
        assertFalse(client.isSignalled());
        watch.add(client, run);
        assertDone("pause");
    }

    // It has been told of a stop, and then closed its end because it waited for long.
    @ParameterizedTest
    @ValueSource(ints = {SIGHUP, DaemonProtocol.SIGTSTP, DaemonProtocol.SIGCONT})
    void shouldSeeThatAClientHasGivenUpAfterASignal(int signal) {
        tell(signal);
        assertTrue(client.waits());
        tell(signal);
        peer.endSending();
        assertFalse(client.waits());
        assertEquals(signal == SIGHUP, client.isSignalled());
    }

    @Test
    void shouldEndWhatIsToldOfInAnotherForm() throws Exception {
        watch.add(client, run);
        peer.at().clear().putInt(DaemonProtocol.SIGNAL);
        peer.send();
        assertDone("stop");
        assertTrue(client.isGone());
    }
}
