package jukvm.abi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import jukvm.abi.Manifest.Device;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes are as Solo5's hvt_abi.h and ukvm.h lay them out. */
class BootInfoTest {
    private static final int SIZE = 1 << 20;
    private static final Manifest MANIFEST =
            new Manifest(List.of(new Device(1, "storage", DeviceType.BLOCK_BASIC)));

    private final GuestMemory memory = GuestMemory.allocate(SIZE);

    @AfterEach
    void close() {
        memory.close();
    }

    private static BootInfo info(String commandLine, Manifest manifest) {
        return info(
                commandLine,
                manifest,
                Devices.basic(Console.discard(), WallClock.host(), new Poller()));
    }

    private static BootInfo info(String commandLine, Manifest manifest, Devices devices) {
        return new BootInfo(
                0x1122334455667788L,
                0x99aabbccddeeff00L,
                2_445_402_000L,
                commandLine,
                manifest,
                devices);
    }

    private static ByteBuffer blank() {
        return ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void shouldWriteTheFormOfHvt() {
        Dialect.HVT_2.writeBootInfo(memory, info("hello w\u00f6rld", MANIFEST));
        ByteBuffer expected = blank();
        expected.putLong(0x10000, 0x1122334455667788L).putLong(0x10008, 0x99aabbccddeeff00L);
        expected.putLong(0x10010, 2_445_402_000L);
        expected.putLong(0x10018, 0x12000).putLong(0x10020, 0x10038);
        // No features offered, none accepted, no ring: zero. Then the manifest.
        expected.putInt(0x10038, 1).putInt(0x1003c, 2).putInt(0x10040 + 68, 0x40000000);
        expected.put(0x10040 + 104, "storage".getBytes(UTF_8)).putInt(0x10040 + 104 + 68, 1);
        expected.put(0x12000, "hello w\u00f6rld".getBytes(UTF_8));
        assertEquals(expected, memory.readable(0, SIZE));
    }

    @Test
    void shouldWriteWhatIsAttachedInTheFormOfHvt() {
        Device service = new Device(2, "service", DeviceType.NET_BASIC);
        Manifest manifest = new Manifest(List.of(MANIFEST.devices().get(0), service));
        Dialect.HVT_2.writeBootInfo(memory, info("", manifest));
        ByteBuffer expected = blank();
        expected.put(memory.readable(0, SIZE)).clear();
        int block = 0x10040 + 104;
        expected.putLong(block + 72, 64 * 4096).putShort(block + 80, (short) 4096);
        expected.put(block + 96, (byte) 1);
        int net = block + 104;
        expected.put(net + 72, new byte[] {2, (byte) 0xa1, (byte) 0xb2, (byte) 0xc3, (byte) 0xd4});
        expected.put(net + 77, (byte) 0xe5).putShort(net + 78, (short) 65535);
        expected.put(net + 96, (byte) 1);
        try (AttachedDevices attached = new AttachedDevices();
                GuestMemory other = GuestMemory.allocate(SIZE)) {
            Dialect.HVT_2.writeBootInfo(other, info("", manifest, attached.devices));
            assertEquals(expected, other.readable(0, SIZE));
        }
    }

    @Test
    void shouldWriteNothingOfDevicesInTheFormOfUkvm() {
        try (AttachedDevices attached = new AttachedDevices();
                GuestMemory other = GuestMemory.allocate(SIZE)) {
            Dialect.UKVM.writeBootInfo(memory, info("hello", Manifest.empty()));
            Dialect.UKVM.writeBootInfo(other, info("hello", Manifest.empty(), attached.devices));
            assertEquals(memory.readable(0, SIZE), other.readable(0, SIZE));
        }
    }

    @Test
    void shouldWriteTheFormOfUkvm() {
        Dialect.UKVM_0_2.writeBootInfo(memory, info("hello", Manifest.empty()));
        ByteBuffer expected = blank();
        expected.putLong(0x10000, 0x1122334455667788L).putLong(0x10008, 0x99aabbccddeeff00L);
        expected.putLong(0x10010, 0x12000).putLong(0x10018, 2_445_402_000L);
        expected.put(0x12000, "hello".getBytes(UTF_8));
        assertEquals(expected, memory.readable(0, SIZE));
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveRoomForTheLongestCommandLine(Dialect dialect) {
        String longest = "a".repeat(dialect.maxCommandLine());
        dialect.writeBootInfo(memory, info(longest, Manifest.empty()));
        assertEquals('a', memory.u8(0x12000 + longest.length() - 1));
        assertEquals(0, memory.u8(0x12000 + longest.length()));
        assertTrue(0x12000 + longest.length() < BootInfo.END_GPA);
    }

    @Test
    void shouldHaveRoomForTheLargestManifest() {
        List<Device> devices =
                IntStream.rangeClosed(1, 63)
                        .mapToObj(i -> new Device(i, "net" + i, DeviceType.NET_BASIC))
                        .toList();
        Dialect.HVT_2.writeBootInfo(memory, info("command", new Manifest(devices)));
        assertEquals(devices, Manifest.parse(memory.readable(0x10038, 8 + 64 * 104)).devices());
        assertTrue(0x10038 + 8 + 64 * 104 <= BootInfo.COMMAND_LINE_GPA);
        assertEquals('c', memory.u8(0x12000));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotFitIntoAGuestThatIsTooSmall(Dialect dialect) {
        try (GuestMemory small = GuestMemory.allocate(0x12000)) {
            BootInfo info = info("", Manifest.empty());
            assertThrows(GuestException.class, () -> dialect.writeBootInfo(small, info));
        }
    }
}
