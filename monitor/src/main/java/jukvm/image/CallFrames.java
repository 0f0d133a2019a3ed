package jukvm.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where code of an image has its caller, as compilers say it in {@code .eh_frame}; nothing if there
 * is none. All of it is hostile, and so is the guest's memory: what is damaged is passed over, and
 * each look is bounded. Immutable. Source: LSB 5, Core, section 10.6, "Exception Frames"; DWARF 5,
 * section 6.4.
 *
 * <pre>
 * entry    length u32 @0, id u32 @4: 0 of a common one, else how far before it the common one is
 * common   version u8 @8, augmentation, units of code and data, return address, more, program
 * other    first address, length, more, program
 * </pre>
 */
final class CallFrames {
    /** Numbers of registers, as DWARF has them: AMD64 ABI, figure 3.36. */
    static final int RBP = 6;

    static final int RSP = 7;
    static final int RIP = 16;

    /** How many there are. */
    static final int COUNT = 17;

    private static final CallFrames NONE =
            new CallFrames(ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN), 0);
    private static final byte[] NAME = ".eh_frame\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_ENTRIES = 1 << 20;
    private static final long EXTENDED = 0xffffffffL;

    private final ByteBuffer section;
    private final long gpa;
    private final List<Entry> entries = new ArrayList<>();

    /** What entries have in common, with the program that comes before theirs. */
    record Common(long codeUnit, long dataUnit, int encoding, boolean hasMore, int from, int end) {}

    private record Entry(Common common, long gpa, long length, int from, int end) {}

    private CallFrames(ByteBuffer section, long gpa) {
        this.section = section;
        this.gpa = gpa;
    }

    static CallFrames of(byte[] file) {
        ByteBuffer at = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long headers = at.getLong(40);
        int count = at.getShort(60) & 0xffff;
        int names = at.getShort(62) & 0xffff;
        for (int i = 0; i < count && at.getShort(58) == Symbols.SECTION_HEADER; i++) {
            long header = headers + (long) i * Symbols.SECTION_HEADER;
            if (Symbols.isIn(at, header, Symbols.SECTION_HEADER)
                    && isCalled(at, headers, names, at.getInt((int) header))) {
                long gpa = at.getLong((int) header + 16);
                CallFrames found = new CallFrames(Symbols.section(at, header), gpa);
                found.read();
                return found;
            }
        }
        return NONE;
    }

    private static boolean isCalled(ByteBuffer file, long headers, int names, int name) {
        ByteBuffer all = Symbols.section(file, headers + (long) names * Symbols.SECTION_HEADER);
        return name >= 0
                && name <= all.capacity() - NAME.length
                && all.slice(name, NAME.length).equals(ByteBuffer.wrap(NAME));
    }

    private void read() {
        Map<Integer, Optional<Common>> commons = new HashMap<>();
        int at = 0;
        while (at <= section.capacity() - 8 && entries.size() < MAX_ENTRIES) {
            long length = section.getInt(at) & EXTENDED;
            int body = at + 4;
            // Of 64 bits nobody needs them, and none is the end.
            if (length < 4 || length == EXTENDED || length > section.capacity() - body) {
                break;
            }
            int end = body + (int) length;
            int id = section.getInt(body);
            if (id != 0) {
                Optional<Common> common = commons.computeIfAbsent(body - id, this::common);
                common.ifPresent(each -> add(each, body + 4, end));
            }
            at = end;
        }
        entries.sort(Comparator.comparingLong(Entry::gpa));
    }

    private Optional<Common> common(int at) {
        try {
            long length = section.getInt(at) & EXTENDED;
            DwarfReader reader = reader(at + 4, Math.toIntExact(at + 4 + length));
            return reader.u32() == 0 ? Optional.of(common(reader)) : Optional.empty();
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | ArithmeticException
                | IllegalArgumentException e) {
            return Optional.empty(); // Of its entries nothing is known.
        }
    }

    private static Common common(DwarfReader reader) {
        int version = reader.u8();
        StringBuilder augmentation = new StringBuilder();
        for (int letter = reader.u8(); letter != 0; letter = reader.u8()) {
            augmentation.append((char) letter);
        }
        long codeUnit = reader.unsigned();
        long dataUnit = reader.signed();
        long returnAddress = version == 1 ? reader.u8() : reader.unsigned();
        boolean hasMore = augmentation.indexOf("z") == 0;
        if (returnAddress != RIP || (!hasMore && augmentation.length() > 0)) {
            throw new IllegalArgumentException("of another processor, or an older compiler");
        }
        int encoding = 0;
        if (hasMore) {
            long length = reader.unsigned();
            int from = reader.position();
            for (int i = 1; i < augmentation.length(); i++) {
                switch (augmentation.charAt(i)) {
                    case 'R' -> encoding = reader.u8();
                    case 'P' -> reader.number(reader.u8());
                    case 'L' -> reader.u8();
                    default -> {}
                }
            }
            reader.skip(from + length - reader.position());
        }
        return new Common(codeUnit, dataUnit, encoding, hasMore, reader.position(), reader.end());
    }

    private void add(Common common, int from, int end) {
        try {
            DwarfReader reader = reader(from, end);
            long first = reader.pointer(common.encoding());
            long length = reader.number(common.encoding());
            if (common.hasMore()) {
                reader.skip(reader.unsigned());
            }
            entries.add(new Entry(common, first, length, reader.position(), end));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // Of this code nothing is known.
        }
    }

    private DwarfReader reader(int from, int end) {
        return new DwarfReader(section, from, end, gpa);
    }

    /** Returns whether it is known where code has its caller, if it has one. */
    boolean know(long code) {
        return find(code) != null;
    }

    /**
     * Makes the registers of code those of its caller.
     *
     * @param code that they are of: before the return address, if that is where it goes on
     * @param registers by DWARF's numbers; changed only if there is a caller
     * @param memory of the guest
     * @return whether there is one, and it is known
     */
    boolean unwind(long code, long[] registers, GuestMemory memory) {
        Entry entry = find(code);
        if (entry == null) {
            return false;
        }
        try {
            Common common = entry.common();
            CallFrameRules rules = new CallFrameRules(common);
            rules.run(reader(common.from(), common.end()), Long.MAX_VALUE);
            rules.begin();
            rules.run(reader(entry.from(), entry.end()), code - entry.gpa());
            return rules.apply(registers, memory);
        } catch (BufferUnderflowException | NoSuchElementException | IllegalArgumentException e) {
            return false;
        }
    }

    private @Nullable Entry find(long code) {
        int from = 0;
        int to = entries.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (entries.get(middle).gpa() <= code) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Entry last = from == 0 ? null : entries.get(from - 1);
        return last != null && code - last.gpa() < last.length() ? last : null;
    }
}
