package jukvm.tests.hostile;

import java.time.Duration;
import java.util.Random;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** A guest of random code, registers, calls, tables and string operations. */
final class Villain {
    private static final int MAX_CODE = 1900;
    private static final int OWN_TABLES = 0x110000;

    // What most exceptions are: #DE, #DB, #UD, #GP and #PF.
    private static final int[] VECTORS = {0, 1, 6, 13, 14};
    private static final int STORE_SIZE = new Code().store(0, 0).bytes().length;

    private static final long[] ADDRESSES = {
        0,
        0x500,
        0x1000,
        0x1040,
        0x1200,
        0x1fd8,
        0x2000,
        0x3000,
        0x4000,
        0x8000,
        0x8800,
        0x10000,
        0x12000,
        0x20000,
        0xffff8,
        TinyGuest.TEXT,
        TinyGuest.TEXT + 0xff4,
        TinyGuest.RODATA,
        TinyGuest.RODATA + 0xff8,
        TinyGuest.DATA,
        TinyGuest.DATA - 4,
        TinyGuest.CALL,
        TinyGuest.SCRATCH,
        TinyGuest.HEAP,
        TinyGuest.HEAP + 0x800,
        OWN_TABLES,
        0x1ffff0,
        0x1ffffc,
        0x200000,
        0x7fffffff,
        0xfee00000L,
        0xfffffff0L,
        1L << 32,
        5L << 30,
        1L << 39,
        (1L << 47) - 8,
        1L << 47,
        -8,
        -1,
        Long.MIN_VALUE
    };
    private static final int[] PORTS = {
        0x499, 0x500, 0x501, 0x502, 0x503, 0x504, 0x505, 0x506, 0x507, 0x508, 0x50a, 0x600, 0xe0,
        0xee, 0x20, 0x64, 0x80, 0xcf8
    };
    private static final int[] MSRS = {
        0x10,
        0x11,
        0x12,
        0x1b,
        0x3b,
        0x48,
        0x174,
        0x175,
        0x176,
        0x17a,
        0x1a0,
        0x1d9,
        0x200,
        0x201,
        0x20f,
        0x250,
        0x26f,
        0x277,
        0x2ff,
        0x400,
        0x402,
        0x47b,
        0x6e0,
        0xda0,
        0x4b564d00,
        0x4b564d01,
        0x4b564d02,
        0x4b564d03,
        0x4b564d04,
        0xc0000080,
        0xc0000081,
        0xc0000082,
        0xc0000084,
        0xc0000100,
        0xc0000101,
        0xc0000102,
        0xc0000103,
        0xc0010015,
        0xc0010140,
        0xc0010141
    };
    private static final String[] STRINGS = {
        "a4", "a5", "48 a5", "aa", "ab", "48 ab", "ac", "48 ad", "6c", "6d", "6e", "6f", "a6",
        "48 a7", "ae", "48 af"
    };
    private static final String[] PRIVILEGED = {
        "0f 01 10",
        "0f 01 18",
        "0f 01 14 24",
        "0f 00 d8",
        "0f 00 d0",
        "0f 01 f8",
        "0f 09",
        "0f 06",
        "f4",
        "fa",
        "fb",
        "48 cf",
        "48 cb",
        "cc",
        "cd 80",
        "cd 0e",
        "f1",
        "0f 05",
        "0f 34",
        "0f 01 d9",
        "0f 01 c1",
        "0f 01 d1",
        "0f 30",
        "0f 32",
        "0f a2",
        "0f ae 00",
        "0f ae 08",
        "0f 11 00",
        "0f 29 00",
        "0f c7 08",
        "8e d8",
        "8e c0",
        "8e d0",
        "8e e0",
        "9d",
        "c8 00 00 01",
        "0f 0b",
        "0f 22 c0",
        "0f 22 d0",
        "0f 22 d8",
        "0f 22 e0",
        "44 0f 22 c0",
        "0f 23 c0",
        "0f 23 d8",
        "0f 23 f0",
        "0f 23 f8",
        "db e3",
        "d9 eb",
        "0f 01 f0"
    };

    private final Random random;
    private final Code code = new Code();

    private Villain(Random random) {
        this.random = random;
    }

    /** A guest to run. */
    record Guest(GuestImage image, PrivilegeMode privilege, Duration deadline) {}

    /** Returns one; the same for the same state of the random numbers. */
    static Guest next(Random random, PrivilegeMode privilege) {
        byte[] code = new Villain(random).code();
        return new Guest(
                random.nextInt(5) == 0
                        ? TinyGuest.legacy("villain", code)
                        : TinyGuest.image("villain", code),
                privilege,
                Duration.ofMillis(1 + random.nextInt(50)));
    }

