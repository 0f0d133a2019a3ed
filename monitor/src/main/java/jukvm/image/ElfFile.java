package jukvm.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.error.ImageException;

/**
 * An ELF-64 file's header and program headers, checked as Solo5 checks them.
 *
 * <pre>
 * header          e_ident[16] @0, e_type u16 @16, e_machine u16 @18, e_version u32 @20,
 *                 e_entry u64 @24, e_phoff u64 @32, e_ehsize u16 @52, e_phentsize u16 @54,
 *                 e_phnum u16 @56
 * program header  p_type u32 @0, p_flags u32 @4, p_offset u64 @8, p_vaddr u64 @16,
 *                 p_paddr u64 @24, p_filesz u64 @32, p_memsz u64 @40, p_align u64 @48
 * </pre>
 */
final class ElfFile {
    static final int HEADER_SIZE = 64;
    static final int PHDR_SIZE = 56;
    static final int PHOFF = 32;
    static final int PHNUM = 56;
    static final int PT_LOAD = 1;
    static final int PT_NOTE = 4;

    private static final int ELFCLASS64 = 2;
    private static final int ELFDATA2LSB = 1;
    private static final int EM_X86_64 = 62;

    private final ByteBuffer at;
    private final int programHeaders;
    private final int table;

    private ElfFile(ByteBuffer at) {
        this.at = at;
        this.programHeaders = u16(PHNUM);
        this.table = table();
    }

    /**
     * Checks the header of a file.
     *
     * @param bytes the whole file; hostile
     * @throws ImageException if it is not an executable for this machine
     */
    static ElfFile of(byte[] bytes) {
        ByteBuffer at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        checkHeader(at);
        checkTable(at);
        return new ElfFile(at);
    }

    /**
     * Checks all that the header says but where the program headers are.
     *
     * @param at the file, or its first bytes
     * @throws ImageException if it is not an executable for this machine
     */
    static void checkHeader(ByteBuffer at) {
        checkIdentity(at);
        checkKind(at);
        checkSizes(at);
    }

    private static void checkIdentity(ByteBuffer at) {
        int size = at.capacity();
        if (size == 0) {
            throw ImageException.invalid("file is empty, need at least 64 bytes");
        }
        byte[] start = new byte[Math.min(4, size)];
        at.get(0, start);
        String found = Magic.describe(start);
        if (!found.isEmpty()) {
            throw ImageException.invalid("not an ELF file (starts with " + found + ")");
        }
        if (size < HEADER_SIZE) {
            throw ImageException.invalid(
                    "file has " + size + " bytes, an ELF header needs " + HEADER_SIZE);
        }
        int elfClass = at.get(4);
        if (elfClass != ELFCLASS64) {
            throw ImageException.invalid(
                    (elfClass == 1 ? "32-bit ELF" : "ELF of class " + elfClass)
                            + ", need 64-bit (class 2)");
        }
        int data = at.get(5);
        if (data != ELFDATA2LSB) {
            throw ImageException.invalid(
                    (data == 2 ? "big-endian ELF" : "ELF of data encoding " + data)
                            + ", need little-endian (encoding 1)");
        }
    }

    private static void checkKind(ByteBuffer at) {
        int type = at.getShort(16) & 0xffff;
        if (type != 2) {
            String found =
                    switch (type) {
                        case 1 -> "a relocatable object (ET_REL)";
                        case 3 ->
                                "a position-independent executable (ET_DYN; link with -no-pie"
                                        + " -static)";
                        case 4 -> "a core dump (ET_CORE)";
                        default -> "ELF type " + type;
                    };
            throw ImageException.invalid(found + ", need an executable (ET_EXEC, type 2)");
        }
        int machine = at.getShort(18) & 0xffff;
        if (machine != EM_X86_64) {
            String found =
                    switch (machine) {
                        case 183 -> "aarch64";
                        case 3 -> "i386";
                        case 243 -> "riscv";
                        default -> "machine " + machine;
                    };
            throw ImageException.invalid("built for " + found + ", this host is x86_64");
        }
        require(at.getInt(20), 1, "ELF version (e_version)");
    }

    private static void checkSizes(ByteBuffer at) {
        require(at.getShort(52) & 0xffff, HEADER_SIZE, "ELF header size (e_ehsize)");
        if (at.getShort(PHNUM) == 0) {
            throw ImageException.invalid("has no program headers (e_phnum is 0): nothing to load");
        }
        require(at.getShort(54) & 0xffff, PHDR_SIZE, "program header size (e_phentsize)");
    }

    private static void checkTable(ByteBuffer at) {
        int count = at.getShort(PHNUM) & 0xffff;
        long offset = at.getLong(PHOFF);
        long needed = (long) count * PHDR_SIZE;
        if (offset < 0 || offset > at.capacity()) {
            throw ImageException.invalid(
                    "program header offset "
                            + Long.toUnsignedString(offset)
                            + " (e_phoff) is outside the file of "
                            + at.capacity()
                            + " bytes");
        }
        if (needed > at.capacity() - offset) {
            throw ImageException.invalid(
                    count
                            + " program headers need "
                            + needed
                            + " bytes from offset "
                            + offset
                            + ", the file has "
                            + (at.capacity() - offset)
                            + " there");
        }
    }

    private static void require(int found, int wanted, String what) {
        if (found != wanted) {
            throw ImageException.invalid(
                    what + " is " + Integer.toUnsignedString(found) + ", need " + wanted);
        }
    }

    private int table() {
        return Math.toIntExact(at.getLong(PHOFF));
    }

    private int u16(int offset) {
        return at.getShort(offset) & 0xffff;
    }

    /** Returns the address of the first instruction; hostile. */
    long entry() {
        return at.getLong(24);
    }

    /** Returns the file's size in bytes. */
    int size() {
        return at.capacity();
    }

    /** Returns how many program headers there are. */
    int programHeaders() {
        return programHeaders;
    }

    /** Returns a program header; its values are hostile. */
    ProgramHeader programHeader(int index) {
        return ProgramHeader.of(index, at, table + index * PHDR_SIZE);
    }

    /** Returns a little-endian view of part of the file, which must be inside it. */
    ByteBuffer bytes(long offset, long length) {
        return at.slice(Math.toIntExact(offset), Math.toIntExact(length))
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
