package jukvm.cli.device;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.abi.DeviceType;
import jukvm.device.PublishedPort;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a network can be attached to besides an interface. */
class AskedNetTest {
    private static final List<PublishedPort> PORTS = List.of(PublishedPort.tcp(8080, 80));

    private static AskedNet net(DeviceOptions options, String value) {
        assertTrue(options.add("--net:a=" + value));
        return (AskedNet) requireNonNull(options.asked(DeviceType.NET_BASIC).get("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user",
                "user,mtu=9000",
                "user,address=10.1.1.9/16,mtu=576",
                "user,mtu=65520"
            })
    void shouldTakeANetworkOfTheUsers(String value) {
        assertTrue(net(new DeviceOptions(), value).isUser());
        // To solo5-hvt that is the name of an interface, and of none for it has a comma.
        assertFalse(net(DeviceOptions.solo5(), value).isUser());
    }

    @ParameterizedTest
    @ValueSource(strings = {"users", "User", "unix:x", "listen:x", "tap0", "@3", "user:x"})
    void shouldTakeNothingElseForOne(String value) {
        assertFalse(net(new DeviceOptions(), value).isUser());
    }

    @ParameterizedTest
    @CsvSource({
        "'user,', 'is one too many'",
        "'user,mtu=', ''''' is not an MTU in bytes'",
        "'user,mtu=x', '''x'' is not an MTU in bytes'",
        "'user,mtu=100', 'MTU of 100 bytes: not 576 to 65520'",
        "'user,mtu=1500,mtu=1500', '''mtu=1500'' is one too many'",
        "'user,address=', ''''' is not an IPv4 address'",
        "'user,address=10.0.2.2', 'is the network''s, its gateway''s or'",
        "'user,dns=1.1.1.1', '''dns=1.1.1.1'' is neither mtu=BYTES nor address=ADDRESS[/BITS]'",
        "'user,x', 'is one too many'"
    })
    void shouldSayWhatIsWrongWithOne(String value, String fact) {
        DeviceOptions options = new DeviceOptions();
        ConfigException e =
                assertThrows(ConfigException.class, () -> options.add("--net:a=" + value));
        assertTrue(e.getMessage().startsWith("--net:a=" + value + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(fact), e.getMessage());
    }

    @Test
    void shouldPublishPortsOfTheOnlyOne() {
        DeviceOptions options = new DeviceOptions();
        options.publish(List.of());
        ConfigException e = assertThrows(ConfigException.class, () -> options.publish(PORTS));
        assertEquals(
                "--publish: leads to a device that is attached by --net:NAME=user", e.getMessage());
        AskedNet net = net(options, "user");
        options.add("--net:tap=tap0");
        options.publish(PORTS);
        assertEquals(PORTS, net.user == null ? List.of() : net.user.ports());
        options.add("--net:b=user");
        e = assertThrows(ConfigException.class, () -> options.publish(PORTS));
        assertEquals("--publish: does not say which of 2 networks", e.getMessage());
    }
}
