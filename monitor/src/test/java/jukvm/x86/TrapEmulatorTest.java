package jukvm.x86;

import static jukvm.x86.TrappedGuest.FLAGS;
import static jukvm.x86.TrappedGuest.NEW;
import static jukvm.x86.TrappedGuest.RIP;
import static jukvm.x86.TrappedGuest.SIZE;
import static jukvm.x86.TrappedGuest.STACK;
import static jukvm.x86.TrappedGuest.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Map;
import jukvm.error.GuestException;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.Msr;
import jukvm.x86.TrapEmulator.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done for a guest at ring 3 that executes what it may not. */
final class TrapEmulatorTest {
    private static final long TABLE = 0x200000;
    private static final long IDT = 0x202000;
    private static final long NON_CANONICAL = 1L << 47;
    // Offsets in struct kvm_sregs, linux/kvm.h.
    private static final int FS_BASE = 72;
    private static final int GS_BASE = 96;

    private final TrappedGuest guest = new TrappedGuest();

    @AfterEach
    void close() {
        guest.close();
    }

    @ParameterizedTest
    @CsvSource({
        "lldt %ax, 0f 00 d0",
        "mov %eax to %ss, 8e d0",
        "xsetbv, 0f 01 d1",
        "cli, fa",
        "sti, fb",
        "clts, 0f 06",
        "wbinvd, 0f 09",
        "invlpg (%rax), 0f 01 38",
        "invlpg 0x12345678(%rcx), 0f 01 b9 78 56 34 12",
        "mov %rax to %cr0, 0f 22 c0",
        "mov %rax to %cr4, 0f 22 e0",
        "mov %rax to %cr8, 44 0f 22 c0"
    })
    void shouldPassOverWhatHasNoEffect(String assembly, String hex) {
        guest.assertEmulated(hex);
        assertEquals(NEW, guest.emulator.state(), assembly);
        assertEquals(0x1111_0000_0000L, guest.vcpu.general.get(Reg.RAX));
        assertEquals(0xc0c0_0000_0000L, guest.vcpu.special.cr0());
        assertEquals(Map.of(), guest.vcpu.msrs);
    }

