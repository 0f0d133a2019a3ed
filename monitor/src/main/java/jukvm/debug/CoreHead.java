package jukvm.debug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jukvm.call.TrapFrame;
import jukvm.kvm.VcpuDebug;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * What comes before guest memory in an ELF core: headers, and notes with the registers. Source:
 * elf(5); linux/elfcore.h, struct elf_prstatus and elf_prpsinfo, x86-64.
 *
 * <pre>
 * ELF header @0, PT_NOTE header @64, PT_LOAD header @120, notes @176, guest memory @4096
 * note      namesz u32 @0, descsz u32 @4, type u32 @8, "CORE" @12, descriptor @20
 * prstatus  si_signo u32 @0, cursig u16 @12, pid u32 @32, registers u64[27] @112, fpvalid u32 @328
 * prpsinfo  fname char[16] @40, psargs char[80] @56
 * xstate    FXSAVE @0, in whose free bytes XCR0 u64 @464, XSTATE_BV u64 @512, AVX by CPUID
 * </pre>
 */
final class CoreHead {
    /** Where guest memory is in the file, from its address 0 on. */
    static final int MEMORY = 4096;

    private static final int NOTES = 176;
    private static final int NT_PRSTATUS = 1;
    private static final int NT_FPREGSET = 2;
    private static final int NT_PRPSINFO = 3;
    private static final int NT_X86_XSTATE = 0x202;
    private static final int XCR0 = 464;
    private static final long X87_SSE_AVX = 7;
    private static final int PRSTATUS_SIZE = 336;
    private static final int PRPSINFO_SIZE = 136;
    private static final int REGISTERS = 112;
    private static final int NO_SYSTEM_CALL = -1;

    // Those of GuestState in the order of struct user_regs_struct: r15 to rdi, then orig_rax, rip,
    // cs, eflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs.
    private static final int[] ORDER = {
        15,
        14,
        13,
        12,
        6,
        1,
        11,
        10,
        9,
        8,
        0,
        2,
        3,
        4,
        5,
        NO_SYSTEM_CALL,
        16,
        18,
        17,
        7,
        19,
        57,
        58,
        20,
        21,
        22,
        23
    };
    private static final int RIP = 16;
    private static final int CS = 17;
    private static final int EFLAGS = 18;
    private static final int RSP = 19;
    private static final int SS = 20;

    private final ByteBuffer at = ByteBuffer.allocate(MEMORY).order(ByteOrder.LITTLE_ENDIAN);
    private final long memory;

    /**
     * Makes one.
     *
     * @param memory of the guest, in bytes
     */
    CoreHead(long memory) {
        this.memory = memory;
    }

    /**
     * Returns its bytes.
     *
     * @param what the guest was run as
     * @param signal that stands for its end
     * @param frame of the exception it gave up on, null if none
     * @param debug of the vCPU, for its vector registers
     */
    byte[] of(
            String what, int signal, GuestState state, @Nullable TrapFrame frame, VcpuDebug debug) {
        at.position(NOTES);
        note(NT_PRPSINFO, PRPSINFO_SIZE);
        int info = at.position();
        text(info + 40, 16, what.substring(what.lastIndexOf('/', end(what)) + 1, end(what)));
        text(info + 56, 80, what);
        at.position(info + PRPSINFO_SIZE);
        note(NT_PRSTATUS, PRSTATUS_SIZE);
        status(at.position(), signal, state, frame);
        at.position(at.position() + PRSTATUS_SIZE);
        note(NT_FPREGSET, VcpuDebug.FXSAVE_SIZE);
        at.put(debug.vectors());
        if (debug.hasAvx()) {
            extended(debug.extended());
        }
        headers(at.position() - NOTES);
        return at.array();
    }

    // Linux tells in it which parts of the area count, for there are no headers of CPUID in a core.
    private void extended(ByteBuffer area) {
        note(NT_X86_XSTATE, "LINUX\0\0\0", area.capacity());
        int from = at.position();
        at.put(area);
        at.putLong(from + XCR0, X87_SSE_AVX);
    }

    private static int end(String what) {
        int blank = what.indexOf(' ');
        return blank < 0 ? what.length() : blank;
    }

    private void note(int type, int size) {
        note(type, "CORE\0\0\0\0", size);
    }

    // Names are as long as they are with one zero byte, and filled up to a multiple of four.
    private void note(int type, String name, int size) {
        at.putInt(name.indexOf(0) + 1).putInt(size).putInt(type);
        at.put(name.getBytes(StandardCharsets.US_ASCII));
    }

    private void text(int offset, int size, String text) {
        at.put(offset, Arrays.copyOf(HostText.encode(text), size - 1));
    }

    private void status(int from, int signal, GuestState state, @Nullable TrapFrame frame) {
        at.putInt(from, signal);
        at.putShort(from + 12, (short) signal);
        at.putInt(from + 32, 1); // A thread has a number, and 0 is none.
        at.putInt(from + PRSTATUS_SIZE - 8, 1);
        for (int i = 0; i < ORDER.length; i++) {
            long value = ORDER[i] == NO_SYSTEM_CALL ? NO_SYSTEM_CALL : number(state.read(ORDER[i]));
            at.putLong(from + REGISTERS + i * Long.BYTES, value);
        }
        if (frame != null) {
            int registers = from + REGISTERS;
            at.putLong(registers + RIP * Long.BYTES, frame.rip());
            at.putLong(registers + CS * Long.BYTES, frame.cs());
            at.putLong(registers + EFLAGS * Long.BYTES, frame.rflags());
            at.putLong(registers + RSP * Long.BYTES, frame.rsp());
            at.putLong(registers + SS * Long.BYTES, frame.ss());
        }
    }

    private static long number(byte[] littleEndian) {
        byte[] whole = Arrays.copyOf(littleEndian, Long.BYTES);
        return ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private void headers(int notes) {
        at.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        at.putShort(16, (short) 4); // ET_CORE
        at.putShort(18, (short) 62); // EM_X86_64
        at.putInt(20, 1);
        at.putLong(32, 64); // e_phoff
        at.putShort(52, (short) 64);
        at.putShort(54, (short) 56);
        at.putShort(56, (short) 2); // e_phnum
        at.putInt(64, 4); // PT_NOTE
        at.putLong(72, NOTES);
        at.putLong(96, notes);
        at.putInt(120, 1); // PT_LOAD, its address 0
        at.putInt(124, 6); // PF_R, PF_W
        at.putLong(128, MEMORY);
        at.putLong(152, memory);
        at.putLong(160, memory);
        at.putLong(168, MEMORY);
    }
}
