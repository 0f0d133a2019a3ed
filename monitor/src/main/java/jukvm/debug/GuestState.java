package jukvm.debug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.abi.PrivilegeLevel;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.KvmSegment;
import jukvm.kvm.KvmSregs;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuDebug;
import jukvm.memory.GuestMemory;
import jukvm.x86.TrapFrame;

/**
 * The registers of a guest that is stopped, as its code sees them: at ring 3 a guest that has
 * trapped is in a stub of the monitor's, and what it was is in the trap's frame. Belongs to the
 * vCPU's thread.
 */
final class GuestState {
    private static final Reg[] GENERAL = {
        Reg.RAX, Reg.RBX, Reg.RCX, Reg.RDX, Reg.RSI, Reg.RDI, Reg.RBP, Reg.RSP, Reg.R8, Reg.R9,
        Reg.R10, Reg.R11, Reg.R12, Reg.R13, Reg.R14, Reg.R15, Reg.RIP
    };
    private static final int EFLAGS = GENERAL.length;
    private static final int SEGMENTS = EFLAGS + 1;
    private static final int ST0 = SEGMENTS + 6;
    private static final int FLOAT = ST0 + 8;
    private static final int XMM0 = FLOAT + 8;
    private static final int MXCSR = XMM0 + 16;
    private static final int FS_BASE = MXCSR + 1;
    private static final int GS_BASE = FS_BASE + 1;
    private static final int YMM0H = GS_BASE + 1;
    private static final int YMM_COUNT = 16;

    // CF PF AF ZF SF DF OF: the rest is the processor's, or the monitor's.
    private static final long USER_FLAGS = 0xcd5;
    private static final int TRAP_FLAG = 1 << 8;

    private final KvmVcpu vcpu;
    private final VcpuDebug debug;
    private final TrapFrame frame;
    private final boolean isRing3;
    private boolean isTrapped;

    GuestState(KvmVcpu vcpu, VcpuDebug debug, GuestMemory memory, PrivilegeLevel privilege) {
        this.vcpu = vcpu;
        this.debug = debug;
        this.frame = new TrapFrame(memory);
        this.isRing3 = privilege == PrivilegeLevel.RING_3;
    }

    /**
     * Returns how many registers there are, by gdb's numbers from 0.
     *
     * @param hasAvx whether the upper halves of AVX registers are among them, as the last
     */
    static int count(boolean hasAvx) {
        return hasAvx ? YMM0H + YMM_COUNT : YMM0H;
    }

    /** Says whether the guest is in a trap's stub. */
    void setTrapped(boolean trapped) {
        isTrapped = trapped;
    }

    boolean isTrapped() {
        return isTrapped;
    }

    /** Returns whether the vCPU is in code of the monitor's, at ring 3, and in no known trap. */
    boolean isInStub() {
        return isRing3 && !isTrapped && (vcpu.getSregs().cs().selector() & 3) != 3;
    }

    long rip() {
        return isTrapped ? frame.rip() : vcpu.getRegs().get(Reg.RIP);
    }

    void setRip(long rip) {
        set(Reg.RIP, rip);
    }

    /** Has the processor trap after the next instruction at ring 3, or not any more. */
    void trapAfterNext(boolean traps) {
        long flags = get(Reg.RFLAGS);
        set(Reg.RFLAGS, traps ? flags | TRAP_FLAG : flags & ~TRAP_FLAG);
    }

    /** Returns a register as the guest's code sees it. */
    long get(Reg reg) {
        if (isTrapped) {
            switch (reg) {
                case RIP -> {
                    return frame.rip();
                }
                case RSP -> {
                    return frame.rsp();
                }
                case RFLAGS -> {
                    return frame.rflags();
                }
                default -> {}
            }
        }
        return vcpu.getRegs().get(reg);
    }

    private void set(Reg reg, long value) {
        if (isTrapped && (reg == Reg.RIP || reg == Reg.RSP || reg == Reg.RFLAGS)) {
            switch (reg) {
                case RIP -> frame.setRip(value);
                case RSP -> frame.setRsp(value);
                default -> frame.setRflags(value);
            }
            return;
        }
        KvmRegs regs = vcpu.getRegs();
        regs.put(reg, value);
        vcpu.setRegs();
    }

