package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused; frames need an interface, which only root can make. */
class TapTest {
    private static final Libc LIBC = Libc.get();
    private static final int F_GETFD = 1;

    @ParameterizedTest
    @CsvSource(
            value = {
                "''; '': it is empty",
                "abcdefghijklmnop; abcdefghijklmnop: it has 16 bytes, and may have 15",
                "\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc;"
                        + " \u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc:"
                        + " it has 16 bytes, and may have 15",
                ".; .: it means a directory",
                "..; ..: it means a directory",
                "tap%d; tap%d: it contains '%', '/' or ':'",
                "../tap; ../tap: it contains '%', '/' or ':'",
                "tap:1; tap:1: it contains '%', '/' or ':'",
                "tap 0; tap 0: it contains a space or control character",
                "tap\u007f; tap?: it contains a space or control character",
                "a\u001b[2Jb; a?[2Jb: it contains a space or control character",
            },
            delimiter = ';',
            quoteCharacter = '"')
    void shouldRefuseWhatNoInterfaceIsCalled(String name, String message) {
        String asked = name.equals("''") ? "" : name;
        ConfigException e = assertThrows(ConfigException.class, () -> Tap.open(asked));
        int colon = message.indexOf(": ");
        assertEquals(
                message.substring(0, colon)
                        + ": is no name of an interface"
                        + message.substring(colon),
                e.getMessage());
    }

    @Test
    void shouldNeverMakeAnInterface() throws Exception {
        HostException e = assertThrows(HostException.class, () -> Tap.open("jukvm-no-such"));
        assertEquals(
                "jukvm-no-such: there is no such interface. Make it: ip tuntap add jukvm-no-such"
                        + " mode tap && ip link set jukvm-no-such up",
                e.getMessage());
        assertEquals(Errno.ENODEV, e.errno());
        assertTrue(Files.notExists(Path.of("/sys/class/net/jukvm-no-such")));
    }

    @Test
    void shouldRefuseAnInterfaceThatIsNoTap() throws Exception {
        Path flags = Path.of("/sys/class/net/lo/flags");
        assumeTrue(Files.exists(flags), "no lo");
        assumeTrue((Integer.decode(Files.readString(flags).strip()) & 1) != 0, "lo is down");
        HostException e = assertThrows(HostException.class, () -> Tap.open("lo"));
        // Without root or the driver, the refusal comes before that.
        assertTrue(e.getMessage().startsWith("lo: "), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 9999, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void shouldRefuseADescriptorThatIsNotOpen(int number) {
        ConfigException e = assertThrows(ConfigException.class, () -> Tap.adopt(number));
        assertEquals("@" + number + ": is not an open descriptor", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/proc/self/exe", "/"})
    void shouldLeaveADescriptorThatIsNoTapAsItWas(String path) {
        int number = LIBC.open(path, Libc.O_RDONLY);
        try (Fd fd = Fd.of(number, path, "open")) {
            int flags = LIBC.fcntl(number, Libc.F_GETFL, 0);
            ConfigException e = assertThrows(ConfigException.class, () -> Tap.adopt(number));
            assertEquals("@" + number + ": is not a TAP descriptor", e.getMessage());
            assertEquals(flags, LIBC.fcntl(fd.number(), Libc.F_GETFL, 0));
            assertEquals(0, LIBC.fcntl(number, F_GETFD, 0));
        }
    }

    @Test
    void shouldRefuseADescriptorOfTheDriverWithoutInterface() {
        int number = LIBC.open("/dev/net/tun", Libc.O_RDWR | Libc.O_CLOEXEC);
        assumeTrue(number >= 0, "no /dev/net/tun, or not for us");
        try (Fd fd = Fd.of(number, "tun", "open")) {
            ConfigException e = assertThrows(ConfigException.class, () -> Tap.adopt(fd.number()));
            assertEquals("@" + number + ": is not attached to an interface", e.getMessage());
        }
    }
}
