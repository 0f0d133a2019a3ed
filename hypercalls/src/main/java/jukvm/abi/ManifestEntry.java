package jukvm.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.ImageException;

/**
 * An entry of a manifest as it stands in an executable that is only looked at. {@link Manifest} has
 * the layout, and is what a guest that runs must pass. Source: Solo5 tenders/common/mft.c.
 *
 * @param name up to 67 characters of ISO 8859-1, any but NUL; hostile
 * @param type number of the type; hostile
 */
public record ManifestEntry(String name, int type) {
    /**
     * Returns all entries, the first reserved one included.
     *
     * @param content of the MFT1 note; hostile
     * @throws ImageException if Solo5 takes it for invalid
     */
    public static List<ManifestEntry> list(ByteBuffer content) {
        ByteBuffer at = content.slice().order(ByteOrder.LITTLE_ENDIAN);
        int size = at.capacity();
        require(size >= Manifest.HEADER_SIZE && at.getInt(0) == Manifest.VERSION);
        int count = at.getInt(4);
        require(count >= 1 && count <= Manifest.MAX_ENTRIES);
        require(size == Manifest.HEADER_SIZE + count * Manifest.ENTRY_SIZE);
        List<ManifestEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(at(at, Manifest.HEADER_SIZE + i * Manifest.ENTRY_SIZE));
        }
        ManifestEntry first = entries.get(0);
        require(first.type == DeviceType.RESERVED_FIRST && first.name.isEmpty());
        return entries;
    }

    private static ManifestEntry at(ByteBuffer at, int start) {
        byte[] raw = new byte[Manifest.NAME_SIZE];
        at.get(start, raw);
        require(raw[Manifest.NAME_SIZE - 1] == 0 && at.get(start + Manifest.ATTACHED) == 0);
        String name = new String(raw, StandardCharsets.ISO_8859_1);
        return new ManifestEntry(
                name.substring(0, name.indexOf('\0')), at.getInt(start + Manifest.ENTRY_TYPE));
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw ImageException.invalid("Manifest validation failed");
        }
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
