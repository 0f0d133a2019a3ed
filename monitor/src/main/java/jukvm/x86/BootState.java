package jukvm.x86;

import java.util.List;
import java.util.function.IntPredicate;
import jukvm.abi.BootInfo;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.KvmSegment;
import jukvm.kvm.KvmSregs;
import jukvm.kvm.VcpuRegisters;
import jukvm.memory.GuestMemory;

/**
 * The state a guest starts in: tables in its memory, then registers in its vCPU. Source: Solo5
 * tenders/hvt/hvt_cpu_x86_64.c, hvt_kvm_x86_64.c; ukvm 0.2 ukvm/ukvm-core.c.
 */
public final class BootState {
    private static final long CR0_PE_ET_NE_PG = 0x80000031L;
    private static final long CR0_WP = 1 << 16;
    private static final long CR0_MP = 1 << 1;
    private static final long CR4_PAE_OSFXSR_OSXMMEXCPT = 0x620;
    private static final long EFER_LME_LMA_NXE = 0xd00;
    private static final long RFLAGS_FIXED = 2;

    // Of one segment, in bytes: who has more may not touch all of it.
    private static final long POPULATE_MAX = 64 << 10;

    // Where HypercallTable begins.
    private static final int FIRST_CALL = 0x480;

    private static final int TYPE_CODE = 11;
    private static final int TYPE_DATA = 3;

    private BootState() {}

    /**
     * Writes the tables of a ring, and notes what the guest may not write.
     *
     * @param ports that it may write to at ring 3, four bytes at a time
     */
    public static void layOut(
            GuestMemory memory, GuestImage image, PrivilegeLevel privilege, IntPredicate ports) {
        boolean ownsLowMemory = image.dialect().ownsLowMemory();
        if (privilege == PrivilegeLevel.RING_0) {
            Descriptors.writeRing0(memory);
        } else {
            Descriptors.writeRing3(memory, ports);
        }
        long tablesEnd = PageTables.write(memory, image.segments(), ownsLowMemory, privilege);
        if (ownsLowMemory) {
            hide(memory, GuestLayout.DESCRIPTORS, GuestLayout.TABLES_END);
            hide(memory, GuestLayout.MORE_PAGE_TABLES, tablesEnd);
        } else {
            hide(memory, 0, GuestLayout.BOOT_INFO);
            hide(memory, GuestLayout.BOOT_INFO_END, GuestLayout.IMAGE);
        }
        protect(memory, image, ownsLowMemory, tablesEnd);
    }

    /** Returns whether a port is one that hypercalls can have, and no trap stub. */
    public static boolean mayBeCall(int port) {
        return port >= FIRST_CALL && port < Descriptors.PORTS - Integer.BYTES;
    }

    // What a request may not even read: the guest at ring 3 cannot either. One of ring 0 before
    // Solo5 0.6 could, but has no business there.
    private static void hide(GuestMemory memory, long from, long to) {
        if (from < to) {
            memory.hide(from, to - from);
        }
    }

    /** Writes the tables of ring 0 for code that is no guest, one page of it where images begin. */
    public static void layOutProbe(GuestMemory memory) {
        Segment code = new Segment(0, GuestLayout.IMAGE, 0, 1, 1, false, true);
        Descriptors.writeRing0(memory);
        PageTables.write(memory, List.of(code), false, PrivilegeLevel.RING_0);
    }

    private static void protect(
            GuestMemory memory, GuestImage image, boolean ownsLowMemory, long tablesEnd) {
        if (ownsLowMemory) {
            memory.protect(
                    GuestLayout.DESCRIPTORS, GuestLayout.TABLES_END - GuestLayout.DESCRIPTORS);
            if (tablesEnd > GuestLayout.MORE_PAGE_TABLES) {
                memory.protect(
                        GuestLayout.MORE_PAGE_TABLES, tablesEnd - GuestLayout.MORE_PAGE_TABLES);
            }
        } else {
            memory.protect(0, GuestLayout.IMAGE);
        }
        for (Segment segment : image.segments()) {
            if (segment.isReadOnly()) {
                memory.protect(segment.pageStart(), segment.pageEnd() - segment.pageStart());
            }
        }
    }

    /** Gives the vCPU the registers a guest starts with. */
    public static void setRegisters(
            VcpuRegisters vcpu,
            Dialect dialect,
            PrivilegeLevel privilege,
            long entry,
            long memorySize) {
        putSpecial(vcpu.sregs().clear(), dialect, privilege);
        vcpu.regs()
                .clear()
                .put(Reg.RIP, entry)
                .put(Reg.RFLAGS, RFLAGS_FIXED)
                .put(Reg.RSP, memorySize - 8)
                .put(Reg.RDI, BootInfo.GPA);
        vcpu.setAllRegs();
    }

    /**
     * Has the host back the pages that every guest of an image touches at once: those of its data,
     * the end of its stack, what it is told, and where traps arrive.
     */
    public static void populate(GuestMemory memory, GuestImage image, long memorySize) {
        memory.populate(GuestLayout.DESCRIPTORS, GuestMemory.PAGE);
        memory.populate(BootInfo.GPA, GuestMemory.PAGE);
        memory.populate(BootInfo.COMMAND_LINE_GPA, GuestMemory.PAGE);
        memory.populate(memorySize - GuestMemory.PAGE, GuestMemory.PAGE);
        for (Segment segment : image.segments()) {
            if (segment.writable() && segment.fileSize() > 0) {
                long length = segment.pageEnd() - segment.pageStart();
                memory.populate(segment.pageStart(), Math.min(length, POPULATE_MAX));
            }
        }
    }

    /** Puts the special registers that a guest starts with; all of them were zero. */
    public static void putSpecial(KvmSregs sregs, Dialect dialect, PrivilegeLevel privilege) {
        int level = privilege.number();
        sregs.cs().putFlat(Descriptors.CODE | level, TYPE_CODE, level, true);
        for (KvmSegment data : sregs.data()) {
            data.putFlat(Descriptors.DATA | level, TYPE_DATA, level, false);
        }
        sregs.ldt().putUnusable();
        long cr0 = CR0_PE_ET_NE_PG | (dialect.ownsLowMemory() ? CR0_MP : CR0_WP);
        if (privilege == PrivilegeLevel.RING_0) {
            sregs.putGdt(Descriptors.GDT, Descriptors.GDT_LIMIT_RING_0);
            sregs.tr().putTaskState(0, 0, 0);
        } else {
            sregs.putGdt(Descriptors.GDT, Descriptors.GDT_LIMIT_RING_3);
            sregs.putIdt(Descriptors.IDT, Descriptors.IDT_LIMIT);
            sregs.tr().putTaskState(Descriptors.TASK, Descriptors.TSS, Descriptors.TSS_LIMIT);
        }
        sregs.putControl(cr0, GuestLayout.PML4, CR4_PAE_OSFXSR_OSXMMEXCPT, EFER_LME_LMA_NXE);
    }
}
