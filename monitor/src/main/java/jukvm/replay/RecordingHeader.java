package jukvm.replay;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.Manifest;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.AttachedDevice;
import jukvm.device.Devices;
import jukvm.memory.GuestMemory;
import jukvm.x86.CpuidTable;

/**
 * What a recorded guest was started with. Immutable.
 *
 * @param image what it was called, for messages; hostile
 * @param sha256 of the image's ELF file, 64 hexadecimal digits
 * @param dialect it was asked for as
 * @param privilege it ran at
 * @param memory of it, in bytes
 * @param tscHz frequency of its time-stamp counter
 * @param commandLine its arguments
 * @param devices it was attached to
 * @param cpuid what it was told of its processor
 */
public record RecordingHeader(
        String image,
        String sha256,
        Dialect dialect,
        PrivilegeLevel privilege,
        long memory,
        long tscHz,
        String commandLine,
        List<Attached> devices,
        CpuidTable cpuid) {
    private static final long MEMORY_UNIT = 2L << 20;
    private static final long MAX_HZ = 1L << 40;

    /** A device, and what it told of itself, in hexadecimal. */
    public record Attached(DeviceType type, String name, String properties) {
        /** Returns what it told of itself, as its kind has it. */
        public byte[] told() {
            return HexFormat.of().parseHex(properties);
        }
    }

    /** Returns the devices of a guest as they tell of themselves. */
    static List<Attached> attached(Devices devices) {
        List<Attached> all = new ArrayList<>();
        for (DeviceType type : DeviceType.among(devices)) {
            for (AttachedDevice device : devices.all(type.kind().attached()).values()) {
                byte[] told = type.kind().properties(device);
                all.add(new Attached(type, device.name(), HexFormat.of().formatHex(told)));
            }
        }
        return all;
    }

    void writeTo(ByteSink to) {
        to.string(image);
        to.string(sha256);
        to.string(dialect.toString());
        to.u8(privilege.number());
        to.number(memory);
        to.number(tscHz);
        to.string(commandLine);
        to.number(devices.size());
        for (Attached device : devices) {
            to.number(device.type().number());
            to.string(device.name());
            to.bytes(device.told());
        }
        to.bytes(cpuid.bytes());
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    static RecordingHeader readFrom(ByteSource from) {
        String image = from.string();
        require(image.indexOf('\0') < 0, "name of the image");
        String sha256 = from.string();
        require(sha256.matches("[0-9a-f]{64}"), "digest of the image");
        Dialect dialect = Dialect.named(from.string()).orElseThrow(IllegalArgumentException::new);
        int ring = from.u8();
        require(ring == 0 || ring == 3, "ring");
        long memory = from.number();
        require(
                memory > 0 && memory <= GuestMemory.MAX_SIZE && memory % MEMORY_UNIT == 0,
                "memory");
        long tscHz = from.number();
        require(tscHz > 0 && tscHz < MAX_HZ, "frequency");
        String commandLine = from.string();
        int count = from.number(Manifest.MAX_DEVICES);
        List<Attached> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(device(from));
        }
        CpuidTable cpuid = new CpuidTable(from.bytes());
        require(from.isAtEnd(), "end");
        return new RecordingHeader(
                image,
                sha256,
                dialect,
                ring == 0 ? PrivilegeLevel.RING_0 : PrivilegeLevel.RING_3,
                memory,
                tscHz,
                commandLine,
                List.copyOf(devices),
                cpuid);
    }

    private static Attached device(ByteSource from) {
        Optional<DeviceType> type = DeviceType.numbered(from.number(Integer.MAX_VALUE));
        String name = from.string();
        byte[] properties = from.bytes();
        require(type.isPresent(), "device");
        type.get().kind().recalled(properties);
        return new Attached(type.get(), name, HexFormat.of().formatHex(properties));
    }

    private static void require(boolean isSo, String what) {
        if (!isSo) {
            throw new IllegalArgumentException("no " + what);
        }
    }
}
