package jukvm.cli.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import jukvm.device.Ipv4Settings;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.error.ConfigException;
import jukvm.host.Pollable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholdersTest {
    /** A device without a network. */
    private record Known(MacAddress mac, int mtu, Optional<Ipv4Settings> ipv4)
            implements NetDevice {
        @Override
        public Pollable readiness() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean write(ByteBuffer frame) {
            throw new UnsupportedOperationException();
        }
    }

    private static final NetDevice TAP =
            new Known(new MacAddress(0x020000000001L), 9000, Optional.empty());
    private static final NetDevice USER =
            new Known(
                    new MacAddress(0x020000000002L),
                    1500,
                    Optional.of(new Ipv4Settings("10.0.2.15/24", "10.0.2.2", "10.0.2.3")));
    private static final Map<String, NetDevice> BOTH =
            new TreeMap<>(Map.of("service0", USER, "service1", TAP));

    @Test
    void shouldTakeANameForTheHostsAlone() {
        assertEquals(
                "a{{b-{{hostname}-{mac}{{",
                Placeholders.withHostName("{hostname}-{{hostname}-{mac}{{", "a{b"));
    }

    private static String expanded(String argument, Map<String, NetDevice> interfaces) {
        Placeholders.check(List.of(argument), interfaces.keySet());
        return Placeholders.expand(List.of(argument), interfaces)[0];
    }

    private static void assertRefused(
            String message, String argument, Map<String, NetDevice> interfaces) {
        ConfigException e =
                assertThrows(ConfigException.class, () -> expanded(argument, interfaces));
        assertEquals("argument '" + argument + "': " + message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "--ipv4={ipv4}, --ipv4=10.0.2.15/24",
        "--ipv4-gateway={ipv4-gateway}, --ipv4-gateway=10.0.2.2",
        "{dns}{dns}, 10.0.2.310.0.2.3",
        "mac={mac:service0}, mac=02:00:00:00:00:02",
        "{mtu}, 1500",
        "plain, plain",
        "'', ''",
        "{{ipv4}, {ipv4}",
        "{{{ipv4}, {10.0.2.15/24",
        "{}, {}",
        "{\"net\": {\"if\": \"ukvmif0\"}}, {\"net\": {\"if\": \"ukvmif0\"}}",
        "{IPV4} {4} $1 \\, {IPV4} {4} $1 \\"
    })
    void shouldReplaceWhatStandsForSomething(String argument, String expected) {
        assertEquals(expected, expanded(argument, Map.of("service0", USER)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{{ipv4} {{{x}", "{\"a\": {}}"})
    void shouldLeaveWhatIsQuoted(String text) {
        assertEquals(text, expanded(Placeholders.quoted(text), Map.of()));
    }

    @Test
    void shouldKnowTheHostsNameWithoutAnInterface() throws IOException {
        String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        assertEquals("--name=" + name, expanded("--name={hostname}", Map.of()));
    }

    @Test
    void shouldRefuseWhatANetworkLacks() {
        NetDevice alone =
                new Known(
                        new MacAddress(0x020000000003L),
                        1500,
                        Optional.of(new Ipv4Settings("10.0.0.2/24", "", "")));
        String message =
                "the network of interface 'service0' has no %s for the guest; write the address"
                        + " itself";
        assertRefused(message.formatted("gateway"), "{ipv4-gateway}", Map.of("service0", alone));
        assertRefused(message.formatted("name server"), "{dns}", Map.of("service0", alone));
    }

    @Test
    void shouldTellInterfacesApart() {
        assertArrayEquals(
                new String[] {"10.0.2.15/24", "9000 02:00:00:00:00:01"},
                Placeholders.expand(
                        List.of("{ipv4:service0}", "{mtu:service1} {mac:service1}"), BOTH));
    }

    @Test
    void shouldSayWhichOfSeveralItCouldBe() {
        assertRefused(
                "the guest has several interfaces: {mac:service0}, {mac:service1}", "{mac}", BOTH);
    }

    @Test
    void shouldRefuseWhatNothingHas() {
        assertRefused(
                "{ipv6} is none of {dns}, {hostname}, {ipv4}, {ipv4-gateway}, {mac}, {mtu}; write"
                        + " {{ for a brace",
                "x{ipv6}",
                BOTH);
        assertRefused("there is no interface 'eth0', but service0, service1", "{mac:eth0}", BOTH);
        assertRefused("there is no interface '', but service0, service1", "{mac:}", BOTH);
    }

    @Test
    void shouldRefuseAGuestWithoutInterfaces() {
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> Placeholders.check(List.of("a", "{mac}"), Set.of()));
        assertEquals(
                "argument '{mac}': the guest has no network interface; add --net:NAME=TAP",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ipv4}", "{ipv4-gateway}", "{dns}"})
    void shouldRefuseAnAddressThatNobodyKnows(String word) {
        assertRefused(
                "the network of interface 'service1' has no IPv4 address for the guest; write the"
                        + " address itself",
                "--x=" + word,
                Map.of("service1", TAP));
    }
}
