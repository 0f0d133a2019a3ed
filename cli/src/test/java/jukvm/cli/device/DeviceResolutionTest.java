package jukvm.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import jukvm.abi.DeviceType;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of the devices that a guest declares the options mean. */
class DeviceResolutionTest extends GivenDeviceOptions {
    private void assertRefused(String declared, String message) {
        GuestImage image = DeclaredImage.declaring(declared);
        ConfigException e = assertThrows(ConfigException.class, () -> options.resolve(image));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        // Declared; what the disk and the interface without a name become.
        "block:storage net:service, storage, service",
        "net:a block:b, b, a",
        "block:b, b, net",
        "net:a, disk, a",
        "'', disk, net"
    })
    void shouldMeanTheOnlyDeviceOfItsKind(String declared, String disk, String net) {
        add("--disk=x", "--net=tap0", "--net-mac=02:00:00:00:00:01");
        options.resolve(DeclaredImage.declaring(declared));
        assertEquals(Set.of(disk), options.asked(DeviceType.BLOCK_BASIC).keySet());
        assertEquals(Set.of(net), options.asked(DeviceType.NET_BASIC).keySet());
        assertEquals("x", block(disk).path);
        assertEquals("tap0", net(net).backing);
        assertEquals("02:00:00:00:00:01", String.valueOf(net(net).mac));
    }

    @Test
    void shouldMeanTheDevicesOfAGuestThatDeclaresNone() {
        add("--disk=x", "--net=tap0");
        options.resolve(DeclaredImage.unmarked());
        assertEquals(Set.of("disk"), options.asked(DeviceType.BLOCK_BASIC).keySet());
        assertEquals(Set.of("net"), options.asked(DeviceType.NET_BASIC).keySet());
    }

    @ParameterizedTest
    @CsvSource({
        "--disk=x, block:a net:b block:c, '--disk: the guest declares 2 devices of type"
                + " BLOCK_BASIC: a, c; name one'",
        "--net=x, net:a net:b net:c, '--net: the guest declares 3 devices of type NET_BASIC: a, b,"
                + " c; name one'"
    })
    void shouldNotChooseAmongDevices(String option, String declared, String message) {
        add(option);
        assertRefused(declared, message);
    }

    @ParameterizedTest
    @CsvSource({
        "--block:storage=x, --disk=y, '--disk: device ''storage'' is given twice'",
        "--disk=y, --block:storage=x, '--disk: device ''storage'' is given twice'",
        "--net:service=x, --net=y, '--net: device ''service'' is given twice'"
    })
    void shouldRefuseADeviceGivenByNameAndWithout(String first, String second, String message) {
        add(first, second);
        assertRefused("block:storage net:service", message);
    }

    @ParameterizedTest
    @CsvSource({
        "--block-sector-size:storage=512, 'device ''storage'' has no file; add"
                + " --block:storage=PATH'",
        "--block-sync:x=exit, 'device ''x'' has no file; add --block:x=PATH'",
        "--net-mac:service=2:0:0:0:0:1, 'device ''service'' has no interface; add"
                + " --net:service=TAP'",
        "--net-mac=2:0:0:0:0:1, 'device ''service'' has no interface; add --net:service=TAP'",
        "--net-pcap:service=x, 'device ''service'' has no interface; add --net:service=TAP'",
        "--net-as:service=x, 'device ''service'' has no interface; add --net:service=TAP'"
    })
    void shouldNeedABackingForEveryDevice(String option, String message) {
        add(option);
        assertRefused("block:storage net:service", message);
    }

    @Test
    void shouldNotTakeAnInterfacesPlaceInANetworkOfItsOwn() {
        add("--net:service=user", "--net-as:service=eth0");
        assertRefused(
                "net:service", "device 'service': a network by passt takes no interface's place");
    }

    @Test
    void shouldResolveNothing() {
        options.resolve(DeclaredImage.declaring("block:a block:b net:c net:d"));
        options.resolve(DeclaredImage.unmarked());
        assertEquals(Set.of(), options.asked(DeviceType.BLOCK_BASIC).keySet());
        assertEquals(Set.of(), options.asked(DeviceType.NET_BASIC).keySet());
    }
}
