package jukvm.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import jukvm.abi.DeviceType;
import jukvm.device.MacAddress;
import jukvm.error.ConfigException;
import jukvm.host.Sync;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceOptionsTest extends GivenDeviceOptions {
    private static final String LONGEST = "A".repeat(67);

    private void assertRefused(String option, String message) {
        ConfigException e = assertThrows(ConfigException.class, () -> options.add(option));
        assertEquals(option + ": " + message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        // Value, path, whether it is read-only.
        "disk.img, disk.img, false",
        "/dev/sdb1, /dev/sdb1, false",
        "disk.img:ro, disk.img, true",
        "a=b, a=b, false",
        "=, =, false",
        "'x=1,y:ro', 'x=1,y', true",
        "a:ro:ro, a:ro, true",
        "a:rw, a, false",
        "a:ro:rw, a:ro, false",
        "a:rw:ro, a:rw, true",
        "a:rw:rw, a:rw, false",
        "a:RO, a:RO, false",
        "a:ro/b, a:ro/b, false",
        "ro, ro, false",
        "'a b', 'a b', false",
        "'a\nb', 'a\nb', false",
        "gr\u00fcn.img, gr\u00fcn.img, false"
    })
    void shouldTakeThePathOfADisk(String value, String path, boolean readOnly) {
        add("--block:storage=" + value, "--disk=" + value);
        for (String name : List.of("storage", "")) {
            assertEquals(path, block(name).path);
            assertEquals(readOnly, block(name).readOnly);
            assertEquals(512, block(name).sectorSize);
            assertNull(block(name).sync);
        }
        assertEquals(Set.of("storage", ""), options.asked(DeviceType.BLOCK_BASIC).keySet());
        assertEquals(Set.of(), options.asked(DeviceType.NET_BASIC).keySet());
    }

    // Also of options that are wrong, or given twice.
    @Test
    void shouldFindEachPathThatADiskMayHave() {
        List<String> words =
                List.of("--block:a=x", "--block:a=y:ro", "--disk=:ro", "--block:-=z", "--net:b=t");
        assertEquals(
                Map.of("x", "--block:a", "y", "--block:a", "y:ro", "--block:a", "z", "--block:-"),
                new TreeMap<>(DeviceOptions.disks(words)).tailMap("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap0", "@3", "a=b", "tap0:ro", "=", "../x"})
    void shouldTakeTheInterfaceOfANetwork(String value) {
        add("--net:service=" + value, "--net=" + value);
        for (String name : List.of("service", "")) {
            assertEquals(value, net(name).backing);
            assertNull(net(name).mac);
            assertNull(net(name).capture);
        }
    }

    @Test
    void shouldTakeTheOptionsOfADeviceInAnyOrder() {
        add("--block-sector-size:a=4096", "--block:b=b.img", "--block:a=a.img");
        add("--block-sync:a=exit", "--net-pcap:n=x=y.pcapng", "--net-mac:n=2:a:B:0c:0:ff");
        add("--net:n=tap0");
        assertEquals("a.img", block("a").path);
        assertEquals(4096, block("a").sectorSize);
        assertEquals(Sync.EXIT, block("a").sync);
        assertEquals(512, block("b").sectorSize);
        assertEquals("tap0", net("n").backing);
        assertEquals("x=y.pcapng", net("n").capture);
        assertEquals(MacAddress.parse("02:0a:0b:0c:00:ff").orElseThrow(), net("n").mac);
        options.resolve(DeclaredImage.declaring("block:a block:b net:n"));
        assertEquals(Set.of("a", "b"), options.asked(DeviceType.BLOCK_BASIC).keySet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "--",
                "--mem=3",
                "--blocks:a=b",
                "--block-sector:a=512",
                "--block-size:a=512",
                "--Block:a=b",
                "-block:a=b",
                "--nets=a",
                "--net-foo:a=b",
                "--disks=x",
                "block:a=b",
                " --block:a=b"
            })
    void shouldLeaveOtherOptionsAlone(String option) {
        assertFalse(options.add(option));
        assertEquals(Set.of(), options.asked(DeviceType.BLOCK_BASIC).keySet());
        assertEquals(Set.of(), options.asked(DeviceType.NET_BASIC).keySet());
    }

    @Test
    void shouldFindTheFirstOptionThatIsNone() {
        assertEquals(Optional.empty(), options.addAll(List.of()));
        assertEquals(
                Optional.of("--x"),
                options.addAll(List.of("--block:a=b", "--x", "--net:=", "--y")));
        assertEquals("b", block("a").path);
        assertEquals(Optional.empty(), options.addAll(List.of("--net:a=b", "--disk=c")));
    }

    @ParameterizedTest
    @CsvSource({
        "--block:a, --block:NAME=PATH[:ro]",
        "--block:a=, --block:NAME=PATH[:ro]",
        "--block:a=:ro, --block:NAME=PATH[:ro]",
        "--block:a=:rw, --block:NAME=PATH[:ro]",
        "--block-sector-size:a=, --block-sector-size:NAME=BYTES",
        "--block-sync:a=, --block-sync:NAME=none|exit|dsync",
        "--net:a=, '--net:NAME=TAP|@FD|user|unix:PATH|listen:PATH'",
        "--net, '--net:NAME=TAP|@FD|user|unix:PATH|listen:PATH'",
        "--net-mac:a, --net-mac:NAME=xx:xx:xx:xx:xx:xx",
        "--net-mac=, --net-mac:NAME=xx:xx:xx:xx:xx:xx",
        "--net-pcap:a=, --net-pcap:NAME=FILE",
        "--disk, --disk=PATH[:ro]",
        "--disk=, --disk=PATH[:ro]",
        "--disk=:ro, --disk=PATH[:ro]"
    })
    void shouldNeedAValue(String option, String usage) {
        assertRefused(option, "needs a value: " + usage);
    }

    @ParameterizedTest
    @CsvSource({
        "--block=x, --block:NAME=PATH[:ro]",
        "--block, --block:NAME=PATH[:ro]",
        "--block:=x, --block:NAME=PATH[:ro]",
        "--block:a-b=x, --block:NAME=PATH[:ro]",
        "--block:a b=x, --block:NAME=PATH[:ro]",
        "--block:a:b=x, --block:NAME=PATH[:ro]",
        "--block:../x=x, --block:NAME=PATH[:ro]",
        "--block:gr\u00fcn=x, --block:NAME=PATH[:ro]",
        "--block-sector-size=512, --block-sector-size:NAME=BYTES",
        "--block-sync=none, --block-sync:NAME=none|exit|dsync",
        "--net:=x, '--net:NAME=TAP|@FD|user|unix:PATH|listen:PATH'",
        "--net:a_b=x, '--net:NAME=TAP|@FD|user|unix:PATH|listen:PATH'",
        "--net-mac:=02:00:00:00:00:01, --net-mac:NAME=xx:xx:xx:xx:xx:xx",
        "--net-pcap=x, --net-pcap:NAME=FILE",
        "--disk:a=x, --disk=PATH[:ro]",
        "--disk:=x, --disk=PATH[:ro]"
    })
    void shouldNeedANameThatADeviceCanHave(String option, String usage) {
        assertRefused(option, "device names are 1 to 67 letters and digits: " + usage);
    }

    @Test
    void shouldTakeTheLongestNameAndNoLonger() {
        add("--block:" + LONGEST + "=x");
        assertEquals("x", block(LONGEST).path);
        assertRefused(
                "--block:" + LONGEST + "A=x",
                "device names are 1 to 67 letters and digits: --block:NAME=PATH[:ro]");
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 32768})
    void shouldTakeTheSizeOfABlock(int bytes) {
        add("--block-sector-size:a=" + bytes);
        assertEquals(bytes, block("a").sectorSize);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1",
                "256",
                "500",
                "511",
                "513",
                "768",
                "65536",
                "65537",
                "-512",
                "+512",
                "0x200",
                "512.0",
                "1k",
                " 512",
                "x",
                "1000000000",
                "4294967808",
                "18446744073709552128"
            })
    void shouldRefuseOtherSizesOfABlock(String bytes) {
        assertRefused(
                "--block-sector-size:a=" + bytes,
                "Block size must be a multiple of 2 greater than or equal 512: a power of two, 512"
                        + " to 32768");
    }

    @ParameterizedTest
    @CsvSource({"none, NONE", "exit, EXIT", "dsync, DSYNC"})
    void shouldTakeWhenWritesReachTheDisk(String value, Sync sync) {
        add("--block-sync:a=" + value);
        assertEquals(sync, block("a").sync);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "always", "sync", "none "})
    void shouldRefuseOtherTimes(String value) {
        assertRefused("--block-sync:a=" + value, "'" + value + "' is not none, exit or dsync");
    }

    @ParameterizedTest
    @CsvSource({
        "02:00:00:00:00:01, 02:00:00:00:00:01",
        "2:0:0:0:0:1, 02:00:00:00:00:01",
        "FE:dc:Ba:9:8:7, fe:dc:ba:09:08:07",
        "00:00:00:00:00:01, 00:00:00:00:00:01"
    })
    void shouldTakeAnAddress(String value, String mac) {
        add("--net-mac:a=" + value, "--net-mac=" + value);
        assertEquals(mac, String.valueOf(net("a").mac));
        assertEquals(mac, String.valueOf(net("").mac));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00:00:00:00:00:00", "0:0:0:0:0:0"})
    void shouldMakeUpAnAddressForZero(String value) {
        add("--net-mac:a=" + value, "--net-mac:b=" + value);
        MacAddress mac = net("a").mac;
        assertNotNull(mac);
        assertFalse(mac.isMulticast());
        assertEquals(2, mac.octet(0) & 3);
        assertNotEquals(mac, net("b").mac);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "02:00:00:00:00",
                "02:00:00:00:00:00:00",
                "zz:00:00:00:00:00",
                "002:00:00:00:00:00",
                "02:00:00:00:00:",
                ":02:00:00:00:00",
                "02-00-00-00-00-01",
                "020000000001",
                " 02:00:00:00:00:01",
                "02:00:00:00:00:01 ",
                "0x2:0:0:0:0:1",
                "tap0"
            })
    void shouldRefuseWhatIsNoAddress(String value) {
        assertRefused(
                "--net-mac:a=" + value,
                "Malformed mac address: need six octets in hexadecimal, such as"
                        + " 02:00:00:00:00:01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"01:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "3:0:0:0:0:1"})
    void shouldRefuseAddressesOfGroups(String value) {
        assertRefused(
                "--net-mac:a=" + value, "is a multicast address; the first octet must be even");
    }

    @ParameterizedTest
    @CsvSource({
        "--block:a=x, --block:a=y",
        "--block:a=x, --block:a=x:ro",
        "--net:a=x, --net:a=x",
        "--disk=x, --disk=y",
        "--net=x, --net=y",
        "--block-sector-size:a=512, --block-sector-size:a=4096",
        "--net-mac:a=2:0:0:0:0:1, --net-mac:a=2:0:0:0:0:2",
        "--net-pcap:a=x, --net-pcap:a=y"
    })
    void shouldRefuseAnOptionGivenTwice(String first, String second) {
        add(first);
        assertRefused(second, "is given twice");
    }
}
