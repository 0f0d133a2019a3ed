package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Random;
import jukvm.memory.GuestMemory;
import jukvm.x86.Instruction.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstructionTest {
    private static final long RIP = 0x180000;
    private static final int SIZE = 2 << 20;

    private GuestMemory memory;
    private Instruction instruction;

    @BeforeEach
    void allocate() {
        memory = GuestMemory.allocate(SIZE);
        // Register n, by its number in instructions, holds n + 1 times 0x10000.
        instruction = new Instruction(memory, n -> (n + 1) * 0x10000L);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    private Kind decode(String hex) {
        return decode(RIP, HexFormat.ofDelimiter(" ").parseHex(hex));
    }

    private Kind decode(long rip, byte[] bytes) {
        memory.owned(rip, bytes.length).put(bytes);
        return instruction.decode(rip);
    }

    private static int length(String hex) {
        return (hex.length() + 1) / 3;
    }

    // Registers are given as ModRM.reg and ModRM.rm with their REX bits; -1 where there is none.
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "lldt %ax           | 0f 00 d0       | LLDT             | -1 | 0",
                "lldt %r8w          | 41 0f 00 d0    | LLDT             | -1 | 8",
                "ltr %ax            | 0f 00 d8       | LTR              | -1 | 0",
                "ltr %di            | 0f 00 df       | LTR              | -1 | 7",
                "ltr %r15w          | 41 0f 00 df    | LTR              | -1 | 15",
                "ltr %ax, 66        | 66 0f 00 d8    | LTR              | -1 | 0",
                "swapgs             | 0f 01 f8       | SWAPGS           | -1 | -1",
                "xsetbv             | 0f 01 d1       | XSETBV           | -1 | -1",
                "mov %eax, %ss      | 8e d0          | MOV_TO_SS        | -1 | 0",
                "mov %r9d, %ss      | 41 8e d1       | MOV_TO_SS        | -1 | 9",
                "mov %ax, %ss       | 66 8e d0       | MOV_TO_SS        | -1 | 0",
                "mov %rax, %ss      | 48 8e d0       | MOV_TO_SS        | -1 | 0",
                "lretq              | 48 cb          | FAR_RETURN       | -1 | -1",
                "rex.WRXB lretq     | 4f cb          | FAR_RETURN       | -1 | -1",
                "iretq              | 48 cf          | INTERRUPT_RETURN | -1 | -1",
                "wrmsr              | 0f 30          | WRMSR            | -1 | -1",
                "rdmsr              | 0f 32          | RDMSR            | -1 | -1",
                "mov %cr0, %rax     | 0f 20 c0       | READ_CONTROL     | 0  | 0",
                "mov %cr2, %rdi     | 0f 20 d7       | READ_CONTROL     | 2  | 7",
                "mov %cr3, %r15     | 41 0f 20 df    | READ_CONTROL     | 3  | 15",
                "mov %cr4, %rsp     | 0f 20 e4       | READ_CONTROL     | 4  | 4",
                "mov %cr8, %rax     | 44 0f 20 c0    | READ_CONTROL     | 8  | 0",
                "mov %cr15, %r15    | 45 0f 20 ff    | READ_CONTROL     | 15 | 15",
                "mov %rax, %cr0     | 0f 22 c0       | WRITE_CONTROL    | 0  | 0",
                "mov %rcx, %cr3     | 0f 22 d9       | WRITE_CONTROL    | 3  | 1",
                "mov %rax, %cr4     | 0f 22 e0       | WRITE_CONTROL    | 4  | 0",
                "mov %r8, %cr8      | 45 0f 22 c0    | WRITE_CONTROL    | 8  | 8",
                "rex.W mov %rax,%cr0| 48 0f 22 c0    | WRITE_CONTROL    | 0  | 0",
                "clts               | 0f 06          | NO_EFFECT        | -1 | -1",
                "invd               | 0f 08          | NO_EFFECT        | -1 | -1",
                "wbinvd             | 0f 09          | NO_EFFECT        | -1 | -1",
                "cli                | fa             | NO_EFFECT        | -1 | -1",
                "sti                | fb             | NO_EFFECT        | -1 | -1",
                "hlt                | f4             | HLT              | -1 | -1"
            })
    void shouldDecodeRegisterForms(String assembly, String hex, Kind kind, int reg, int rm) {
        assertEquals(kind, decode(hex), assembly);
        assertEquals(RIP + length(hex), instruction.nextRip());
        if (reg >= 0) {
            assertEquals(reg, instruction.reg());
        }
        if (rm >= 0) {
            assertEquals(rm, instruction.rm());
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "lgdt (%rax)                  | 0f 01 10                   | LGDT   | 10000",
                "lidt (%rax)                  | 0f 01 18                   | LIDT   | 10000",
                "invlpg (%rax)                | 0f 01 38                   | INVLPG | 10000",
                "lgdt (%rdi)                  | 0f 01 17                   | LGDT   | 80000",
                "lgdt (%r8)                   | 41 0f 01 10                | LGDT   | 90000",
                "lidt (%r15)                  | 41 0f 01 1f                | LIDT   | 100000",
                "rex.WR lgdt (%rax)           | 4c 0f 01 10                | LGDT   | 10000",
                "data16 lgdt (%rax)           | 66 0f 01 10                | LGDT   | 10000",
                "lgdt 0x7f(%rbp)              | 0f 01 55 7f                | LGDT   | 6007f",
                "lidt -0x80(%rbp)             | 0f 01 5d 80                | LIDT   | 5ff80",
                "lgdt 0x0(%r13)               | 41 0f 01 55 00             | LGDT   | e0000",
                "invlpg 0x12345678(%rcx)      | 0f 01 b9 78 56 34 12       | INVLPG | 12365678",
                "lgdt -0x1(%rcx)              | 0f 01 91 ff ff ff ff       | LGDT   | 1ffff",
                "lgdt 0x100(%rip)             | 0f 01 15 00 01 00 00       | LGDT   | 180107",
                "lidt -0x7(%rip)              | 0f 01 1d f9 ff ff ff       | LIDT   | 180000",
                "rex.B lgdt 0x100(%rip)       | 41 0f 01 15 00 01 00 00    | LGDT   | 180108",
                "data16 invlpg 0x100(%rip)    | 66 0f 01 3d 00 01 00 00    | INVLPG | 180108",
                "lgdt (%rsp)                  | 0f 01 14 24                | LGDT   | 50000",
                "lidt 0x8(%rsp)               | 0f 01 5c 24 08             | LIDT   | 50008",
                "lidt 0x1000(%rsp)            | 0f 01 9c 24 00 10 00 00    | LIDT   | 51000",
                "lgdt (%r12)                  | 41 0f 01 14 24             | LGDT   | d0000",
                "lgdt (%rax,%rcx,4)           | 0f 01 14 88                | LGDT   | 90000",
                "lgdt (%rax,%r12,2)           | 42 0f 01 14 60             | LGDT   | 1b0000",
                "lgdt (%rax,%riz)             | 0f 01 14 20                | LGDT   | 10000",
                "lidt 0x100000                | 0f 01 1c 25 00 00 10 00    | LIDT   | 100000",
                "lgdt -1                      | 0f 01 14 25 ff ff ff ff    | LGDT   | ffffffffffffffff",
                "lgdt 0x1000(,%rdx,8)         | 0f 01 14 d5 00 10 00 00    | LGDT   | 181000",
                "rex.B lgdt 0x1000(,%rdx,8)   | 41 0f 01 14 d5 00 10 00 00 | LGDT   | 181000",
                "lgdt 0x10(%rbp,%rbx,1)       | 0f 01 54 1d 10             | LGDT   | a0010",
                "lgdt 0x1000(%r13,%r14,8)     | 43 0f 01 94 f5 00 10 00 00 | LGDT   | 861000"
            })
    void shouldDecodeMemoryForms(String assembly, String hex, Kind kind, String address) {
        assertEquals(kind, decode(hex), assembly);
        assertEquals(Long.parseUnsignedLong(address, 16), instruction.operandAddress());
        assertEquals(RIP + length(hex), instruction.nextRip());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "in $0x60, %al     | e4 60    | 60  | 1",
                "in $0x60, %eax    | e5 60    | 60  | 4",
                "in $0x60, %ax     | 66 e5 60 | 60  | 2",
                "out %al, $0xff    | e6 ff    | ff  | 1",
                "out %eax, $0xe0   | e7 e0    | e0  | 4",
                "out %ax, $0x0     | 66 e7 00 | 0   | 2",
                "in (%dx), %al     | ec       | 501 | 1",
                "in (%dx), %eax    | ed       | 501 | 4",
                "in (%dx), %ax     | 66 ed    | 501 | 2",
                "out %al, (%dx)    | ee       | 501 | 1",
                "data16 out %al    | 66 ee    | 501 | 1",
                "out %eax, (%dx)   | ef       | 501 | 4",
                "out %ax, (%dx)    | 66 ef    | 501 | 2",
                "rex.W out %eax    | 48 ef    | 501 | 4",
                "insb              | 6c       | 501 | 1",
                "insl              | 6d       | 501 | 4",
                "insw              | 66 6d    | 501 | 2",
                "outsb             | 6e       | 501 | 1",
                "outsl             | 6f       | 501 | 4",
                "outsw             | 66 6f    | 501 | 2"
            })
    void shouldDecodePortAccess(String assembly, String hex, String port, int width) {
        instruction = new Instruction(memory, n -> n == 2 ? 0xfeedbeef_dead0501L : -1);
        assertEquals(Kind.PORT, decode(hex), assembly);
        assertEquals(Integer.parseInt(port, 16), instruction.portNumber());
        assertEquals(width, instruction.portWidth());
        assertEquals(RIP + length(hex), instruction.nextRip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "90", // nop
                "cb", // lret, 32-bit
                "66 cb", // lretw
                "cf", // iret, 32-bit
                "ca 08 00", // lret $8
                "cc", // int3
                "c3", // ret
                "0f 00 10", // lldt (%rax)
                "0f 00 18", // ltr (%rax)
                "0f 00 c0", // sldt %eax
                "0f 00 c8", // str %eax
                "0f 01 00", // sgdt (%rax)
                "0f 01 08", // sidt (%rax)
                "0f 01 20", // smsw (%rax)
                "0f 01 30", // lmsw (%rax)
                "0f 01 c1", // vmcall
                "0f 01 c8", // monitor
                "0f 01 d0", // xgetbv
                "0f 01 d8", // vmrun
                "0f 01 f0", // lmsw %ax
                "0f 01 f9", // rdtscp
                "0f 05", // syscall
                "0f 07", // sysret
                "0f 0b", // ud2
                "0f 20 00", // no mov: memory form
                "0f 21 c0", // mov %db0, %rax
                "0f 22 00", // no mov: memory form
                "0f 23 c0", // mov %rax, %db0
                "0f 31", // rdtsc
                "0f 33", // rdpmc
                "0f 34", // sysenter
                "8e 10", // mov (%rax), %ss
                "8e d8", // mov %eax, %ds
                "8e c8", // mov to cs, undefined
                "f0 0f 20 c0", // lock mov %cr0, %rax
                "f3 6f", // rep outsl
                "f2 6c", // repnz insb
                "2e f4", // cs hlt
                "66 66 f4", // two prefixes
                "48 48 0f 20 c0", // two REX
                "48 66 0f 20 c0", // REX before a prefix
                "d6", // undefined
                "00 00" // add %al, (%rax)
            })
    void shouldNotDecodeOtherInstructions(String hex) {
        assertEquals(Kind.OTHER, decode(hex));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0f 00 d0",
                "41 0f 00 df",
                "0f 01 f8",
                "0f 01 10",
                "66 41 0f 01 1f",
                "8e d0",
                "48 cb",
                "0f 30",
                "41 0f 20 df",
                "0f 22 c0",
                "0f 06",
                "66 e5 60",
                "e6 ff",
                "66 ef"
            })
    void shouldNotDecodeInstructionCutOffByTheEndOfMemory(String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        assertTrue(decode(SIZE - bytes.length, bytes) != Kind.OTHER);
        for (int kept = 1; kept < bytes.length; kept++) {
            byte[] start = java.util.Arrays.copyOf(bytes, kept);
            assertEquals(Kind.OTHER, decode(SIZE - kept, start), "kept " + kept);
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {SIZE, -1, -2, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, 0xffff800000000000L})
    void shouldNotDecodeOutsideMemory(long rip) {
        assertEquals(Kind.OTHER, instruction.decode(rip));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f 01 55", "0f 01 15", "0f 01 14", "0f 01 14 25 00", "0f 01 91 00 00"})
    void shouldReadNothingBeyondMemoryForAnOperandCutOff(String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        assertEquals(Kind.LGDT, decode(SIZE - bytes.length, bytes));
        instruction.operandAddress();
        assertTrue(instruction.nextRip() > SIZE);
    }

    @Test
    void shouldTakeAnyBytes() {
        Random random = new Random(1);
        byte[] bytes = new byte[16];
        // What the emulator looks at begins with these more often than chance has it.
        byte[] likely = {0x0f, 0x66, 0x48, 0x41, 0x01, 0x00, 0x20, 0x22, (byte) 0x8e, 0x14};
        int decoded = 0;
        for (int i = 0; i < 500_000; i++) {
            random.nextBytes(bytes);
            for (int k = random.nextInt(4); k > 0; k--) {
                bytes[k - 1] = likely[random.nextInt(likely.length)];
            }
            int kept = 1 + random.nextInt(bytes.length);
            long rip = random.nextInt(4) == 0 ? SIZE - kept : RIP;
            memory.owned(rip, kept).put(bytes, 0, kept);
            Kind kind = instruction.decode(rip);
            if (kind == Kind.OTHER) {
                continue;
            }
            decoded++;
            if (kind == Kind.LGDT || kind == Kind.LIDT || kind == Kind.INVLPG) {
                instruction.operandAddress();
            }
            if (kind == Kind.PORT) {
                assertEquals(instruction.portNumber() & 0xffff, instruction.portNumber());
            }
            long length = instruction.nextRip() - rip;
            assertTrue(length >= 1 && length <= 15, "length " + length);
            assertTrue(instruction.reg() >= 0 && instruction.reg() < 16 || kind == Kind.PORT);
        }
        assertTrue(decoded > 10_000, "decoded " + decoded);
    }
}
