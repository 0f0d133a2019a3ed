package jukvm.snapshot;

import java.nio.ByteBuffer;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.KvmSregs;
import jukvm.x86.BootState;
import jukvm.x86.TrapEmulator;

/**
 * Registers in a snapshot's file. Of a guest at ring 3 it holds what such a guest can change and no
 * more; so whoever makes a file can say nothing of its privilege level, tables or control
 * registers.
 */
final class Registers {
    private static final int USER_SPECIAL = 3 * Long.BYTES;

    private Registers() {}

    /** Returns how long the section of special registers is. */
    static int specialSize(PrivilegeLevel privilege) {
        return privilege == PrivilegeLevel.RING_0 ? KvmSregs.SIZE : USER_SPECIAL;
    }

    /** Returns the section of general registers. */
    static byte[] general(byte[] regs, PrivilegeLevel privilege) {
        KvmRegs view = new KvmRegs(Head.ordered(regs));
        if (privilege == PrivilegeLevel.RING_3) {
            view.put(Reg.RFLAGS, TrapEmulator.userFlags(view.get(Reg.RFLAGS)));
        }
        return regs;
    }

    /** Returns the section of special registers. */
    static byte[] special(byte[] sregs, PrivilegeLevel privilege) {
        if (privilege == PrivilegeLevel.RING_0) {
            return sregs;
        }
        KvmSregs view = new KvmSregs(Head.ordered(sregs));
        byte[] bytes = new byte[USER_SPECIAL];
        Head.ordered(bytes).putLong(view.fs().base()).putLong(view.gs().base()).putLong(view.cr2());
        return bytes;
    }

    /**
     * Returns a struct kvm_regs.
     *
     * @param section {@link KvmRegs#SIZE} bytes; hostile
     * @throws jukvm.error.ImageException if no guest at its ring can have these
     */
    static byte[] general(ByteBuffer section, PrivilegeLevel privilege) {
        byte[] regs = bytes(section);
        KvmRegs view = new KvmRegs(Head.ordered(regs));
        requireCanonical("rip", view.get(Reg.RIP));
        long flags = view.get(Reg.RFLAGS);
        if (privilege == PrivilegeLevel.RING_3 && flags != TrapEmulator.userFlags(flags)) {
            throw Head.damaged(
                    "rflags are 0x" + Long.toHexString(flags) + ", which ring 3 cannot have");
        }
        return regs;
    }

    /**
     * Returns a struct kvm_sregs.
     *
     * @param section {@link #specialSize} bytes; hostile
     * @throws jukvm.error.ImageException if no guest at its ring can have these
     */
    static byte[] special(ByteBuffer section, Dialect dialect, PrivilegeLevel privilege) {
        if (privilege == PrivilegeLevel.RING_0) {
            return bytes(section);
        }
        long fs = section.getLong(0);
        long gs = section.getLong(Long.BYTES);
        requireCanonical("FS base", fs);
        requireCanonical("GS base", gs);
        byte[] sregs = new byte[KvmSregs.SIZE];
        KvmSregs view = new KvmSregs(Head.ordered(sregs));
        BootState.putSpecial(view, dialect, privilege);
        view.fs().putBase(fs);
        view.gs().putBase(gs);
        view.putCr2(section.getLong(2 * Long.BYTES));
        return sregs;
    }

    /**
     * Refuses an address that no register of a processor takes.
     *
     * @throws jukvm.error.ImageException if it is one
     */
    static void requireCanonical(String name, long address) {
        if (!TrapEmulator.isCanonical(address)) {
            throw Head.damaged(name + " is 0x" + Long.toHexString(address) + ", not canonical");
        }
    }

    static byte[] bytes(ByteBuffer section) {
        byte[] bytes = new byte[section.remaining()];
        section.get(section.position(), bytes);
        return bytes;
    }
}
