package jukvm.x86;

import jukvm.memory.GuestMemory;

/**
 * Decodes the one instruction a ring-3 guest may have trapped on. Strict: an encoding that is not
 * listed here is the guest's own fault, in both senses.
 *
 * <p>Source: SDM volume 2, chapter 2 and appendix A. Belongs to the vCPU's thread; reused for every
 * trap.
 */
final class Instruction {
    /** What was decoded. */
    enum Kind {
        LGDT,
        LIDT,
        LLDT,
        LTR,
        INVLPG,
        SWAPGS,
        XSETBV,
        MOV_TO_SS,
        FAR_RETURN,
        INTERRUPT_RETURN,
        WRMSR,
        RDMSR,
        READ_CONTROL,
        WRITE_CONTROL,
        NO_EFFECT,
        HLT,
        PORT,
        OTHER
    }

    /** The guest's general registers, by their number in instructions. */
    interface Registers {
        long get(int number);
    }

    private final GuestMemory memory;
    private final Registers registers;
    private long start;
    private int length;
    private int rex;
    private int modrm;
    private int width;

    Instruction(GuestMemory memory, Registers registers) {
        this.memory = memory;
        this.registers = registers;
    }

    /**
     * Decodes the instruction at an address.
     *
     * @param rip guest-physical and guest-virtual address; hostile
     */
    Kind decode(long rip) {
        start = rip;
        length = 0;
        rex = 0;
        width = 4;
        int opcode = next();
        if (opcode == 0x66) {
            width = 2;
            opcode = next();
        }
        if ((opcode & 0xf0) == 0x40) {
            rex = opcode;
            opcode = next();
        }
        Kind kind =
                switch (opcode) {
                    case 0x0f -> twoByte(next());
                    case 0x8e -> modrm() == 2 && isRegister() ? Kind.MOV_TO_SS : Kind.OTHER;
                    case 0xcb -> isWide() ? Kind.FAR_RETURN : Kind.OTHER;
                    case 0xcf -> isWide() ? Kind.INTERRUPT_RETURN : Kind.OTHER;
                    case 0xfa, 0xfb -> Kind.NO_EFFECT; // cli, sti: there are no interrupts
                    case 0xf4 -> Kind.HLT;
                    case 0x6c, 0x6e, 0xe4, 0xe6, 0xec, 0xee -> port(opcode, 1);
                    case 0x6d, 0x6f, 0xe5, 0xe7, 0xed, 0xef -> port(opcode, width);
                    default -> Kind.OTHER;
                };
        return memory.contains(rip, length) ? kind : Kind.OTHER;
    }

    private Kind twoByte(int opcode) {
        return switch (opcode) {
            case 0x00 ->
                    switch (modrm()) {
                        case 2 -> isRegister() ? Kind.LLDT : Kind.OTHER;
                        case 3 -> isRegister() ? Kind.LTR : Kind.OTHER;
                        default -> Kind.OTHER;
                    };
            case 0x01 -> group7();
            case 0x06, 0x08, 0x09 -> Kind.NO_EFFECT; // clts, invd, wbinvd
            case 0x20 -> modrm() >= 0 && isRegister() ? Kind.READ_CONTROL : Kind.OTHER;
            case 0x22 -> modrm() >= 0 && isRegister() ? Kind.WRITE_CONTROL : Kind.OTHER;
            case 0x30 -> Kind.WRMSR;
            case 0x32 -> Kind.RDMSR;
            default -> Kind.OTHER;
        };
    }

    private Kind group7() {
        int operation = modrm();
        if (isRegister()) {
            return switch (modrm) {
                case 0xd1 -> Kind.XSETBV;
                case 0xf8 -> Kind.SWAPGS;
                default -> Kind.OTHER;
            };
        }
        return switch (operation) {
            case 2 -> Kind.LGDT;
            case 3 -> Kind.LIDT;
            case 7 -> Kind.INVLPG;
            default -> Kind.OTHER;
        };
    }

    private Kind port(int opcode, int size) {
        width = size;
        modrm = (opcode & 0xfc) == 0xe4 ? next() : -1;
        return Kind.PORT;
    }

    /** Returns the address of the instruction after this one. */
    long nextRip() {
        return start + length;
    }

    /** Returns the number of the register that ModRM.reg names, for control registers. */
    int reg() {
        return modrm >> 3 & 7 | (rex & 4) << 1;
    }

    /** Returns the number of the general register that ModRM.rm names. */
    int rm() {
        return modrm & 7 | (rex & 1) << 3;
    }

    /** Returns the width of a port access in bytes. */
    int portWidth() {
        return width;
    }

    /** Returns the port of an access. */
    int portNumber() {
        return modrm >= 0 ? modrm : (int) registers.get(GuestRegisters.RDX) & 0xffff;
    }

    /**
     * Returns the address of the memory operand, and completes the instruction's length. Source:
     * SDM volume 2, table 2-2 and 2-3, 64-bit addressing.
     */
    long operandAddress() {
        int mod = modrm >> 6;
        int rm = modrm & 7;
        long address;
        if (rm == 4) {
            address = scaledAddress(mod);
        } else if (mod == 0 && rm == 5) {
            int displacement = nextInt();
            return start + length + displacement;
        } else {
            address = registers.get(rm());
        }
        return switch (mod) {
            case 1 -> address + (byte) next();
            case 2 -> address + nextInt();
            default -> address;
        };
    }

    private long scaledAddress(int mod) {
        int sib = next();
        int index = sib >> 3 & 7 | (rex & 2) << 2;
        int base = sib & 7;
        long address = index == 4 ? 0 : registers.get(index) << (sib >> 6);
        if (base == 5 && mod == 0) {
            return address + nextInt();
        }
        return address + registers.get(base | (rex & 1) << 3);
    }

    // Returns ModRM.reg and reads the byte only once; -1 is never a register.
    private int modrm() {
        modrm = next();
        return modrm >> 3 & 7;
    }

    private boolean isRegister() {
        return modrm >= 0xc0;
    }

    private boolean isWide() {
        return (rex & 8) != 0;
    }

    // No instruction that reaches outside the guest's memory is decoded, whatever these bytes are
    // taken for.
    private int next() {
        long at = start + length++;
        return memory.isReadable(at, 1) ? memory.u8(at) : 0;
    }

    private int nextInt() {
        return next() | next() << 8 | next() << 16 | next() << 24;
    }
}
