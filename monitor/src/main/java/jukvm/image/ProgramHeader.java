package jukvm.image;

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

    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
