package jukvm.abi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import jukvm.abi.Manifest.Device;
import jukvm.device.AttachedBlock;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ImageException;
import jukvm.io.Poller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are as Solo5's mft_abi.h has them. */
class ManifestTest {
    private static final int RESERVED = 0x40000000;
    private static final int BLOCK = 1;
    private static final int NET = 2;
    private static final String PREFIX = "Solo5 manifest is invalid: ";

    private static int entry(int index) {
        return 8 + 104 * index;
    }

    /** A manifest of some entries, the first reserved and the others block devices. */
    private static ByteBuffer manifest(int entries) {
        ByteBuffer bytes = ByteBuffer.allocate(entry(entries)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 1).putInt(4, entries).putInt(entry(0) + 68, RESERVED);
        for (int i = 1; i < entries; i++) {
            putDevice(bytes, i, "disk" + i, BLOCK);
        }
        return bytes;
    }

    private static ByteBuffer putDevice(ByteBuffer bytes, int index, String name, int type) {
        bytes.put(entry(index), new byte[68]);
        bytes.put(entry(index), name.getBytes(ISO_8859_1));
        return bytes.putInt(entry(index) + 68, type);
    }

    private static void assertInvalid(String fact, ByteBuffer bytes) {
        ImageException e = assertThrows(ImageException.class, () -> Manifest.parse(bytes));
        assertEquals(PREFIX + fact, e.getMessage());
        assertFalse(e.isUnreadable());
    }

    @Test
    void shouldParseDevicesInTheOrderOfTheirHandles() {
        ByteBuffer bytes = manifest(4);
        putDevice(bytes, 1, "storage", BLOCK);
        putDevice(bytes, 2, "service0", NET);
        putDevice(bytes, 3, "A", BLOCK);
        assertEquals(
                List.of(
                        new Device(1, "storage", DeviceType.BLOCK_BASIC),
                        new Device(2, "service0", DeviceType.NET_BASIC),
                        new Device(3, "A", DeviceType.BLOCK_BASIC)),
                Manifest.parse(bytes).devices());
    }

    @Test
    void shouldParseAGuestThatDeclaresNothing() {
        assertEquals(Manifest.empty(), Manifest.parse(manifest(1)));
    }

    @Test
    void shouldParseAsManyEntriesAsThereMayBe() {
        Manifest manifest = Manifest.parse(manifest(64));
        assertEquals(63, manifest.devices().size());
        assertEquals(63, manifest.devices().get(62).handle());
    }

