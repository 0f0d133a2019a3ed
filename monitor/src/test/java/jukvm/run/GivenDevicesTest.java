package jukvm.run;

import static jukvm.image.ElfBuilder.abi;
import static jukvm.image.ElfBuilder.entry;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.manifest;
import static jukvm.image.ElfBuilder.reserved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import jukvm.abi.DeviceType;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.host.Pollable;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.io.Doorbell;
import jukvm.io.Poller;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GivenDevicesTest {
    private static final String NAME = ElfBuilder.NAME;

    private final Doorbell bell = Doorbell.open();
    private final GivenDevices given = new GivenDevices();

    @AfterEach
    void close() {
        bell.close();
    }

    /** A disk of zeroes that forgets. */
    private record Disk(long capacity) implements BlockDevice {
        @Override
        public int blockSize() {
            return MIN_BLOCK_SIZE;
        }

        @Override
        public void read(long offset, ByteBuffer into) {}

        @Override
        public void write(long offset, ByteBuffer from) {}
    }

    /** An interface to nowhere. */
    private record Net(int mtu, Pollable readiness) implements NetDevice {
        @Override
        public MacAddress mac() {
            return new MacAddress(2);
        }

        @Override
        public boolean read(ByteBuffer into) {
            return false;
        }

        @Override
        public boolean write(ByteBuffer frame) {
            return true;
        }
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }

    /** An image that declares devices, as in {@code "block:storage net:service"}. */
    private static GuestImage declaring(String devices) {
        byte[][] entries =
                Stream.concat(
                                Stream.of(reserved()),
                                words(devices).stream()
                                        .map(word -> word.split(":", -1))
                                        .map(w -> entry(w[1], w[0].equals("block") ? 1 : 2, 0)))
                        .toArray(byte[][]::new);
        return hvt(abi(1, 2), manifest(entries)).parse();
    }

    private void give(String devices) {
        for (String word : words(devices)) {
            String name = word.substring(word.indexOf(':') + 1);
            if (word.startsWith("block:")) {
                given.add(DeviceType.BLOCK_BASIC, name, new Disk(1024));
            } else {
                given.add(DeviceType.NET_BASIC, name, new Net(1500, bell));
            }
        }
    }

    private Devices attach(GuestImage image) {
        return given.attach(
                image, Console.discard(), WallClock.host(), new Poller(), new Notices(line -> {}));
    }

    private static AttachedBlock block(Devices devices, int handle) {
        return Objects.requireNonNull(devices.find(AttachedBlock.class, handle));
    }

    private static AttachedNet net(Devices devices, int handle) {
        return Objects.requireNonNull(devices.find(AttachedNet.class, handle));
    }

    private void assertRefused(GuestImage image, String message) {
        ConfigException e = assertThrows(ConfigException.class, () -> attach(image));
        assertEquals(message, e.getMessage());
    }

    @Test
    void shouldAttachToTheHandlesThatTheGuestDeclares() {
        give("net:service block:b block:a");
        Devices devices = attach(declaring("block:a net:service block:b"));
        assertEquals(Set.of(1, 3), devices.all(AttachedBlock.class).keySet());
        assertEquals(Set.of(2), devices.all(AttachedNet.class).keySet());
        assertEquals("a", block(devices, 1).name());
        assertEquals("b", block(devices, 3).name());
        assertEquals("service", net(devices, 2).name());
    }

    @Test
    void shouldAttachNothingToAGuestThatDeclaresNothing() {
        Devices devices = attach(declaring(""));
        assertEquals(Map.of(), devices.all(AttachedBlock.class));
        assertEquals(Map.of(), devices.all(AttachedNet.class));
    }

    @Test
    void shouldAttachAsManyAsAManifestHas() {
        String[] words = new String[63];
        Arrays.setAll(words, i -> (i % 2 == 0 ? "block:x" : "net:x") + i);
        give(String.join(" ", words));
        Devices devices = attach(declaring(String.join(" ", words)));
        assertEquals(32, devices.all(AttachedBlock.class).size());
        assertEquals(31, devices.all(AttachedNet.class).size());
        assertEquals("x62", block(devices, 63).name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Declared | given | fact | declared, in words | given, in words | options
                "block:storage | '' | device 'storage' (BLOCK_BASIC) is declared in the manifest"
                        + " but not attached | 'storage' (BLOCK_BASIC) | none |"
                        + " Use GuestSpec.block(\"storage\", ...)",
                "net:service | '' | device 'service' (NET_BASIC) is declared in the manifest but"
                        + " not attached | 'service' (NET_BASIC) | none | Use GuestSpec.net(\"service\", ...)",
                "block:a net:b block:c | block:a net:b | device 'c' (BLOCK_BASIC) is declared in"
                        + " the manifest but not attached | 'a' (BLOCK_BASIC), 'b' (NET_BASIC), 'c'"
                        + " (BLOCK_BASIC) | 'a' (BLOCK_BASIC), 'b' (NET_BASIC) | Use"
                        + " GuestSpec.block(\"a\", ...) GuestSpec.net(\"b\", ...) GuestSpec.block(\"c\", ...)",
                "block:storage | net:storage | device 'storage' is declared as BLOCK_BASIC, given"
                        + " as NET_BASIC | 'storage' (BLOCK_BASIC) | 'storage' (NET_BASIC) | Use"
                        + " GuestSpec.block(\"storage\", ...)",
                "net:service | block:service | device 'service' is declared as NET_BASIC, given as"
                        + " BLOCK_BASIC | 'service' (NET_BASIC) | 'service' (BLOCK_BASIC) | Use"
                        + " GuestSpec.net(\"service\", ...)",
                "block:storage | block:storage net:more | device 'more' is not declared in the"
                        + " manifest | 'storage' (BLOCK_BASIC) | 'storage' (BLOCK_BASIC), 'more'"
                        + " (NET_BASIC) | Use GuestSpec.block(\"storage\", ...)",
                "block:storage | block:storage block:Storage | device 'Storage' is not declared in"
                        + " the manifest | 'storage' (BLOCK_BASIC) | 'storage' (BLOCK_BASIC),"
                        + " 'Storage' (BLOCK_BASIC) | Use GuestSpec.block(\"storage\", ...)",
                "'' | block:storage | device 'storage' is not declared in the manifest | none |"
                        + " 'storage' (BLOCK_BASIC) | Run it without devices",
            },
            quoteCharacter = '"')
    void shouldSayWhatIsWrongAndWhatWouldDo(
            String declared, String devices, String fact, String all, String there, String remedy) {
        give(devices.replace("'", ""));
        assertRefused(
                declaring(declared.replace("'", "")),
                NAME + ": " + fact + ". Declared: " + all + ". Given: " + there + ". " + remedy);
    }

    @ParameterizedTest
    @CsvSource({
        "block:storage, block:storage",
        "net:storage, net:storage",
        "block:storage, net:storage",
        "net:storage, block:storage"
    })
    void shouldRefuseANameGivenTwice(String first, String second) {
        give(first);
        ConfigException e = assertThrows(ConfigException.class, () -> give(second));
        assertEquals("device 'storage' is given twice", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "block:disk", "net:net", "block:any net:name", "net:x block:y"})
    void shouldAttachTheOnlyOnesOfAGuestWithoutManifestByAnyName(String devices) {
        give(devices);
        Devices attached = attach(ElfBuilder.ukvm().parse());
        List<String> names =
                Stream.concat(
                                attached.all(AttachedBlock.class).values().stream()
                                        .map(b -> "block:" + b.name()),
                                attached.all(AttachedNet.class).values().stream()
                                        .map(n -> "net:" + n.name()))
                        .sorted()
                        .toList();
        assertEquals(words(devices).stream().sorted().toList(), names);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "block:a block:b | 'a' (BLOCK_BASIC), 'b' (BLOCK_BASIC)",
                "net:a net:b | 'a' (NET_BASIC), 'b' (NET_BASIC)",
                "block:a net:b net:c | 'a' (BLOCK_BASIC), 'b' (NET_BASIC), 'c' (NET_BASIC)"
            })
    void shouldRefuseTwoOfAKindForAGuestWithoutManifest(String devices, String there) {
        give(devices);
        assertRefused(
                ElfBuilder.ukvm().parse(),
                NAME
                        + ": a guest of ukvm 0.2 or 0.3 has at most one block and one network"
                        + " device. Given: "
                        + there);
    }

    @Test
    void shouldRefuseDevicesThatAreImpossible() {
        given.add(DeviceType.BLOCK_BASIC, "storage", new Disk(1000));
        assertRefused(
                declaring("block:storage"),
                "storage: Backing storage size must be block aligned (512 bytes), is 1000");
    }

    @Test
    void shouldRefuseInterfacesThatAreImpossible() {
        given.add(DeviceType.NET_BASIC, "service", new Net(67, bell));
        assertRefused(ElfBuilder.ukvm().parse(), "service: MTU of 67 bytes, need 68 to 65535");
    }

    @Test
    void shouldAttachWhatItWasGiven() {
        give("block:storage net:service");
        Devices devices = attach(declaring("block:storage net:service"));
        AttachedBlock block = block(devices, 1);
        AttachedNet net = net(devices, 2);
        assertEquals(1024, block.capacity());
        assertEquals(1500, net.mtu());
        assertEquals(new MacAddress(2), net.mac());
    }
}