    /** Returns how long a register is, in bytes. */
    static int size(int number) {
        if (number >= YMM0H) {
            return 16;
        }
        if (number < EFLAGS || number >= FS_BASE) {
            return Long.BYTES;
        }
        if (number >= ST0 && number < FLOAT) {
            return 10;
        }
        return number >= XMM0 && number < MXCSR ? 16 : Integer.BYTES;
    }

    /** Returns the bytes of a register. */
    byte[] read(int number) {
        ByteBuffer at = ByteBuffer.allocate(size(number)).order(ByteOrder.LITTLE_ENDIAN);
        if (number < EFLAGS) {
            at.putLong(get(GENERAL[number]));
        } else if (number == EFLAGS) {
            at.putInt((int) get(Reg.RFLAGS));
        } else if (number < ST0) {
            at.putInt(selector(number - SEGMENTS));
        } else if (number < FS_BASE) {
            readVector(number, at);
        } else if (number < YMM0H) {
            at.putLong(base(number).base());
        } else {
            at.put(bytes(debug.upperHalves(), (number - YMM0H) * 16, 16));
        }
        return at.array();
    }

    private int selector(int index) {
        KvmSregs sregs = vcpu.getSregs();
        KvmSegment[] data = sregs.data(); // DS, ES, FS, GS, SS
        return switch (index) {
            case 0 -> isTrapped ? (int) frame.cs() : sregs.cs().selector();
            case 1 -> isTrapped ? (int) frame.ss() : data[4].selector();
            default -> data[index - 2].selector();
        };
    }

    private KvmSegment base(int number) {
        KvmSregs sregs = vcpu.getSregs();
        return number == FS_BASE ? sregs.fs() : sregs.gs();
    }

    // FXSAVE: FCW u16 @0, FSW @2, FTW u8 @4, FOP @6, FIP u32 @8, FDP u32 @16, MXCSR @24, ST0 @32.
    private void readVector(int number, ByteBuffer to) {
        ByteBuffer area = debug.vectors();
        if (number >= FLOAT && number < XMM0) {
            to.putInt(
                    switch (number - FLOAT) {
                        case 0 -> area.getShort(0) & 0xffff;
                        case 1 -> area.getShort(2) & 0xffff;
                        case 2 -> fullTags(area.get(4) & 0xff);
                        case 4 -> area.getInt(8);
                        case 6 -> area.getInt(16);
                        case 7 -> area.getShort(6) & 0x7ff;
                        default -> 0;
                    });
            return;
        }
        to.put(0, bytes(area, at(number), to.capacity()));
    }

    private static byte[] bytes(ByteBuffer area, int from, int length) {
        byte[] bytes = new byte[length];
        area.get(from, bytes);
        return bytes;
    }

    // FXSAVE has a bit for each register that is not empty; gdb wants two, 3 for one that is.
    private static int fullTags(int valid) {
        int tags = 0;
        for (int i = 0; i < 8; i++) {
            tags |= (valid >> i & 1) != 0 ? 0 : 3 << 2 * i;
        }
        return tags;
    }

    private static int at(int number) {
        if (number < FLOAT) {
            return 32 + (number - ST0) * 16;
        }
        return number == MXCSR ? 24 : 160 + (number - XMM0) * 16;
    }

    /**
     * Changes a register.
     *
     * @return false if it cannot be
     */
    boolean write(int number, byte[] bytes) {
        if (bytes.length != size(number)) {
            return false;
        }
        ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (number < EFLAGS) {
            set(GENERAL[number], from.getLong());
        } else if (number == EFLAGS) {
            long kept = get(Reg.RFLAGS) & ~USER_FLAGS;
            set(Reg.RFLAGS, kept | from.getInt() & USER_FLAGS);
        } else if (number >= YMM0H) {
            debug.upperHalves().put((number - YMM0H) * 16, bytes);
            debug.setVectors();
        } else if (number >= FS_BASE) {
            base(number).putBase(from.getLong());
            vcpu.setSregs();
        } else if ((number >= ST0 && number < FLOAT) || (number >= XMM0 && number < MXCSR)) {
            debug.vectors().put(at(number), bytes);
            debug.setVectors();
        } else {
            return false;
        }
        return true;
    }
}
