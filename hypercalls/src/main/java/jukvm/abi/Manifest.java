package jukvm.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jukvm.device.AttachedDevice;
import jukvm.device.Devices;
import jukvm.device.MacAddress;
import jukvm.error.ImageException;
import jukvm.text.Printable;

/**
 * The devices a guest declares. Source: mft_abi.h, struct mft; the content of the MFT1 note.
 *
 * <pre>
 * manifest  version u32 @0, entries u32 @4, then entries of 104 bytes from @8
 * entry     name char[68] @0, the last of which is 0, type u32 @68, properties of the kind @72,
 *           host private u64 @88, attached u8 @96
 * </pre>
 *
 * @param devices in the order of their handles; the first has handle 1, since entry 0 is reserved
 */
public record Manifest(List<Device> devices) {
    /** The type word of the note. */
    public static final int TYPE = 0x3154464d;

    /** The alignment of its content in the file, in bytes. */
    public static final int ALIGNMENT = 8;

    /** The longest descriptor accepted, in bytes: 64 entries, and padding before them. */
    public static final int MAX_DESCRIPTOR = 6668;

    /** How many devices there may be; the first entry is none. */
    public static final int MAX_DEVICES = Devices.MAX_HANDLES - 1;

    /** The longest name of a device, in characters. */
    public static final int MAX_NAME = 67;

    static final int VERSION = 1;
    static final int MAX_ENTRIES = MAX_DEVICES + 1;
    static final int HEADER_SIZE = 8;
    static final int ENTRY_SIZE = 104;
    static final int NAME_SIZE = MAX_NAME + 1;
    static final int ENTRY_TYPE = 68;
    static final int PROPERTIES = 72;
    static final int PROPERTIES_END = 88;
    static final int ATTACHED = 96;

    /**
     * A declared device.
     *
     * @param handle what the guest passes to hypercalls, 1 to 63
     * @param name of 1 to 67 letters and digits
     * @param type of device
     */
    public record Device(int handle, String name, DeviceType type) {
        @Override
        public String toString() {
            return "'" + name + "' (" + type + ")";
        }
    }

    /** Makes a manifest of devices already checked. */
    public Manifest {
        devices = List.copyOf(devices);
    }

    /** Returns the manifest of a guest that declares nothing. */
    public static Manifest empty() {
        return new Manifest(List.of());
    }

    /**
     * Parses the note's content. All of it is hostile.
     *
     * @throws ImageException if it is not a manifest, with the entry and number that is wrong
     */
    public static Manifest parse(ByteBuffer content) {
        List<ManifestEntry> entries = ManifestEntry.list(content);
        List<Device> devices = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 1; i < entries.size(); i++) {
            Device device = device(i, entries.get(i));
            if (!names.add(device.name())) {
                throw invalid("device name '" + device.name() + "' stands twice");
            }
            devices.add(device);
        }
        return new Manifest(devices);
    }

    private static Device device(int index, ManifestEntry entry) {
        String name = entry.name();
        if (!isName(name)) {
            throw invalid(
                    "name of entry "
                            + index
                            + " is '"
                            + Printable.of(name)
                            + "', need 1 to 67 letters and digits");
        }
        DeviceType type = DeviceType.numbered(entry.type()).orElse(null);
        if (type == null) {
            throw invalid(
                    "unknown device type "
                            + Integer.toUnsignedString(entry.type())
                            + " for '"
                            + name
                            + "', known: "
                            + DeviceType.known());
        }
        return new Device(index, name, type);
    }

    /** Returns whether a device can have this name: 1 to 67 letters and digits. */
    public static boolean isName(String text) {
        return text.length() <= MAX_NAME && text.matches("[A-Za-z0-9]+");
    }

    static ImageException invalid(String fact) {
        return ImageException.invalid("Solo5 manifest is invalid: " + fact);
    }

    /** Returns how many bytes {@link #encode} makes. */
    public int encodedSize() {
        return HEADER_SIZE + (highestHandle() + 1) * ENTRY_SIZE;
    }

    /**
     * Returns the hardware address of an interface in what {@link #encode} has written.
     *
     * @param at {@link #encodedSize} bytes; hostile
     * @param name of the interface
     * @return empty if it is not among these
     */
    public Optional<MacAddress> mac(ByteBuffer at, String name) {
        return devices.stream()
                .filter(device -> device.type() == DeviceType.NET_BASIC)
                .filter(device -> device.name().equals(name))
                .filter(device -> at.remaining() >= encodedSize())
                .findFirst()
                .map(device -> NetKind.mac(at, HEADER_SIZE + device.handle() * ENTRY_SIZE));
    }

    private int highestHandle() {
        return devices.isEmpty() ? 0 : devices.get(devices.size() - 1).handle();
    }

    /**
     * Writes the manifest as a guest reads it. Nothing of the image's own bytes goes in but names
     * and types, and nothing of the host's but what the devices tell of themselves.
     *
     * @param at where to write, {@link #encodedSize} zero bytes
     * @param attached to the declared devices, by handle
     */
    public void encode(ByteBuffer at, Devices attached) {
        at.putInt(0, VERSION).putInt(4, highestHandle() + 1);
        at.putInt(HEADER_SIZE + ENTRY_TYPE, DeviceType.RESERVED_FIRST);
        for (Device device : devices) {
            int entry = HEADER_SIZE + device.handle() * ENTRY_SIZE;
            at.put(entry, device.name().getBytes(StandardCharsets.US_ASCII));
            at.putInt(entry + ENTRY_TYPE, device.type().number());
            AttachedDevice given = attached.find(AttachedDevice.class, device.handle());
            if (given != null) {
                ByteBuffer properties = at.slice(entry, ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN);
                device.type().kind().encode(properties, given);
                at.put(entry + ATTACHED, (byte) 1);
            }
        }
    }
}
