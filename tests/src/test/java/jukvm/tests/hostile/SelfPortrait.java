package jukvm.tests.hostile;

import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RCX;
import static jukvm.tests.support.Code.RDX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Patience;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;

/**
 * A guest that prints all it finds when it begins: general registers and flags, selectors, control
 * and debug registers, vector and x87 registers, model-specific registers, and all of its memory.
 * On a kept VM it prints what it does on a new one, whoever was there before.
 */
final class SelfPortrait {
    private static final Duration LONG = Patience.of(Duration.ofSeconds(60));
    private static final int BUFFER = TinyGuest.SCRATCH;
    private static final int CONTROL = BUFFER + 0xa0;
    private static final int VECTORS = BUFFER + 0x100;
    private static final int MSRS = BUFFER + 0x300;
    private static final int WIDE = TinyGuest.HEAP;
    private static final int GENERAL_PROTECTION = 13;

    // In order, from a number to before another.
    private static final int[][] RANGES = {
        {0x3b, 0x3c},
        {0x48, 0x49},
        {0x174, 0x177},
        {0x179, 0x17c},
        {0x1d9, 0x1da},
        {0x200, 0x210},
        {0x250, 0x251},
        {0x258, 0x25a},
        {0x268, 0x270},
        {0x277, 0x278},
        {0x2ff, 0x300},
        {0x400, 0x480},
        {0x4b564d00, 0x4b564d08},
        {0xc0000081, 0xc0000085},
        {0xc0000100, 0xc0000104},
        {0xc0010140, 0xc0010142}
    };
    private static final int[][] RANGES_OF_RING_3 = {{0xc0000100, 0xc0000103}};

    /** How far a processor and its KVM let a guest see into its vector registers, best first. */
    private enum Sight {
        XSAVE,
        FXSAVE,
        MOVES
    }

    private final PrivilegeMode privilege;
    private final GuestImage image;
    private final byte[] onANewVm;

    private SelfPortrait(PrivilegeMode privilege, GuestImage image, byte[] onANewVm) {
        this.privilege = privilege;
        this.image = image;
        this.onANewVm = onANewVm;
    }

    /** Returns the one that sees most on this host. */
    static SelfPortrait at(PrivilegeMode privilege) {
        try (Monitor keepsNone = Monitor.open(0)) {
            for (Sight sight : Sight.values()) {
                GuestImage image = TinyGuest.image("portrait", code(privilege, sight));
                ByteArrayOutputStream printed = new ByteArrayOutputStream();
                RunResult result = run(keepsNone, privilege, image, printed);
                if (result.outcome().equals(new Outcome.Exited(Code.DONE))) {
                    return new SelfPortrait(privilege, image, printed.toByteArray());
                }
            }
        }
        throw new AssertionError("no guest can look at itself at " + privilege);
    }