    @Test
    void shouldParseWhateverPositionAndOrderTheBufferHas() {
        ByteBuffer bytes = manifest(2);
        ByteBuffer inside = ByteBuffer.allocate(bytes.capacity() + 10).position(5);
        inside.put(bytes).flip().position(5);
        assertEquals(Manifest.parse(bytes.rewind()), Manifest.parse(inside));
        assertEquals(5, inside.position());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7})
    void shouldRefuseContentTooShortForItsHeader(int size) {
        assertInvalid("has " + size + " bytes, need at least 8", ByteBuffer.allocate(size));
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "0, 0", "-1, 4294967295", "16777216, 16777216"})
    void shouldRefuseOtherVersions(int version, String printed) {
        assertInvalid("version is " + printed + ", supported: 1", manifest(2).putInt(0, version));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65, 65", "-1, 4294967295", "-2147483648, 2147483648"})
    void shouldRefuseCountsOutOfRange(int entries, String printed) {
        assertInvalid("has " + printed + " entries, need 1 to 64", manifest(65).putInt(4, entries));
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 216", "2, 3, 216", "1, 2, 112", "64, 63, 6664"})
    void shouldRefuseSizesThatTheCountDoesNotMake(int stated, int there, int expected) {
        assertInvalid(
                "has " + entry(there) + " bytes, " + stated + " entries make " + expected,
                manifest(there).putInt(4, stated));
    }

    @ParameterizedTest
    @CsvSource({"215", "217", "8", "9"})
    void shouldRefuseSizesThatAreNoWholeEntries(int size) {
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 1).putInt(4, 2);
        assertInvalid("has " + size + " bytes, 2 entries make 216", bytes);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1073741825, 40000001", "-1, ffffffff"})
    void shouldRefuseFirstEntryOfAnotherType(int type, String printed) {
        assertInvalid(
                "first entry must be nameless and of type 0x40000000, has type 0x" + printed,
                manifest(2).putInt(entry(0) + 68, type));
    }

    @Test
    void shouldRefuseFirstEntryWithAName() {
        assertInvalid(
                "first entry must be nameless and of type 0x40000000, has type 0x40000000 and a"
                        + " name",
                putDevice(manifest(2), 0, "disk", RESERVED));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 1, 1", "2, 127, 127", "2, -1, 255", "1, -128, 128"})
    void shouldRefuseEntriesThatAreAttached(int index, byte attached, String printed) {
        assertInvalid(
                "entry " + index + " is marked as attached (" + printed + ")",
                manifest(3).put(entry(index) + 96, attached));
    }

    @Test
    void shouldRefuseNamesWithoutEnd() {
        assertInvalid(
                "name of entry 1 does not end within 68 bytes",
                putDevice(manifest(2), 1, "A".repeat(68), BLOCK));
    }

    @Test
    void shouldRefuseNamesWhoseLastByteIsNoEnd() {
        ByteBuffer bytes = manifest(2);
        putDevice(bytes, 1, "storage", BLOCK);
        assertInvalid(
                "name of entry 1 does not end within 68 bytes", bytes.put(entry(1) + 67, (byte) 1));
    }

    @Test
    void shouldParseTheLongestName() {
        String name = "A".repeat(67);
        Manifest manifest = Manifest.parse(putDevice(manifest(2), 1, name, BLOCK));
        assertEquals(name, manifest.devices().get(0).name());
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "' ', ' '",
        "a-b, a-b",
        "../x, ../x",
        "'\u001b[2J', \\x1b[2J",
        "'a\nb', a\\x0ab",
        "gr\u00c3\u00bc, gr\\xc3\\xbc",
        "\u007f, \\x7f",
        "a\\b, a\\x5cb"
    })
    void shouldEscapeNamesThatAreNone(String name, String printed) {
        assertInvalid(
                "name of entry 1 is '" + printed + "', need 1 to 67 letters and digits",
                putDevice(manifest(2), 1, name, BLOCK));
    }

    @Test
    void shouldKeepMessagesShortAndPrintable() {
        for (int c = 1; c < 256; c++) {
            String name = Character.toString(c).repeat(67);
            ByteBuffer bytes = putDevice(manifest(2), 1, name, BLOCK);
            if (!name.matches("[A-Za-z0-9]*")) {
                ImageException e = assertThrows(ImageException.class, () -> Manifest.parse(bytes));
                String message = e.getMessage();
                assertEquals("", message.replaceAll("[ -~]", ""));
                assertTrue(message.length() <= 256, message);
            }
        }
    }

    @Test
    void shouldKnowWhatNameAManifestHasRoomFor() {
        assertTrue(Manifest.isName("A".repeat(67)));
        assertFalse(Manifest.isName("A".repeat(68)));
    }

    @ParameterizedTest
    @ValueSource(ints = {BLOCK, NET})
    void shouldRefuseTheSameNameTwice(int type) {
        ByteBuffer bytes = putDevice(manifest(4), 1, "storage", BLOCK);
        assertInvalid("device name 'storage' stands twice", putDevice(bytes, 3, "storage", type));
    }

    @Test
    void shouldTellNamesApartByCase() {
        ByteBuffer bytes = putDevice(manifest(3), 1, "storage", BLOCK);
        Manifest manifest = Manifest.parse(putDevice(bytes, 2, "Storage", BLOCK));
        assertEquals(2, manifest.devices().size());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "3, 3",
        "16777216, 16777216",
        "1073741823, 1073741823",
        "1073741824, 1073741824",
        "2147483647, 2147483647",
        "-1, 4294967295"
    })
    void shouldRefuseUnknownTypes(int type, String printed) {
        assertInvalid(
                "unknown device type "
                        + printed
                        + " for 'x', known: 1 (BLOCK_BASIC), 2 (NET_BASIC)",
                putDevice(manifest(2), 1, "x", type));
    }

    @Test
    void shouldEncodeByteByByte() {
        ByteBuffer bytes = manifest(3);
        putDevice(bytes, 1, "storage", BLOCK);
        putDevice(bytes, 2, "service", NET);
        assertEquals(bytes, encoded(Manifest.parse(bytes)));
    }

    @Test
    void shouldEncodeNoDeviceAsTheReservedEntry() {
        assertEquals(manifest(1), encoded(Manifest.empty()));
    }

    @Test
    void shouldNotLetBytesOfTheImageThroughButNamesAndTypes() {
        ByteBuffer bytes = manifest(3);
        ByteBuffer clean = manifest(3);
        for (int index = 0; index < 3; index++) {
            for (int i = 0; i < 104; i++) {
                boolean kept = i < 72 || i == 96;
                if (!kept || (i > 10 && i < 67 && index > 0)) {
                    bytes.put(entry(index) + i, (byte) 0x5a);
                }
            }
        }
        assertEquals(clean, encoded(Manifest.parse(bytes)));
    }

    @Test
    void shouldTellOfAttachedDevicesWhatTheyAreAndNoMore() {
        ByteBuffer bytes = manifest(5);
        putDevice(bytes, 1, "storage", BLOCK);
        putDevice(bytes, 2, "service", NET);
        putDevice(bytes, 4, "later", NET);
        ByteBuffer expected = ByteBuffer.allocate(entry(5)).order(ByteOrder.LITTLE_ENDIAN);
        expected.put(bytes.duplicate()).clear();
        expected.putLong(entry(1) + 72, 64 * 4096).putShort(entry(1) + 80, (short) 4096);
        expected.put(entry(1) + 96, (byte) 1);
        int net = entry(2);
        expected.put(net + 72, (byte) 0x02).put(net + 73, (byte) 0xa1).put(net + 74, (byte) 0xb2);
        expected.put(net + 75, (byte) 0xc3).put(net + 76, (byte) 0xd4).put(net + 77, (byte) 0xe5);
        expected.putShort(net + 78, (short) 65535).put(net + 96, (byte) 1);
        try (AttachedDevices attached = new AttachedDevices()) {
            assertEquals(expected, encoded(Manifest.parse(bytes), attached.devices));
        }
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "65536, 32768", "2147450880, 32768"})
    void shouldTellOfTheSizeOfADisk(int capacity, int blockSize) {
        BlockDevice disk =
                new BlockDevice() {
                    @Override
                    public long capacity() {
                        return (long) capacity << 20;
                    }

                    @Override
                    public int blockSize() {
                        return blockSize;
                    }

                    @Override
                    public void read(long offset, ByteBuffer into) {}

                    @Override
                    public void write(long offset, ByteBuffer from) {}
                };
        AttachedBlock block =
                new AttachedBlock("disk1", disk, new Notices(line -> {}), new Poller());
        Devices devices =
                new Devices(Console.discard(), WallClock.host(), new Poller(), Map.of(1, block));
        ByteBuffer at = encoded(Manifest.parse(manifest(2)), devices);
        assertEquals((long) capacity << 20, at.getLong(entry(1) + 72));
        assertEquals(blockSize, at.getShort(entry(1) + 80) & 0xffff);
        assertEquals(1, at.get(entry(1) + 96));
    }

    private static ByteBuffer encoded(Manifest manifest) {
        return encoded(manifest, Devices.basic(Console.discard(), WallClock.host(), new Poller()));
    }

    private static ByteBuffer encoded(Manifest manifest, Devices devices) {
        ByteBuffer at = ByteBuffer.allocate(manifest.encodedSize()).order(ByteOrder.LITTLE_ENDIAN);
        manifest.encode(at, devices);
        return at;
    }

    @Test
    void shouldComeBackFromBytesAsItWas() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("ManifestTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2000; i++) {
            List<Device> devices = new ArrayList<>();
            int count = random.nextInt(64);
            for (int handle = 1; handle <= count; handle++) {
                String name = (handle + "x" + "y".repeat(random.nextInt(64)));
                DeviceType type =
                        random.nextBoolean() ? DeviceType.BLOCK_BASIC : DeviceType.NET_BASIC;
                devices.add(new Device(handle, name, type));
            }
            Manifest manifest = new Manifest(devices);
            assertEquals(manifest, Manifest.parse(encoded(manifest)), "seed " + seed);
        }
    }

    @Test
    void shouldParseOrRefuseWhateverTheBytes() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("ManifestTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            ByteBuffer bytes = manifest(1 + random.nextInt(4));
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                bytes.put(random.nextInt(bytes.capacity()), (byte) random.nextInt());
            }
            try {
                Manifest manifest = Manifest.parse(bytes);
                assertTrue(manifest.encodedSize() <= bytes.capacity());
                for (Device device : manifest.devices()) {
                    assertTrue(device.name().matches("[A-Za-z0-9]{1,67}"), "seed " + seed);
                }
            } catch (ImageException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, refused + " refused, seed " + seed);
    }
}
