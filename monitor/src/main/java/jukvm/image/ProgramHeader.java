package jukvm.image;

import java.nio.ByteBuffer;

/**
 * An ELF program header as it stands in the file; every value is hostile, and unsigned.
 *
 * @param index its place in the table, from 0
 * @param type p_type
 * @param flags p_flags: bit 0 execute, bit 1 write, bit 2 read
 * @param offset p_offset, in bytes from the start of the file
 * @param vaddr p_vaddr
 * @param paddr p_paddr
 * @param fileSize p_filesz, in bytes
 * @param memorySize p_memsz, in bytes
 * @param align p_align, in bytes
 */
record ProgramHeader(
        int index,
        int type,
        int flags,
        long offset,
        long vaddr,
        long paddr,
        long fileSize,
        long memorySize,
        long align) {
    static final int EXECUTE = 1;
    static final int WRITE = 2;
    static final int READ = 4;

    /** Returns the program header that stands at {@code start}; {@link ElfFile} draws it. */
    static ProgramHeader of(int index, ByteBuffer at, int start) {
        return new ProgramHeader(
                index,
                at.getInt(start),
                at.getInt(start + 4),
                at.getLong(start + 8),
                at.getLong(start + 16),
                at.getLong(start + 24),
                at.getLong(start + 32),
                at.getLong(start + 40),
                at.getLong(start + 48));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
