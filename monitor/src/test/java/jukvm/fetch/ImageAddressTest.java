package jukvm.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageAddressTest {
    @ParameterizedTest
    @CsvSource({
        "http://h, h, 80, /, h",
        "HTTP://h?q, h, 80, /?q, h",
        "https://h/a%20b, h, 443, /a%20b, h",
        "http://my_host:8080/x#sha256=0, my_host, 8080, /x, my_host:8080",
        "http://h:/x, h, 80, /x, h:",
        "http://[::1]:81/x?a=b, ::1, 81, /x?a=b, [::1]:81"
    })
    void shouldTakeAnAddressApart(
            String text, String host, int port, String target, String authority) {
        ImageAddress address = ImageAddress.of(URI.create(text));
        assertEquals(host, address.host());
        assertEquals(port, address.port());
        assertEquals(target, address.target());
        assertEquals(authority, address.authority());
        assertEquals(text.replaceFirst("#.*", ""), address.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///x|file:///x: images are fetched by http and https only",
                "x|x: images are fetched by http and https only",
                "http:x|http:x: has no host and port",
                "http:///x|http:///x: has no host and port",
                "http://h:0/x|http://h:0/x: port 0 is not from 1 to 65535",
                "http://h:65536/x|http://h:65536/x: port 65536 is not",
                "http://h:123456/x|http://h:123456/x: has no host and port",
                "http://user:secret@h/x|http://h/x: has a user name or password",
                "http://secret@h/x|http://h/x: has a user name or password"
            })
    void shouldRefuse(String row) {
        String[] parts = row.split("\\|", -1);
        URI location = URI.create(parts[0]);
        String message =
                assertThrows(
                                ConfigException.class,
                                () -> ImageFetch.read(location, FetchLimits.DEFAULT))
                        .getMessage();
        assertTrue(message.startsWith(parts[1]), message);
        assertFalse(message.contains("secret"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|'#' is not a digest that is known; use #sha256= and 64 hexadecimal digits",
                "top|'#top' is not a digest that is known",
                "md5=0|'#md5=0' is not a digest that is known",
                "SHA256=0|'#SHA256=0' is not a digest that is known",
                "sha256=|the sha256 in the address has 0 digits, need 64",
                "sha256=abc|the sha256 in the address has 3 digits, need 64",
                "sha256=gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg|the sha256"
                        + " 'ggg"
            })
    void shouldRefuseWhatIsNoDigest(String row) {
        String[] parts = row.split("\\|", -1);
        URI location = URI.create("http://h/x#" + parts[0]);
        String message =
                assertThrows(
                                ConfigException.class,
                                () -> ImageFetch.read(location, FetchLimits.DEFAULT))
                        .getMessage();
        assertTrue(message.startsWith("http://h/x: " + parts[1]), message);
    }

    @Test
    void shouldNotGoOnFromHttpsToHttp() {
        ImageAddress secure = ImageAddress.of(URI.create("https://h/a/b"));
        ImageException e =
                assertThrows(ImageException.class, () -> secure.redirected("http://h/a/b"));
        assertEquals(
                "redirected to 'http://h/a/b': would go on from https to http", e.getMessage());
        assertEquals("https://h/a/c", secure.redirected("c").toString());
        assertEquals("https://i/", secure.redirected("//i/").toString());
        ImageAddress plain = ImageAddress.of(URI.create("http://h/"));
        assertTrue(plain.redirected("https://h/").isSecure());
    }

    @Test
    void shouldRefuseLimitsThatAreNone() {
        FetchLimits limits = FetchLimits.DEFAULT;
        assertThrows(ConfigException.class, () -> limits.withBytes(0));
        assertThrows(ConfigException.class, () -> limits.withBytes((1L << 30) + 1));
        assertThrows(ConfigException.class, () -> limits.withTime(Duration.ZERO));
        assertThrows(ConfigException.class, () -> limits.withTime(Duration.ofDays(40000)));
        assertEquals(1L << 30, limits.withBytes(1L << 30).bytes());
    }
}