    private byte[] code() {
        if (random.nextInt(3) > 0) {
            code.handlers();
        }
        if (random.nextInt(3) == 0) {
            ownTables();
        }
        if (random.nextBoolean()) {
            vectors();
        }
        boolean isStubborn = random.nextInt(3) == 0;
        if (isStubborn) {
            goOnAfterExceptions();
        }
        int again = code.here();
        code.set(Code.RSP, TinyGuest.HEAP + 0x4000);
        int pieces = 1 + random.nextInt(20);
        for (int i = 0; i < pieces && code.bytes().length < MAX_CODE - 300; i++) {
            piece();
        }
        if (isStubborn) {
            return code.jump(again).bytes();
        }
        return (random.nextBoolean() ? code.spin() : code.done()).bytes();
    }

    // From the next instruction on.
    private void goOnAfterExceptions() {
        int again = code.here() + VECTORS.length * STORE_SIZE;
        for (int vector : VECTORS) {
            code.store(TinyGuest.DATA + vector * 16, TinyGuest.gate(again));
        }
    }

    private void piece() {
        switch (random.nextInt(8)) {
            case 0 -> registers();
            case 1 -> call();
            case 2 -> string();
            case 3 -> code.set(Code.RAX, address()).op("mov %rcx, (%rax)", "48 89 08");
            case 4 -> code.wrmsr(MSRS[random.nextInt(MSRS.length)], value());
            case 5 -> {
                registers();
                code.op("privileged", PRIVILEGED[random.nextInt(PRIVILEGED.length)]);
            }
            case 6 -> code.load(address());
            default -> {
                byte[] any = new byte[1 + random.nextInt(24)];
                random.nextBytes(any);
                code.raw(any);
            }
        }
    }

    private void registers() {
        for (int register = 0; register < 8; register++) {
            if (random.nextBoolean() && (register != Code.RSP || random.nextInt(8) == 0)) {
                code.set(register, value());
            }
        }
    }

    private void call() {
        int at = (int) ADDRESSES[16 + random.nextInt(10)];
        code.store(TinyGuest.CALL, value()).store(TinyGuest.CALL + 8, value());
        code.store(TinyGuest.CALL + 16, value()).store(TinyGuest.CALL + 24, value());
        code.call(PORTS[random.nextInt(PORTS.length)], random.nextBoolean() ? TinyGuest.CALL : at);
    }

    private void string() {
        code.set(Code.RSI, address()).set(Code.RDI, address());
        code.set(Code.RCX, random.nextBoolean() ? random.nextInt(2000) : value());
        code.port(PORTS[random.nextInt(PORTS.length)]).set(Code.RAX, value());
        code.op("rep", random.nextInt(4) == 0 ? "f2" : "f3");
        code.op("string operation", STRINGS[random.nextInt(STRINGS.length)]);
    }

    // Of memory, of the monitor's own pages, and of what is not there.
    private void ownTables() {
        code.store(OWN_TABLES, OWN_TABLES + 0x1003)
                .store(OWN_TABLES + 0x1000, OWN_TABLES + 0x2003)
                .store(OWN_TABLES + 0x1000 + 5 * 8, OWN_TABLES + 0x3003)
                .store(OWN_TABLES + 0x2000, 0x83)
                .store(OWN_TABLES + 0x3000, (random.nextBoolean() ? 5L << 30 : 0) | 0x83)
                .control(3, OWN_TABLES);
        for (int i = random.nextInt(4); i > 0; i--) {
            code.store(0x1000 + random.nextInt(0x8000) & ~7, random.nextLong());
        }
        if (random.nextBoolean()) {
            code.store(0x5000, 5L << 30 | 0x83); // The second GiB, in the monitor's tables.
        }
        if (random.nextBoolean()) {
            code.control(3, 0x2000);
        }
    }

    private void vectors() {
        for (int i = 0; i < 8; i++) {
            code.op("movups address, %xmm", "0f 10")
                    .raw((byte) (i << 3 | 4), (byte) 0x25)
                    .raw(Code.littleEndian(TinyGuest.TEXT + i * 16, Integer.BYTES));
        }
    }

    private long address() {
        return ADDRESSES[random.nextInt(ADDRESSES.length)] + random.nextInt(3) * 4L;
    }

    private long value() {
        return switch (random.nextInt(4)) {
            case 0 -> address();
            case 1 -> random.nextInt(64);
            case 2 -> 1L << random.nextInt(64);
            default -> random.nextLong();
        };
    }
}