    @Test
    void shouldNoteTheTablesThatItLoads() {
        guest.memory.owned(TABLE, 16).putShort(0, (short) 0xfffe).putLong(2, 0x123456789abcL);
        guest.vcpu.general.put(Reg.RAX, TABLE);
        guest.assertEmulated("0f 01 10"); // lgdt (%rax)
        EmulatorState gdt = new EmulatorState(0, 0x123456789abcL, 0xfffe, 0, 0, 0);
        assertEquals(gdt, guest.emulator.state());
        guest.memory.owned(TABLE, 16).putShort(0, (short) 0x1ff).putLong(2, IDT);
        guest.assertEmulated("0f 01 18"); // lidt (%rax)
        EmulatorState both = new EmulatorState(0, 0x123456789abcL, 0xfffe, IDT, 0x1ff, 0);
        assertEquals(both, guest.emulator.state());
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE, SIZE - 1, SIZE - 9, -1, Long.MIN_VALUE})
    void shouldReadNoTableOutsideMemory(long operand) {
        guest.vcpu.general.put(Reg.RAX, operand);
        assertThrows(GuestException.class, () -> guest.trap("0f 01 10"));
        assertEquals(NEW, guest.emulator.state());
    }

    @Test
    void shouldNoteTheTaskStateOfTheSelectorInTheLowBits() {
        guest.memory.owned(TABLE + 0x18, 16).putLong(0, 0x0000_8920_1000_0067L);
        guest.emulator.resume(new EmulatorState(7, TABLE, 0x27, 0, 0, 0));
        guest.vcpu.general.put(Reg.R9, 0xdead_0018L);
        guest.assertEmulated("41 0f 00 d9"); // ltr %r9w
        assertEquals(new EmulatorState(7, TABLE, 0x27, 0, 0, 0x201000), guest.emulator.state());
    }

    @Test
    void shouldSwapTheBaseOfGs() {
        guest.vcpu.specialBytes.putLong(GS_BASE, 0x1234);
        guest.emulator.resume(new EmulatorState(0x5678, 1, 2, 3, 4, 5));
        guest.assertEmulated("0f 01 f8");
        assertEquals(0x5678, guest.vcpu.special.gs().base());
        assertEquals(new EmulatorState(0x1234, 1, 2, 3, 4, 5), guest.emulator.state());
    }

    @Test
    void shouldReturnFar() {
        guest.memory.owned(STACK, 16).putLong(0, TEXT + 0x321).putLong(8, 0x08);
        assertEquals(Result.RESUME, guest.trap("48 cb"));
        guest.assertGoesOn(TEXT + 0x321, FLAGS, STACK + 16);
    }

    @Test
    void shouldReturnFromAnInterruptWithFlagsThatItMayHave() {
        guest.memory
                .owned(STACK, 40)
                .putLong(0, TEXT + 0x321)
                .putLong(8, 0x08)
                .putLong(16, -1)
                .putLong(24, STACK + 0x1008);
        assertEquals(Result.RESUME, guest.trap("48 cf"));
        // CF PF AF ZF SF TF DF OF NT RF AC ID, and bit 1: neither IF, IOPL, VM, VIF nor VIP.
        guest.assertGoesOn(TEXT + 0x321, 0x254dd7, STACK + 0x1008);
    }

    @ParameterizedTest
    @ValueSource(strings = {"48 cb", "48 cf"})
    void shouldReturnNowhereThatTheProcessorCannot(String hex) {
        guest.memory.owned(STACK, 8).putLong(0, NON_CANONICAL);
        guest.assertIsItsOwnFault(hex);
    }

    @ParameterizedTest
    @CsvSource({"48 cb, 0", "48 cf, 0", "48 cf, 8", "48 cf, 16", "48 cf, 24"})
    void shouldReadNoFrameOutsideMemory(String hex, int inside) {
        guest.putFrame(0x0b, SIZE - inside);
        assertThrows(GuestException.class, () -> guest.trap(hex));
        assertEquals(RIP, guest.rip());
    }

    @ParameterizedTest
    @CsvSource({
        "0xc0000100, 72", // FS base, by its offset
        "0xc0000101, 96" // GS base
    })
    void shouldSetTheBaseOfASegment(String msr, int offset) {
        guest.putMsr(Long.decode(msr), 0x1234_89abcdefL);
        guest.assertEmulated("0f 30");
        assertEquals(0x1234_89abcdefL, guest.vcpu.specialBytes.getLong(offset));
        assertEquals(0, guest.vcpu.specialBytes.getLong(FS_BASE + GS_BASE - offset));
        assertEquals(Map.of(), guest.vcpu.msrs);
        guest.putMsr(Long.decode(msr), NON_CANONICAL);
        guest.assertIsItsOwnFault("0f 30");
        assertEquals(0x1234_89abcdefL, guest.vcpu.specialBytes.getLong(offset));
    }

    @Test
    void shouldKeepTheOtherBaseOfGs() {
        guest.putMsr(0xc0000102L, 0x7fff_ffff_f000L);
        guest.assertEmulated("0f 30");
        assertEquals(0x7fff_ffff_f000L, guest.emulator.state().kernelGsBase());
        guest.putMsr(0xc0000102L, NON_CANONICAL);
        guest.assertIsItsOwnFault("0f 30");
        assertEquals(0x7fff_ffff_f000L, guest.emulator.state().kernelGsBase());
        guest.assertEmulated("0f 32");
        assertEquals(0xffff_f000L, guest.vcpu.general.get(Reg.RAX));
        assertEquals(0x7fff, guest.vcpu.general.get(Reg.RDX));
    }

    @Test
    void shouldLetItWriteEferWithoutEffectAndReadLongMode() {
        guest.putMsr(0xc0000080L, -1);
        guest.assertEmulated("0f 30");
        assertEquals(Map.of(), guest.vcpu.msrs);
        guest.assertEmulated("0f 32");
        assertEquals(0x500, guest.vcpu.general.get(Reg.RAX)); // LME and LMA
        assertEquals(0, guest.vcpu.general.get(Reg.RDX));
    }

    @ParameterizedTest
    @CsvSource({"0xc0000100, 72", "0xc0000101, 96"})
    void shouldReadTheBaseOfASegment(String msr, int offset) {
        guest.vcpu.specialBytes.putLong(offset, 0xffff_8765_4321_0fedL);
        guest.putMsr(Long.decode(msr), -1);
        guest.assertEmulated("0f 32");
        assertEquals(0x4321_0fedL, guest.vcpu.general.get(Reg.RAX));
        assertEquals(0xffff_8765L, guest.vcpu.general.get(Reg.RDX));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x10, 0x1b, 0x277, 0xc0000082L, 0x4b564d02L, 0x4b564d01L})
    void shouldReadNoOtherRegister(long msr) {
        guest.putMsr(msr, -1);
        guest.assertIsItsOwnFault("0f 32");
    }

    @ParameterizedTest
    @ValueSource(longs = {0x11, 0x12, 0x4b564d00L, 0x4b564d01L})
    void shouldHaveKvmTellItTheTime(long msr) {
        guest.putMsr(msr, TABLE);
        guest.assertEmulated("0f 30");
        assertEquals(Map.of((int) msr, TABLE), guest.vcpu.msrs);
        guest.vcpu.acceptsMsrs = false;
        guest.assertIsItsOwnFault("0f 30");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x10, 0x1b, 0x277, 0xc0000081L, 0x4b564d02L, 0x4b564d04L})
    void shouldSetNoOtherRegister(long msr) {
        guest.putMsr(msr, TABLE);
        guest.assertIsItsOwnFault("0f 30");
        assertEquals(Map.of(), guest.vcpu.msrs);
    }

    // struct pvclock_wall_clock is 12 bytes, pvclock_vcpu_time_info 32; bit 0 switches that on.
    @ParameterizedTest
    @CsvSource({
        "0x11, 0x3ffff4, true",
        "0x11, 0x3ffff5, false",
        "0x4b564d00, 0x3ffff4, true",
        "0x4b564d00, 0x3ffff8, false",
        "0x4b564d00, 0x100ff0, false",
        "0x12, 0x3fffe1, true",
        "0x12, 0x3fffe2, false",
        "0x4b564d01, 0x3fffe0, true",
        "0x4b564d01, 0x3fffe3, false",
        "0x4b564d01, 0x10001, false"
    })
    void shouldHaveTheTimeToldWhereTheGuestMayWriteOnly(String index, String at, boolean isTaken) {
        Msr msr = new Msr(Integer.decode(index), Long.decode(at));
        if (isTaken) {
            assertTrue(TrapEmulator.mayTellTime(guest.memory, msr));
        } else {
            assertThrows(GuestException.class, () -> TrapEmulator.mayTellTime(guest.memory, msr));
        }
        assertFalse(TrapEmulator.mayTellTime(guest.memory, new Msr(0x10, msr.value())));
    }

    @ParameterizedTest
    @CsvSource({
        "0f 20 c0, 0xc0c000000000", // mov %cr0, %rax
        "0f 20 d0, 0xc0c000000001", // %cr2
        "0f 20 d8, 0xc0c000000002", // %cr3
        "0f 20 e0, 0xc0c000000003", // %cr4
        "44 0f 20 c0, 0" // %cr8
    })
    void shouldReadControlRegisters(String hex, String value) {
        guest.assertEmulated(hex);
        assertEquals(Long.decode(value), guest.vcpu.general.get(Reg.RAX));
        assertEquals(0x3333_0000_0000L, guest.vcpu.general.get(Reg.RCX));
    }

    @Test
    void shouldReadIntoEveryRegisterItsStackPointerAmongThem() {
        Reg[] byNumber = {
            Reg.RAX, Reg.RCX, Reg.RDX, Reg.RBX, Reg.RSP, Reg.RBP, Reg.RSI, Reg.RDI,
            Reg.R8, Reg.R9, Reg.R10, Reg.R11, Reg.R12, Reg.R13, Reg.R14, Reg.R15
        };
        for (int number = 0; number < 16; number++) {
            guest.putFrame(0x0b, STACK);
            long before = guest.vcpu.general.get(byNumber[number]);
            String rex = number < 8 ? "" : "41 ";
            String modrm = HexFormat.of().toHexDigits((byte) (0xc0 | number & 7));
            assertEquals(Result.RESUME, guest.trap(rex + "0f 20 " + modrm));
            boolean isStack = number == 4;
            assertEquals(isStack ? 0xc0c0_0000_0000L : STACK, guest.rsp(), "stack of " + number);
            long expected = isStack ? before : 0xc0c0_0000_0000L;
            assertEquals(expected, guest.vcpu.general.get(byNumber[number]), "register " + number);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f 20 c8", "0f 20 e8", "0f 20 f8", "44 0f 20 f8"})
    void shouldReadNoControlRegisterThatIsNone(String hex) {
        guest.assertIsItsOwnFault(hex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f 22 c8", "0f 22 e8", "0f 22 f8", "44 0f 22 f8"})
    void shouldWriteNoControlRegisterThatIsNone(String hex) {
        guest.assertIsItsOwnFault(hex);
    }

    @Test
    void shouldWriteTheAddressOfThePageFault() {
        guest.assertEmulated("0f 22 d4"); // mov %rsp, %cr2
        assertEquals(STACK, guest.vcpu.special.cr2());
    }

    @Test
    void shouldTakeItsOwnPageTablesAndNoOthers() {
        guest.vcpu.general.put(Reg.RCX, 0x2000);
        guest.assertEmulated("0f 22 d9"); // mov %rcx, %cr3
        guest.putFrame(0x0b, STACK);
        guest.vcpu.general.put(Reg.RCX, 0x3000);
        assertEquals(
                "guest loads page tables of its own (mov to cr3), which it can do only at ring 0",
                TrappedGuest.refusal(() -> guest.trap("0f 22 d9")));
        assertEquals(0xc0c0_0000_0002L, guest.vcpu.special.cr3());
    }

    @ParameterizedTest
    @CsvSource({
        "ef, Invalid guest hypercall: num=4",
        "ee, Invalid guest port access: port=0x504 size=1",
        "66 ed, Invalid guest port access: port=0x504 size=2",
        "e7 80, Invalid guest port access: port=0x80"
    })
    void shouldRefusePortsThatAreNoHypercalls(String hex, String message) {
        guest.vcpu.general.put(Reg.RDX, 0xffff_0504L);
        assertEquals(message, TrappedGuest.refusal(() -> guest.trap(hex)));
    }
}