    /** Runs it, and compares. */
    RunResult.Start assertUnhurt(Monitor monitor, Object after) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream(onANewVm.length);
        RunResult result = run(monitor, privilege, image, printed);
        assertEquals(
                new Outcome.Exited(Code.DONE), result.outcome(), () -> privilege + ", " + after);
        byte[] found = printed.toByteArray();
        int at = Arrays.mismatch(onANewVm, found);
        if (at >= 0) {
            String where = privilege + ", 0x" + Integer.toHexString(TinyGuest.TEXT + at);
            assertTrue(at < Math.min(onANewVm.length, found.length), where);
            int line = at & -16;
            assertArrayEquals(
                    Arrays.copyOfRange(onANewVm, line, line + 16),
                    Arrays.copyOfRange(found, line, line + 16),
                    () -> where + " differs after " + after);
        }
        return result.start();
    }

    private static RunResult run(
            Monitor monitor,
            PrivilegeMode privilege,
            GuestImage image,
            ByteArrayOutputStream printed) {
        return Run.run(
                monitor,
                GuestSpec.of(image)
                        .memory(Hostile.MEMORY)
                        .privilege(privilege)
                        .deadline(LONG)
                        .console(Console.to(printed)));
    }

    private static byte[] code(PrivilegeMode privilege, Sight sight) {
        Code code = new Code();
        general(code);
        vectors(code, sight);
        // A model-specific register that is not there leaves RAX what it is.
        int handler = code.here() + 2;
        code.op("jmp .+11", "eb 0b")
                .op("add $8, %rsp", "48 83 c4 08")
                .op("addq $2, (%rsp)", "48 83 04 24 02")
                .op("iretq", "48 cf");
        code.store(TinyGuest.DATA + GENERAL_PROTECTION * 16, TinyGuest.gate(handler)).handlers();
        control(code, privilege);
        int at = MSRS;
        for (int[] range : privilege == PrivilegeMode.RING_0 ? RANGES : RANGES_OF_RING_3) {
            msrs(code, range[0], range[1], at);
            at += (range[1] - range[0]) * Long.BYTES;
        }
        return code.puts(TinyGuest.TEXT, Hostile.MEMORY - TinyGuest.TEXT).done().bytes();
    }

    private static void general(Code code) {
        for (int register = 0; register < 16; register++) {
            code.raw((byte) (register < 8 ? 0x48 : 0x4c), (byte) 0x89)
                    .raw((byte) ((register & 7) << 3 | 4), (byte) 0x25)
                    .raw(Code.littleEndian(BUFFER + register * Long.BYTES, Integer.BYTES));
        }
        code.op("pushfq", "9c").op("pop %rax", "58").storeRax(BUFFER + 0x80);
    }

    private static void vectors(Code code, Sight sight) {
        byte[] address = Code.littleEndian(VECTORS, Integer.BYTES);
        switch (sight) {
            case XSAVE ->
                    code.op("fxsave64 address", "48 0f ae 04 25")
                            .raw(address)
                            .set(RAX, 0xe4)
                            .set(RDX, 0)
                            .op("xsave64 address", "48 0f ae 24 25")
                            .raw(Code.littleEndian(WIDE, Integer.BYTES))
                            // Which of them the processor took the trouble to save.
                            .store(WIDE + 512, 0);
            case FXSAVE -> code.op("fxsave64 address", "48 0f ae 04 25").raw(address);
            case MOVES -> {
                for (int i = 0; i < 16; i++) {
                    code.raw(i < 8 ? new byte[0] : new byte[] {0x44})
                            .op("movups %xmm, address", "0f 11")
                            .raw((byte) ((i & 7) << 3 | 4), (byte) 0x25)
                            .raw(Code.littleEndian(VECTORS + i * 16, Integer.BYTES));
                }
                code.op("fnstcw address", "d9 3c 25")
                        .raw(Code.littleEndian(VECTORS + 0x100, Integer.BYTES));
            }
        }
    }

    private static void control(Code code, PrivilegeMode privilege) {
        code.op("mov %cr0, %rax", "0f 20 c0").storeRax(CONTROL);
        code.op("mov %cr2, %rax", "0f 20 d0").storeRax(CONTROL + 8);
        code.op("mov %cr3, %rax", "0f 20 d8").storeRax(CONTROL + 16);
        code.op("mov %cr4, %rax", "0f 20 e0").storeRax(CONTROL + 24);
        code.op("mov %cr8, %rax", "44 0f 20 c0").storeRax(CONTROL + 32);
        if (privilege == PrivilegeMode.RING_0) {
            // At ring 3 some hosts load none of them for the next guest.
            code.op("mov %es, %eax", "8c c0").storeRax(BUFFER + 0x88);
            code.op("mov %fs, %eax", "8c e0").storeRax(BUFFER + 0x90);
            code.op("mov %gs, %eax", "8c e8").storeRax(BUFFER + 0x98);
            code.op("mov %dr0, %rax", "0f 21 c0").storeRax(CONTROL + 40);
            code.op("mov %dr1, %rax", "0f 21 c8").storeRax(CONTROL + 48);
            code.op("mov %dr2, %rax", "0f 21 d0").storeRax(CONTROL + 56);
            code.op("mov %dr3, %rax", "0f 21 d8").storeRax(CONTROL + 64);
            code.op("mov %dr6, %rax", "0f 21 f0").storeRax(CONTROL + 72);
            code.op("mov %dr7, %rax", "0f 21 f8").storeRax(CONTROL + 80);
        }
    }

    private static void msrs(Code code, int from, int to, int at) {
        code.set(RCX, from & 0xffffffffL)
                .set(Code.RDI, at)
                .op("xor %eax, %eax", "31 c0")
                .op("xor %edx, %edx", "31 d2")
                .op("rdmsr", "0f 32")
                .op("mov %eax, (%rdi)", "89 07")
                .op("mov %edx, 4(%rdi)", "89 57 04")
                .op("add $8, %rdi", "48 83 c7 08")
                .op("inc %ecx", "ff c1")
                .op("cmp $to, %ecx", "81 f9")
                .raw(Code.littleEndian(to, Integer.BYTES))
                .op("jne .-23", "75 e7");
    }
}
