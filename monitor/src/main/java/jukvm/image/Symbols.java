package jukvm.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import jukvm.memory.GuestMemory;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * The names that an image gives to its code, by address; none if it was stripped. With them is what
 * it tells of frames, which a stripped one may tell, too. A table that is damaged gives those names
 * that can be read. All of it is hostile: of several tables the first counts, as a file has one at
 * most, and names that share their bytes take no more memory together than the file. Immutable.
 * Source: elf(5).
 *
 * <pre>
 * ELF header      e_shoff u64 @40, e_shentsize u16 @58, e_shnum u16 @60
 * section header  sh_type u32 @4, sh_offset u64 @24, sh_size u64 @32, sh_link u32 @40
 * symbol          st_name u32 @0, st_info u8 @4, st_shndx u16 @6, st_value u64 @8, st_size u64 @16
 * </pre>
 */
public final class Symbols {
    static final int SECTION_HEADER = 64;
    private static final int SHT_SYMTAB = 2;
    private static final int SYMBOL = 24;
    private static final int STT_NOTYPE = 0;
    private static final int STT_FUNC = 2;

    // A large guest has some ten thousand of some ten characters.
    private static final int MAX_SYMBOLS = 1 << 20;
    private static final int MAX_NAME = 256;

    private final List<Symbol> symbols;
    private final CallFrames frames;

    /**
     * A name for code.
     *
     * @param gpa of its first byte
     * @param size in bytes, 0 if that is not known
     * @param name hostile, but escaped and cut
     */
    public record Symbol(long gpa, long size, String name) {}

    /**
     * A function that has not returned.
     *
     * @param rip where it is, or goes on
     * @param rsp stack pointer
     * @param rbp frame pointer, or anything
     */
    public record Frame(long rip, long rsp, long rbp) {}

    private Symbols(List<Symbol> symbols, CallFrames frames) {
        this.symbols = symbols;
        this.frames = frames;
    }

    static Symbols of(byte[] file, List<Segment> segments) {
        ByteBuffer at = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        List<Symbol> found = new ArrayList<>();
        boolean[] isRead = {false};
        eachSection(
                at,
                header -> {
                    if (!isRead[0] && at.getInt(header + 4) == SHT_SYMTAB) {
                        isRead[0] = true;
                        long strings = at.getInt(header + 40);
                        ByteBuffer names = section(at, at.getLong(40) + strings * SECTION_HEADER);
                        read(section(at, header), names, segments, file.length, found);
                    }
                });
        found.sort(Comparator.comparingLong(Symbol::gpa).thenComparing(Symbol::name));
        return new Symbols(List.copyOf(found), CallFrames.of(file));
    }

    /** Tells of each section whose header is inside the file, by the offset of that. */
    static void eachSection(ByteBuffer at, IntConsumer header) {
        long headers = at.getLong(40);
        int count = at.getShort(60) & 0xffff;
        for (int i = 0; i < count && at.getShort(58) == SECTION_HEADER; i++) {
            long offset = headers + (long) i * SECTION_HEADER;
            if (isIn(at, offset, SECTION_HEADER)) {
                header.accept((int) offset);
            }
        }
    }

    static boolean isIn(ByteBuffer file, long from, long length) {
        return from >= 0 && length >= 0 && from <= file.capacity() - length;
    }

    static ByteBuffer section(ByteBuffer file, long header) {
        if (isIn(file, header, SECTION_HEADER)) {
            long from = file.getLong((int) header + 24);
            long length = file.getLong((int) header + 32);
            if (isIn(file, from, length)) {
                return file.slice((int) from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        return ByteBuffer.allocate(0);
    }

    private static void read(
            ByteBuffer table, ByteBuffer names, List<Segment> segments, int most, List<Symbol> to) {
        int room = most;
        int end = Math.min(table.capacity(), MAX_SYMBOLS * SYMBOL);
        for (int at = 0; at <= end - SYMBOL; at += SYMBOL) {
            int type = table.get(at + 4) & 0xf;
            long gpa = table.getLong(at + 8);
            boolean isCode = type == STT_FUNC || (type == STT_NOTYPE && table.getShort(at + 6) > 0);
            if (isCode && isExecutable(gpa, segments)) {
                String name = name(names, table.getInt(at));
                room -= name.length();
                if (room < 0) {
                    return;
                }
                if (!name.isEmpty()) {
                    to.add(new Symbol(gpa, Math.max(0, table.getLong(at + 16)), name));
                }
            }
        }
    }

    static boolean isExecutable(long gpa, List<Segment> segments) {
        for (Segment segment : segments) {
            if (segment.executable()
                    && gpa >= segment.gpa()
                    && gpa - segment.gpa() < segment.memorySize()) {
                return true;
            }
        }
        return false;
    }

    private static String name(ByteBuffer names, int offset) {
        if (offset < 0 || offset >= names.capacity()) {
            return "";
        }
        int end = offset;
        while (end < names.capacity() && end - offset < MAX_NAME && names.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - offset];
        names.get(offset, bytes);
        return Printable.of(new String(bytes, StandardCharsets.ISO_8859_1), MAX_NAME);
    }

    CallFrames frames() {
        return frames;
    }

    /** Returns whether the image tells where code has its caller, if it has one. */
    public boolean knowCaller(long code) {
        return frames.know(code);
    }

    /**
     * Returns where the caller of code goes on.
     *
     * @param code of the frame: before its rip, if that is a return address
     * @param memory of the guest
     * @return null if there is none, or it is not known
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public @Nullable Frame caller(Frame frame, long code, GuestMemory memory) {
        long[] registers = new long[CallFrames.COUNT];
        registers[CallFrames.RIP] = frame.rip();
        registers[CallFrames.RSP] = frame.rsp();
        registers[CallFrames.RBP] = frame.rbp();
        return frames.unwind(code, registers, memory)
                ? new Frame(
                        registers[CallFrames.RIP],
                        registers[CallFrames.RSP],
                        registers[CallFrames.RBP])
                : null;
    }

    /** Returns them by address. */
    public List<Symbol> all() {
        return symbols;
    }

    /**
     * Returns what an address of code is called, as in {@code guest_main+0x1c}; in hexadecimal if
     * it has no name.
     */
    public String name(long gpa) {
        return name(at(gpa), gpa);
    }

    /**
     * Returns likewise what an address is called to which a call returns: by the function that
     * called, whose last instruction the call may be.
     */
    public String nameOfReturn(long gpa) {
        return name(at(gpa - 1), gpa);
    }

    private static String name(@Nullable Symbol symbol, long gpa) {
        if (symbol == null) {
            return "0x" + Long.toHexString(gpa);
        }
        long offset = gpa - symbol.gpa();
        return offset == 0 ? symbol.name() : symbol.name() + "+0x" + Long.toHexString(offset);
    }

    /** Returns the name of the function that an address lies in, in hexadecimal if it has none. */
    public String function(long gpa) {
        Symbol symbol = at(gpa);
        return symbol == null ? "0x" + Long.toHexString(gpa) : symbol.name();
    }

    // The last that begins there or before, unless it ends before. Of several of one address, one
    // that knows its size.
    private @Nullable Symbol at(long gpa) {
        int from = 0;
        int to = symbols.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (symbols.get(middle).gpa() <= gpa) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Symbol last = null;
        for (int i = from - 1;
                i >= 0 && (last == null || symbols.get(i).gpa() == last.gpa());
                i--) {
            if (last == null || last.size() == 0) {
                last = symbols.get(i);
            }
        }
        boolean isInside = last != null && (last.size() == 0 || gpa - last.gpa() < last.size());
        return isInside ? last : null;
    }
}
