package jukvm.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import jukvm.error.ImageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetches by TLS, from servers with certificates that are made here. */
@Timeout(120)
final class TlsTest {
    private static final char[] PASSWORD = "of no use".toCharArray();

    @TempDir private static Path folder;
    private SSLContext before;

    @BeforeEach
    void keepDefault() throws Exception {
        before = SSLContext.getDefault();
    }

    @AfterEach
    void restoreDefault() {
        SSLContext.setDefault(before);
    }

    // Of a server that is called by this name, and of those that trust it.
    private static SSLContext certified(String name) throws Exception {
        Path file = folder.resolve(name.replace(':', '-'));
        if (!Files.exists(file)) {
            Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
            Process process =
                    new ProcessBuilder(
                                    keytool.toString(),
                                    "-genkeypair",
                                    "-keyalg",
                                    "EC",
                                    "-alias",
                                    "server",
                                    "-dname",
                                    "CN=server",
                                    "-ext",
                                    "san=" + name,
                                    "-storepass",
                                    String.valueOf(PASSWORD),
                                    "-keystore",
                                    file.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            assertEquals(0, process.waitFor());
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext certified = SSLContext.getInstance("TLS");
        certified.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return certified;
    }

    private static ScriptedServer serving(SSLContext certified, String answer) throws Exception {
        ServerSocket socket =
                certified
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return ScriptedServer.on(socket, answer);
    }

    private static URI secure(URI uri) {
        return URI.create(uri.toString().replace("http:", "https:"));
    }

    private static void assertRefused(URI location, String fact) {
        assertRefused(location, fact, "");
    }

    private static void assertRefused(URI location, String fact, String more) {
        ImageException e =
                assertThrows(
                        ImageException.class, () -> ImageFetch.read(location, FetchLimits.DEFAULT));
        assertTrue(e.getMessage().startsWith(location + ": " + fact), e.getMessage());
        assertTrue(e.getMessage().contains(more), e.getMessage());
    }

    @Test
    void shouldFetchFromAServerThatIsTrusted() throws Exception {
        SSLContext certified = certified("ip:127.0.0.1");
        SSLContext.setDefault(certified);
        try (ScriptedServer server = serving(certified, "HTTP/1.1 200 OK\r\n\r\nhello")) {
            ImageAddress address = ImageAddress.of(secure(server.uri("/x")));
            assertArrayEquals(
                    ScriptedServer.bytes("hello"), HttpFetch.read(address, FetchLimits.DEFAULT));
        }
    }

    @Test
    void shouldRefuseAServerThatIsNotTrusted() throws Exception {
        SSLContext certified = certified("ip:127.0.0.1");
        try (ScriptedServer server = serving(certified, "HTTP/1.1 200 OK\r\n\r\nhello")) {
            assertRefused(secure(server.uri("/x")), "no connection: ", "PKIX path building failed");
        }
    }

    @Test
    void shouldRefuseACertificateOfAnotherHost() throws Exception {
        SSLContext certified = certified("dns:other.invalid");
        SSLContext.setDefault(certified);
        try (ScriptedServer server = serving(certified, "HTTP/1.1 200 OK\r\n\r\nhello")) {
            assertRefused(secure(server.uri("/x")), "no connection: ");
        }
    }

    @Test
    void shouldNotBeSentFromTlsToPlainText() throws Exception {
        SSLContext certified = certified("ip:127.0.0.1");
        SSLContext.setDefault(certified);
        String answer = "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/x\r\n\r\n";
        try (ScriptedServer server = serving(certified, answer)) {
            assertRefused(
                    secure(server.uri("/x")),
                    "redirected to 'http://127.0.0.1/x': would go on from https to http");
        }
    }

    @Test
    void shouldRefuseAServerThatDoesNotSpeakTls() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server =
                    new Thread(
                            () -> {
                                try (Socket client = socket.accept()) {
                                    client.getOutputStream()
                                            .write(ScriptedServer.bytes("220 mail\r\n"));
                                    client.getInputStream().readAllBytes();
                                } catch (java.io.IOException e) {
                                    // It hung up.
                                }
                            });
            server.setDaemon(true);
            server.start();
            assertRefused(
                    URI.create("https://127.0.0.1:" + socket.getLocalPort() + "/x"),
                    "no connection: Unsupported or unrecognized SSL message");
        }
    }
}
