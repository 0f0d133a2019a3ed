package jukvm.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.ImageException;

/**
 * An entry of a manifest as it stands in an executable of any target, checked as Solo5's tools do.
 * {@link Manifest} has the layout, and the rest of what a guest that runs must pass. Source: Solo5
 * tenders/common/mft.c.
 *
 * @param name up to 67 characters of ISO 8859-1, any but NUL; hostile
 * @param type number of the type; hostile
 */
public record ManifestEntry(String name, int type) {
    /**
     * Returns all entries, the first reserved one included.
     *
     * @param content of the MFT1 note; hostile
     * @throws ImageException if Solo5 takes it for invalid, with the entry and number that is wrong
     */
    public static List<ManifestEntry> list(ByteBuffer content) {
        int size = content.remaining();
        if (size < Manifest.HEADER_SIZE) {
            throw Manifest.invalid("has " + size + " bytes, need at least " + Manifest.HEADER_SIZE);
        }
        ByteBuffer at = content.slice().order(ByteOrder.LITTLE_ENDIAN);
        int version = at.getInt(0);
        if (version != Manifest.VERSION) {
            throw Manifest.invalid(
                    "version is " + Integer.toUnsignedString(version) + ", supported: 1");
        }
        int count = at.getInt(4);
        if (count < 1 || count > Manifest.MAX_ENTRIES) {
            throw Manifest.invalid(
                    "has "
                            + Integer.toUnsignedString(count)
                            + " entries, need 1 to "
                            + Manifest.MAX_ENTRIES);
        }
        int expected = Manifest.HEADER_SIZE + count * Manifest.ENTRY_SIZE;
        if (size != expected) {
            throw Manifest.invalid(
                    "has " + size + " bytes, " + count + " entries make " + expected);
        }
        checkFirst(at);
        List<ManifestEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(read(at, i));
        }
        return entries;
    }

    private static void checkFirst(ByteBuffer at) {
        int type = at.getInt(Manifest.HEADER_SIZE + Manifest.ENTRY_TYPE);
        boolean isNamed = at.get(Manifest.HEADER_SIZE) != 0;
        if (type != DeviceType.RESERVED_FIRST || isNamed) {
            throw Manifest.invalid(
                    "first entry must be nameless and of type 0x40000000, has type 0x"
                            + Integer.toHexString(type)
                            + (isNamed ? " and a name" : ""));
        }
    }

    private static ManifestEntry read(ByteBuffer at, int index) {
        int start = Manifest.HEADER_SIZE + index * Manifest.ENTRY_SIZE;
        int attached = at.get(start + Manifest.ATTACHED) & 0xff;
        if (attached != 0) {
            throw Manifest.invalid("entry " + index + " is marked as attached (" + attached + ")");
        }
        byte[] raw = new byte[Manifest.NAME_SIZE];
        at.get(start, raw);
        if (raw[Manifest.NAME_SIZE - 1] != 0) {
            throw Manifest.invalid("name of entry " + index + " does not end within 68 bytes");
        }
        String name = new String(raw, StandardCharsets.ISO_8859_1);
        return new ManifestEntry(
                name.substring(0, name.indexOf('\0')), at.getInt(start + Manifest.ENTRY_TYPE));
    }

    /** Returns whether it is kept for Solo5's own use, and declares no device. */
    public boolean isReserved() {
        return Integer.compareUnsigned(type, DeviceType.RESERVED_FIRST) >= 0;
    }

    /** Returns the type's name as Solo5 spells it. */
    public String typeName() {
        return DeviceType.numbered(type).map(DeviceType::name).orElse("<undefined type>");
    }
}
