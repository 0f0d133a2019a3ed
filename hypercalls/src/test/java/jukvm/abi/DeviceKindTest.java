package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import jukvm.abi.Manifest.Device;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedDevice;
import jukvm.device.AttachedNet;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.LoopNet;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a device tells of itself, by which a recorded one stands in for it. */
final class DeviceKindTest {
    private static final DeviceKind<BlockDevice, AttachedBlock> BLOCK = new BlockKind();
    private static final DeviceKind<NetDevice, AttachedNet> NET = new NetKind();

    private final AttachedDevices attached = new AttachedDevices();
    private final Notices notices = new Notices(line -> {});

    @AfterEach
    void close() {
        attached.close();
    }

    private AttachedDevice handle(int number) {
        return Objects.requireNonNull(attached.devices.find(AttachedDevice.class, number));
    }

    private static ByteBuffer properties() {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    }

    // mft_abi.h, of the union u: capacity u64 @0, block_size u16 @8; mac u8[6] @0, mtu u16 @6.
    @Test
    void shouldTellWhatADeviceIs() {
        byte[] block = properties().putLong(64 * 4096).putShort((short) 4096).array();
        assertArrayEquals(block, BLOCK.properties(handle(1)));
        byte[] mac = {2, (byte) 0xa1, (byte) 0xb2, (byte) 0xc3, (byte) 0xd4, (byte) 0xe5};
        byte[] net = properties().put(mac).putShort((short) 65535).array();
        assertArrayEquals(net, NET.properties(handle(2)));
    }

    @ParameterizedTest
    @CsvSource({"4096, 512", "1073741824, 32768", "9223372036854710272, 65535", "0, 0"})
    void shouldRecallWhateverADiskToldOfItself(long capacity, int blockSize) {
        byte[] told = properties().putLong(capacity).putShort((short) blockSize).array();
        BlockDevice disk = BLOCK.recalled(told);
        assertEquals(capacity, disk.capacity());
        assertEquals(blockSize, disk.blockSize());
    }

    @Test
    void shouldRecallDevicesThatTellTheSame() {
        byte[] block = BLOCK.properties(handle(1));
        AttachedBlock disk = BLOCK.attach("a", BLOCK.recalled(block), notices, attached.poller);
        assertArrayEquals(block, BLOCK.properties(disk));
        byte[] net = NET.properties(handle(2));
        AttachedNet service = NET.attach("b", NET.recalled(net), notices, attached.poller);
        assertArrayEquals(net, NET.properties(service));
        assertEquals(LoopNet.MAC, NET.recalled(net).mac());
        assertEquals(65535, NET.recalled(net).mtu());
    }

    @Test
    void shouldRecallDevicesThatDoNothing() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        BlockDevice disk = BLOCK.recalled(BLOCK.properties(handle(1)));
        NetDevice net = NET.recalled(NET.properties(handle(2)));
        List<Executable> requests =
                List.of(
                        () -> disk.read(0, buffer),
                        () -> disk.write(0, buffer),
                        () -> net.read(buffer),
                        () -> net.write(buffer),
                        net::readiness);
        for (Executable request : requests) {
            Exception e = assertThrows(Exception.class, request);
            assertEquals("is a recorded device", e.getMessage());
        }
        assertEquals(4096, buffer.remaining());
    }

    @Test
    void shouldRefusePropertiesThatNoEntryHasRoomFor() {
        assertThrows(IndexOutOfBoundsException.class, () -> BLOCK.recalled(new byte[33]));
        assertThrows(IndexOutOfBoundsException.class, () -> NET.recalled(new byte[33]));
    }

    @Test
    void shouldRefuseDevicesOfTheOtherKind() {
        assertThrows(
                ClassCastException.class,
                () -> BLOCK.attach("a", attached.loop, notices, attached.poller));
        assertThrows(
                ClassCastException.class,
                () -> NET.attach("a", attached.disk, notices, attached.poller));
        assertThrows(ClassCastException.class, () -> BLOCK.properties(handle(2)));
        assertThrows(ClassCastException.class, () -> NET.properties(handle(1)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeFoundByItsNumberAndAmongDevices(DeviceType type) {
        assertEquals(Optional.of(type), DeviceType.numbered(type.number()));
        Map<Integer, ? extends AttachedDevice> own = attached.devices.all(type.kind().attached());
        Devices devices = new Devices(Console.discard(), WallClock.host(), attached.poller, own);
        assertEquals(EnumSet.of(type), DeviceType.among(devices));
        assertEquals(EnumSet.allOf(DeviceType.class), DeviceType.among(attached.devices));
    }

    // What messages for the operator and for embedders say.
    @Test
    void shouldBeCalledAsItsBuilderMethodIs() {
        assertEquals("blocks", BLOCK.plural());
        assertEquals("GuestSpec.block(\"disk\", ...)", BLOCK.call("disk"));
        assertEquals("nets", NET.plural());
        assertEquals("GuestSpec.net(\"service\", ...)", NET.call("service"));
    }

    @Test
    void shouldFindTheAddressOfAnInterfaceInAManifest() {
        Manifest manifest =
                new Manifest(
                        List.of(
                                new Device(1, "storage", DeviceType.BLOCK_BASIC),
                                new Device(2, "service", DeviceType.NET_BASIC),
                                new Device(3, "later", DeviceType.NET_BASIC)));
        ByteBuffer at = ByteBuffer.allocate(manifest.encodedSize()).order(ByteOrder.LITTLE_ENDIAN);
        manifest.encode(at, attached.devices);
        assertEquals(Optional.of(LoopNet.MAC), manifest.mac(at, "service"));
        assertEquals(Optional.of(new MacAddress(0)), manifest.mac(at, "later"), "not attached");
        assertEquals(Optional.empty(), manifest.mac(at, "storage"), "a disk");
        assertEquals(Optional.empty(), manifest.mac(at, "Service"));
        assertEquals(Optional.empty(), Manifest.empty().mac(at, "service"));
        // A guest can have its manifest where its memory ends.
        ByteBuffer cut = at.slice(0, at.capacity() - 1);
        assertEquals(Optional.empty(), manifest.mac(cut, "service"));
    }
}
