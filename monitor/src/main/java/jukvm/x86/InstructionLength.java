package jukvm.x86;

/**
 * Tells where an instruction ends, of any that a 64-bit program may have: prefixes, opcode, ModRM
 * and what follows it, immediate. Used by one thread; reused for every instruction. Source: SDM
 * volume 2, section 2.1 and appendix A.
 */
final class InstructionLength {
    /** What {@link #of} returns for bytes that are no instruction. */
    static final int NONE = -1;

    private static final int LONGEST = 15;

    // Immediates, by what follows an opcode: bytes, or one of these.
    private static final int OPERAND = 16; // 4 bytes, 2 with an operand-size prefix
    private static final int MODRM = 32; // and ModRM before it
    private static final int INVALID = 64;

    private static final String ONE_BYTE =
            """
            mmmmbzxx mmmmbzx- mmmmbzxx mmmmbzxx mmmmbz-x mmmmbz-x mmmmbz-x mmmmbz-x
            -------- -------- ........ ........ xx-m---- zZbB.... bbbbbbbb bbbbbbbb
            BZxBmmmm mmmmmmmm ........ ..x..... oooo.... bz...... bbbbbbbb iiiiiiii
            BBw.--BZ 3.w..bx. mmmmxxx. mmmmmmmm bbbbbbbb 44xb.... -.--..gG ......mm
            """;

    private static final String TWO_BYTES =
            """
            mmmmx... ..x.xm.B mmmmmmmm mmmmmmmm mmmmxxxx mmmmmmmm ......x. -x-xxxxx
            mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm BBBBmmm. mmmmmmmm
            44444444 44444444 mmmmmmmm mmmmmmmm ...mBmxx ...mBmmm mmmmmmmm mmBmmmmm
            mmBmBBBm ........ mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm mmmmmmmm
            """;

    private static final byte[] ONE = table(ONE_BYTE);
    private static final byte[] TWO = table(TWO_BYTES);

    /** The bytes of code, by their place. */
    interface Code {
        /** Returns a byte, 0 to 255; negative beyond the end. */
        int at(int place);
    }

    private final Code code;
    private int at;
    private boolean hasOperandSize;
    private boolean hasAddressSize;
    private boolean isWide;

    InstructionLength(Code code) {
        this.code = code;
    }

    // A letter for each opcode: '.' nothing follows, m ModRM, b and B a byte (B after ModRM), z and
    // Z by operand size, w and 3 two bytes or three, 4 four, i by operand size or eight, o an
    // address, g and G by the operation in ModRM, '-' a prefix or an escape, x no instruction.
    private static byte[] table(String letters) {
        String each = letters.replaceAll("\\s", "");
        byte[] table = new byte[each.length()];
        for (int i = 0; i < table.length; i++) {
            table[i] =
                    (byte)
                            switch (each.charAt(i)) {
                                case 'm' -> MODRM;
                                case 'b' -> 1;
                                case 'B' -> MODRM + 1;
                                case 'w' -> 2;
                                case '3' -> 3;
                                case '4' -> 4;
                                case 'z' -> OPERAND;
                                case 'Z' -> MODRM + OPERAND;
                                case 'x', '-' -> INVALID;
                                default -> 0;
                            };
        }
        return table;
    }

    /** Returns how many bytes the instruction at a place has; {@link #NONE} if there is none. */
    int of(int place) {
        at = place;
        hasOperandSize = false;
        hasAddressSize = false;
        isWide = false;
        int opcode = next();
        while (isPrefix(opcode) && at - place < LONGEST) {
            hasOperandSize |= opcode == 0x66;
            hasAddressSize |= opcode == 0x67;
            opcode = next();
        }
        if ((opcode & 0xf0) == 0x40) {
            isWide = (opcode & 8) != 0;
            opcode = next();
        }
        boolean isOne = rest(opcode) && code.at(at - 1) >= 0 && at - place <= LONGEST;
        return isOne ? at - place : NONE;
    }

    private static boolean isPrefix(int opcode) {
        return switch (opcode) {
            case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
            default -> false;
        };
    }

    private boolean rest(int opcode) {
        return switch (opcode) {
            case -1 -> false;
            case 0x0f -> twoBytes(next());
            case 0xc4 -> {
                int map = next() & 0x1f;
                next();
                yield vector(map);
            }
            case 0xc5 -> {
                next();
                yield vector(1);
            }
            case 0x62 -> {
                int map = next() & 7;
                at += 2;
                yield vector(map);
            }
            case 0x8f -> (code.at(at) & 0x38) == 0 && follow(MODRM);
            case 0xa0, 0xa1, 0xa2, 0xa3 -> skip(hasAddressSize ? 4 : 8);
            case 0xf6, 0xf7 -> {
                boolean isTest = (code.at(at) & 0x30) == 0;
                int immediate = opcode == 0xf6 ? 1 : OPERAND;
                yield follow(isTest ? MODRM + immediate : MODRM);
            }
            default ->
                    opcode >= 0xb8 && opcode <= 0xbf
                            ? skip(isWide ? 8 : hasOperandSize ? 2 : 4)
                            : follow(ONE[opcode]);
        };
    }

    private boolean twoBytes(int opcode) {
        return switch (opcode) {
            case -1 -> false;
            case 0x38 -> next() >= 0 && follow(MODRM);
            case 0x3a -> next() >= 0 && follow(MODRM + 1);
            default -> follow(TWO[opcode]);
        };
    }

    // After the prefix of AVX or AVX-512, by the map of opcodes that it names.
    private boolean vector(int map) {
        int opcode = next();
        if (opcode < 0) {
            return false;
        }
        return switch (map) {
            case 1 -> opcode == 0x77 || follow(MODRM | TWO[opcode] & 1);
            case 2, 5, 6 -> follow(MODRM);
            case 3 -> follow(MODRM + 1);
            default -> false;
        };
    }

    private boolean follow(int what) {
        if ((what & INVALID) != 0) {
            return false;
        }
        if ((what & MODRM) != 0) {
            skipOperand();
        }
        boolean isShort = hasOperandSize && !isWide;
        return skip((what & OPERAND) != 0 ? (isShort ? 2 : 4) : what & 7);
    }

    private void skipOperand() {
        int modrm = next();
        int mod = modrm >> 6;
        if (modrm < 0 || mod == 3) {
            return;
        }
        boolean hasBase = true;
        if ((modrm & 7) == 4) {
            hasBase = (next() & 7) != 5;
        } else if ((modrm & 7) == 5) {
            hasBase = false;
        }
        at += mod == 1 ? 1 : mod == 2 || !hasBase ? 4 : 0;
    }

    private boolean skip(int bytes) {
        at += bytes;
        return true;
    }

    private int next() {
        return code.at(at++);
    }
}
