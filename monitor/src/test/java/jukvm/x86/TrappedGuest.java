package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import jukvm.error.GuestException;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.memory.GuestMemory;
import jukvm.x86.TrapEmulator.Result;

/** A guest at ring 3 that has trapped, with a vCPU and memory in which all can be looked at. */
final class TrappedGuest implements AutoCloseable {
    static final int SIZE = 4 << 20;
    static final long TEXT = 0x100000;
    static final long RIP = TEXT + 0x80;
    static final long STACK = 0x300000;
    static final long FLAGS = 0x246;
    static final int ERROR = 0x1230;
    static final int GP_PORT = 0xe0 + 13;
    static final EmulatorState NEW = new EmulatorState(0, 0, 0, 0, 0, 0);

    private static final long FRAME = 0x2000 - 48;
    private static final long IDT = 0x202000;
    private static final long HANDLERS = TEXT + 0x800;
    private static final int CR0 = 224; // CR2, CR3 and CR4 follow: linux/kvm.h, struct kvm_sregs

    final HeldRegisters vcpu = new HeldRegisters();
    final GuestMemory memory = GuestMemory.allocate(SIZE);
    final TrapEmulator emulator = new TrapEmulator(vcpu, memory);

    /** Makes one of Solo5 0.6 or newer. */
    TrappedGuest() {
        this(0, 0x12000);
    }

    /** Makes one of which every register is another, and without tables of its own. */
    TrappedGuest(long monitors, long end) {
        memory.protect(monitors, end - monitors);
        memory.protect(TEXT, 0x1000);
        Reg[] all = Reg.values();
        for (int i = 0; i < all.length; i++) {
            vcpu.general.put(all[i], 0x1111_0000_0000L * (i + 1));
        }
        for (int i = 0; i < 4; i++) {
            vcpu.specialBytes.putLong(CR0 + i * 8, 0xc0c0_0000_0000L + i);
        }
        putFrame(0x0b, STACK);
    }

    void putFrame(long cs, long rsp) {
        memory.owned(FRAME, 48)
                .putLong(0, ERROR)
                .putLong(8, RIP)
                .putLong(16, cs)
                .putLong(24, FLAGS)
                .putLong(32, rsp)
                .putLong(40, 0x13);
    }

    void putError(long error) {
        memory.owned(FRAME, 8).putLong(0, error);
    }

    void putCr2(long address) {
        vcpu.specialBytes.putLong(CR0 + 8, address);
    }

    /** Gives it a handler of an exception. */
    void putGate(int vector) {
        long handler = handler(vector);
        memory.owned(IDT + vector * 16L, 16)
                .putLong(0, handler & 0xffff | 0x8e00_0008_0000L | (handler >>> 16) << 48);
        emulator.resume(new EmulatorState(0, 0, 0, IDT, 0xffff, 0));
    }

    static long handler(int vector) {
        return HANDLERS + vector;
    }

    long rip() {
        return memory.u64(FRAME + 8);
    }

    long rsp() {
        return memory.u64(FRAME + 32);
    }

    /** Has it trap again on an instruction, in hexadecimal, by a general protection exception. */
    Result trap(String hex) {
        byte[] code = HexFormat.ofDelimiter(" ").parseHex(hex);
        memory.owned(RIP, code.length).put(code);
        return emulator.trap(GP_PORT);
    }

    /** Traps so: it goes on behind the instruction, the rest of the trap's frame as it was. */
    void assertEmulated(String hex) {
        putFrame(0x0b, STACK);
        assertEquals(Result.RESUME, trap(hex), hex);
        assertGoesOn(RIP + (hex.length() + 1) / 3, FLAGS, STACK);
    }

    /** Traps so: the exception is the guest's, which has no handler. */
    void assertIsItsOwnFault(String hex) {
        putFrame(0x0b, STACK);
        assertEquals(Result.TRIPLE_FAULT, trap(hex), hex);
        assertGoesOn(RIP, FLAGS, STACK);
    }

    /** What the trap returns to. */
    void assertGoesOn(long rip, long flags, long rsp) {
        assertEquals(ERROR, memory.u64(FRAME));
        assertEquals(rip, memory.u64(FRAME + 8));
        assertEquals(0x0b, memory.u64(FRAME + 16));
        assertEquals(flags, memory.u64(FRAME + 24));
        assertEquals(rsp, memory.u64(FRAME + 32));
        assertEquals(0x13, memory.u64(FRAME + 40));
    }

    /** Returns what is said of a guest that is ended. */
    static String refusal(Runnable trap) {
        String message = assertThrows(GuestException.class, trap::run).getMessage();
        return message == null ? "" : message;
    }

    /** Puts what WRMSR takes; the upper halves of RAX, RCX and RDX do not matter. */
    void putMsr(long msr, long value) {
        long high = 0xfedc_ba98L << 32;
        vcpu.general.put(Reg.RCX, high | msr);
        vcpu.general.put(Reg.RDX, high | value >>> 32);
        vcpu.general.put(Reg.RAX, high | value & 0xffffffffL);
    }

    @Override
    public void close() {
        memory.close();
    }
}
