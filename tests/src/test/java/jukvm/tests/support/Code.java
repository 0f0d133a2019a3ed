package jukvm.tests.support;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * Machine code of a tiny guest, put together instruction by instruction; each is given as assembly,
 * which is a comment, and as bytes. Addresses are those of {@link TinyGuest}.
 */
public final class Code {
    public static final int RAX = 0;
    public static final int RCX = 1;
    public static final int RDX = 2;
    public static final int RBX = 3;
    public static final int RSP = 4;
    public static final int RSI = 6;
    public static final int RDI = 7;

    public static final int WALLTIME = 0x501;
    public static final int PUTS = 0x502;
    public static final int POLL = 0x503;
    public static final int HALT = 0x508;

    /** The status of a guest that got to its end. */
    public static final int DONE = 100;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds an instruction. */
    @SuppressWarnings("unused") // The assembly is for the reader.
    public Code op(String assembly, String hex) {
        bytes.writeBytes(HexFormat.ofDelimiter(" ").parseHex(hex));
        return this;
    }

    /** Adds bytes that are what they are. */
    public Code raw(byte... code) {
        bytes.writeBytes(code);
        return this;
    }

    private Code u32(int value) {
        return raw(littleEndian(value, Integer.BYTES));
    }

    /** mov $value, %reg: the whole register, by its number. */
    public Code set(int register, long value) {
        return raw((byte) 0x48, (byte) (0xb8 + register)).raw(littleEndian(value, Long.BYTES));
    }

    /** mov $value, %rcx; mov %rcx, address. */
    public Code store(int address, long value) {
        return set(RCX, value).op("mov %rcx, address", "48 89 0c 25").u32(address);
    }

    /** mov %rax, address. */
    public Code storeRax(int address) {
        return op("mov %rax, address", "48 89 04 25").u32(address);
    }

    /** mov (address), %rax: any address of 64 bits. */
    public Code load(long address) {
        return set(RAX, address).op("mov (%rax), %rax", "48 8b 00");
    }

    /** mov $gpa, %eax; mov $port, %edx; out %eax, %dx. */
    public Code call(int port, long gpa) {
        return port(port).set(RAX, gpa).op("out %eax, %dx", "ef");
    }

    /** mov $port, %edx. */
    public Code port(int port) {
        return set(RDX, port);
    }

    /** Prints a buffer, by a struct in scratch memory. */
    public Code puts(long data, long length) {
        return store(TinyGuest.CALL, data)
                .store(TinyGuest.CALL + 8, length)
                .call(PUTS, TinyGuest.CALL);
    }

    /** Waits, with nothing else to wait for; nanoseconds, negative for ever. */
    public Code poll(long nanos) {
        return store(TinyGuest.CALL, nanos).call(POLL, TinyGuest.CALL);
    }

    /** Writes to so many pages, from an address on. */
    public Code touch(int gpa, int pages) {
        return set(RDI, gpa)
                .set(RCX, pages)
                .op("mov %rdi, (%rdi)", "48 89 3f")
                .op("add $4096, %rdi", "48 81 c7 00 10 00 00")
                .op("dec %rcx", "48 ff c9")
                .op("jne .-13", "75 f1");
    }

    /** Counts down, at one or two a nanosecond. */
    public Code burn(long turns) {
        return set(RCX, turns).op("dec %rcx", "48 ff c9").op("jne .-3", "75 fb");
    }

    /** Ends the guest. */
    public Code halt(int status) {
        return halt(0, status);
    }

    /** Ends the guest with a cookie. */
    public Code halt(long cookie, int status) {
        return store(TinyGuest.CALL, cookie)
                .store(TinyGuest.CALL + 8, status)
                .call(HALT, TinyGuest.CALL);
    }

    /** Ends the guest as one that got there. */
    public Code done() {
        return halt(DONE);
    }

    /** Ends the guest with what is in EAX as its status. */
    public Code haltWithRax() {
        return storeRax(TinyGuest.CALL + 8).store(TinyGuest.CALL, 0).call(HALT, TinyGuest.CALL);
    }

    /** Makes the guest's own exceptions arrive: each ends it with its vector as the status. */
    public Code handlers() {
        return lgdt(TinyGuest.GDT_POINTER).lidt(TinyGuest.IDT_POINTER);
    }

    /** lidt address. */
    public Code lidt(int address) {
        return op("lidt address", "0f 01 1c 25").u32(address);
    }

    /** lgdt address. */
    public Code lgdt(int address) {
        return op("lgdt address", "0f 01 14 25").u32(address);
    }

    /** Writes a pseudo-descriptor to scratch memory, in two stores. */
    public Code pointer(int address, long base, int limit) {
        return store(address, limit | base << 16).store(address + 8, base >>> 48);
    }

    /** mov %rax, %crN after loading RAX. */
    public Code control(int number, long value) {
        return set(RAX, value).raw((byte) 0x0f, (byte) 0x22, (byte) (0xc0 | number << 3));
    }

    /** Loads ECX and EDX:EAX; wrmsr. */
    public Code wrmsr(int msr, long value) {
        return set(RAX, value & 0xffffffffL)
                .set(RDX, value >>> 32)
                .set(RCX, msr & 0xffffffffL)
                .op("wrmsr", "0f 30");
    }

    /** Loads ECX; rdmsr. */
    public Code rdmsr(int msr) {
        return set(RCX, msr & 0xffffffffL).op("rdmsr", "0f 32");
    }

    /** push $value, by RAX. */
    public Code push(long value) {
        return set(RAX, value).op("push %rax", "50");
    }

    /** jmp to itself, for ever. */
    public Code spin() {
        return op("jmp .", "eb fe");
    }

    /** Jumps anywhere. */
    public Code jump(long address) {
        return set(RAX, address).op("jmp *%rax", "ff e0");
    }

    /** Returns where the next instruction will be. */
    public int here() {
        return TinyGuest.TEXT + bytes.size();
    }

    /** Returns the code. */
    public byte[] bytes() {
        return bytes.toByteArray();
    }

    public static byte[] littleEndian(long value, int width) {
        byte[] bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }
}
