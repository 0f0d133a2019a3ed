package jukvm.x86;

import static jukvm.image.ElfBuilder.R;
import static jukvm.image.ElfBuilder.W;
import static jukvm.image.ElfBuilder.data;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.memory.GuestMemory;
import jukvm.memory.PageScan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a guest finds in its registers, told by their bytes: linux/kvm.h, struct kvm_sregs. */
final class BootStateTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final long MIB = 1L << 20;
    private static final int CS = 0;
    private static final int[] DATA = {24, 48, 72, 96, 120}; // DS, ES, FS, GS, SS
    private static final int TR = 144;
    private static final int LDT = 168;
    private static final int GDT = 192;
    private static final int IDT = 208;
    private static final int CR0 = 224;

    private final HeldRegisters vcpu = new HeldRegisters();

    private long special(int offset) {
        return vcpu.specialBytes.getLong(offset);
    }

    // selector u16 @12, then u8: type, present, dpl, db, s, l, g, avl, unusable.
    private void assertSegment(int at, long base, int limit, int selector, String rest) {
        assertEquals(base, special(at));
        assertEquals(limit, vcpu.specialBytes.getInt(at + 8));
        assertEquals(selector, vcpu.specialBytes.getShort(at + 12));
        StringBuilder found = new StringBuilder();
        for (int i = 14; i < 24; i++) {
            found.append(vcpu.specialBytes.get(at + i)).append(' ');
        }
        assertEquals(rest, found.toString().strip());
    }

    private void assertTable(int at, long base, int limit) {
        assertEquals(base, special(at));
        assertEquals(limit, special(at + 8));
    }

    private void start(Dialect dialect, PrivilegeLevel privilege) {
        BootState.setRegisters(vcpu, dialect, privilege, 0x123456, 64 * MIB);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStartAtTheEntryWithItsStackAndWhatItIsTold(PrivilegeLevel privilege) {
        start(Dialect.HVT_2, privilege);
        Map<Reg, Long> expected =
                Map.of(
                        Reg.RIP, 0x123456L,
                        Reg.RFLAGS, 2L,
                        Reg.RSP, 64 * MIB - 8,
                        Reg.RDI, 0x10000L);
        for (Reg reg : Reg.values()) {
            assertEquals(expected.getOrDefault(reg, 0L), vcpu.general.get(reg), reg::toString);
        }
    }

    @Test
    void shouldStartInLongModeAtRing0() {
        start(Dialect.HVT_2, PrivilegeLevel.RING_0);
        assertSegment(CS, 0, -1, 0x08, "11 1 0 0 1 1 1 0 0 0");
        for (int data : DATA) {
            assertSegment(data, 0, -1, 0x10, "3 1 0 1 1 0 1 0 0 0");
        }
        assertSegment(TR, 0, 0, 0, "11 1 0 0 0 0 0 0 0 0");
        assertSegment(LDT, 0, 0, 0, "0 0 0 0 0 0 0 0 1 0");
        assertTable(GDT, 0x1000, 0x17);
        assertTable(IDT, 0, 0);
    }

    @Test
    void shouldStartInLongModeAtRing3WithItsTrapsComingToUs() {
        start(Dialect.HVT_2, PrivilegeLevel.RING_3);
        assertSegment(CS, 0, -1, 0x0b, "11 1 3 0 1 1 1 0 0 0");
        for (int data : DATA) {
            assertSegment(data, 0, -1, 0x13, "3 1 3 1 1 0 1 0 0 0");
        }
        assertSegment(TR, 0x1040, 104 + 194, 0x20, "11 1 0 0 0 0 0 0 0 0");
        assertSegment(LDT, 0, 0, 0, "0 0 0 0 0 0 0 0 1 0");
        assertTable(GDT, 0x1000, 0x2f);
        assertTable(IDT, 0x1200, 0x1ff);
    }

    @ParameterizedTest
    @CsvSource({
        "HVT_2, RING_0, 0x80010031", // PG WP NE ET PE
        "HVT_1, RING_3, 0x80010031",
        "UKVM, RING_0, 0x80000033", // before Solo5 0.6: PG NE ET MP PE
        "UKVM_0_2, RING_3, 0x80000033"
    })
    void shouldStartWithTheControlRegistersOfSolo5(
            Dialect dialect, PrivilegeLevel privilege, String cr0) {
        start(dialect, privilege);
        assertEquals(Long.decode(cr0), special(CR0));
        assertEquals(0, special(CR0 + 8)); // CR2
        assertEquals(0x2000, special(CR0 + 16)); // CR3
        assertEquals(0x620, special(CR0 + 24)); // CR4: PAE OSFXSR OSXMMEXCPT
        assertEquals(0, special(CR0 + 32)); // CR8
        assertEquals(0xd00, special(CR0 + 40)); // EFER: LME LMA NXE
    }

    @ParameterizedTest
    @CsvSource({
        "0, false",
        "0x47f, false",
        "0x480, true",
        "0x500, true",
        "0x60b, true",
        "0x60c, false",
        "0xffff, false",
        "-1, false"
    })
    void shouldKnowWhatMayBeThePortOfACall(String port, boolean mayBe) {
        assertEquals(mayBe, BootState.mayBeCall(Integer.decode(port)));
    }

    @Test
    void shouldWriteTheTablesOfTheGuestsRing() {
        GuestImage image = ElfBuilder.hvt().parse();
        try (GuestMemory memory = GuestMemory.allocate(2 * MIB)) {
            BootState.layOut(memory, image, PrivilegeLevel.RING_0, port -> true);
            assertEquals(0x00af99000000ffffL, memory.owned(0x1008, 8).getLong(0)); // code, level 0
        }
        try (GuestMemory memory = GuestMemory.allocate(2 * MIB)) {
            BootState.layOut(memory, image, PrivilegeLevel.RING_3, port -> port == 0x508);
            assertEquals(0x00affb000000ffffL, memory.owned(0x1008, 8).getLong(0)); // of level 3
            assertEquals(0xfff0ff, memory.owned(0x10a8 + 0x500 / 8, 4).getInt(0) & 0xffffff);
        }
    }

    @Test
    void shouldHaveTheHostBackWhatEveryGuestTouches() {
        ElfBuilder image =
                ElfBuilder.hvt() // which has two pages of data
                        .load(R, 0x104000, data(8), 3 * PAGE)
                        .load(R | W, 2 * MIB, data(8), MIB) // of which 64 KiB are enough
                        .load(R | W, 4 * MIB, new byte[0], 5 * PAGE);
        try (GuestMemory memory = GuestMemory.allocate(8 * MIB);
                PageScan scan = PageScan.open()) {
            assertEquals(0, memory.touched(scan));
            BootState.populate(memory, image.parse(), memory.size());
            // Descriptors, boot info, command line and stack have a page each.
            assertEquals((4 + 2 + 16) * PAGE, memory.touched(scan));
        }
    }
}
