package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RSP;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Descriptor tables, gates and stacks that lead exceptions where they must not go. */
final class HostileTables {
    private static final int INVALID = 6;
    private static final int DOUBLE_FAULT = 8;
    private static final int GENERAL_PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final int POINTER = TinyGuest.SCRATCH;
    private static final long MEMORY = Hostile.MEMORY;
    private static final int TASK = 0x120000;

    private HostileTables() {}

    private static Code caught() {
        return new Code().handlers();
    }

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addPointers(guests);
        addGates(guests);
        addStacks(guests);
        addTasks(guests);
        addInterrupts(guests);
        return guests;
    }

    private static Hostile invalid(String name, Code code) {
        return guest(name, code.op("ud2", "0f 0b").done());
    }

    private static void addPointers(List<Hostile> guests) {
        int last = (int) MEMORY - 10;
        guests.add(guest("lgdt from the last bytes", caught().lgdt(last).done()).ends(End.done()));
        guests.add(guest("lidt from the last bytes", caught().lidt(last).done()).ends(End.done()));
        for (int over : new int[] {1, 5, 9, 10, 4096}) {
            String name = " pointer, " + over + " bytes beyond memory";
            // The monitor reads it for ring 3, and takes no address that is not memory.
            End refused = End.fault("Invalid guest access: gpa=0x", "memory=0x200000");
            guests.add(
                    guest("lgdt" + name, caught().lgdt(last + over).done())
                            .at3(refused)
                            .at0(End.caught(PAGE_FAULT)));
            guests.add(
                    guest("lidt" + name, caught().lidt(last + over).done())
                            .at3(refused)
                            .at0(End.caught(PAGE_FAULT)));
        }
        guests.add(
                guest(
                                "lidt from a non-canonical address",
                                caught().set(RAX, 1L << 63).op("lidt (%rax)", "0f 01 18").done())
                        .at3(End.fault("Invalid guest access: gpa=0x8000000000000000"))
                        .at0(End.caught(GENERAL_PROTECTION)));
        // Page tables, GDT and code are no gates; the monitor's own gates lead to its stubs, which
        // the guest cannot run; beyond memory there is nothing.
        long[] bases = {
            0,
            0x1000,
            0x1200,
            0x2000,
            0x8000,
            TinyGuest.TEXT,
            MEMORY - 0x6f,
            MEMORY,
            1L << 40,
            -1,
            -0x60,
            Long.MIN_VALUE,
            Long.MAX_VALUE
        };
        for (long base : bases) {
            guests.add(
                    invalid(
                                    String.format("gates at 0x%x", base),
                                    caught().pointer(POINTER, base, 0xffff).lidt(POINTER))
                            .at3(End.triple()));
        }
        for (int limit : new int[] {0, 1, 0x5f, 0x6e}) {
            guests.add(
                    invalid(
                                    String.format("gates up to 0x%x", limit),
                                    caught().pointer(POINTER, TinyGuest.DATA, limit).lidt(POINTER))
                            .ends(End.triple()));
        }
        guests.add(
                invalid(
                                "gates up to 0x6f",
                                caught().pointer(POINTER, TinyGuest.DATA, 0x6f).lidt(POINTER))
                        .ends(End.caught(INVALID)));
    }

    private static void addGates(List<Hostile> guests) {
        int gate = TinyGuest.DATA + INVALID * 16;
        long good = TinyGuest.gate(TinyGuest.STUBS + INVALID * 16);
        for (long type : new long[] {0, 0x0e, 0x80, 0x82, 0x85, 0x86, 0x89, 0x8c, 0x9e, 0xff}) {
            long bad = good & ~(0xffL << 40) | type << 40;
            guests.add(
                    invalid("gate of type 0x" + Long.toHexString(type), caught().store(gate, bad))
                            .at3(End.caught(DOUBLE_FAULT)));
        }
        guests.add(
                invalid("trap gate", caught().store(gate, good | 1L << 40))
                        .ends(End.caught(INVALID)));
        long[] handlers = {
            1L << 47, Long.MIN_VALUE, 0x8000_0000_0010_0000L, 0xdead_beef_0000_0000L
        };
        for (long handler : handlers) {
            guests.add(
                    invalid(
                                    String.format("handler at 0x%x", handler),
                                    caught().store(gate, TinyGuest.gate(handler))
                                            .store(gate + 8, handler >>> 32))
                            // A gate that leads nowhere is no gate: the second fault is #DF.
                            .at3(End.caught(DOUBLE_FAULT)));
        }
        for (long handler : new long[] {0, 0x1430, 0x2000, 5L << 30}) {
            guests.add(
                    invalid(
                                    String.format("handler at 0x%x", handler),
                                    caught().store(gate, TinyGuest.gate(handler))
                                            .store(gate + 8, handler >>> 32))
                            .ends(End.caught(PAGE_FAULT)));
        }
    }

    private static void addStacks(List<Hostile> guests) {
        long[] stacks = {
            0,
            8,
            127,
            0x1000,
            0x1ff0,
            0x2000,
            0x2080,
            0x2100,
            0x9000,
            0x10800,
            0x20000,
            0x100000,
            TinyGuest.TEXT + 0x800,
            TinyGuest.RODATA + 0x800,
            TinyGuest.DATA,
            TinyGuest.DATA + 0x70,
            MEMORY + 0x1000,
            5L << 30,
            1L << 47,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 64,
            -1,
            -128
        };
        for (long stack : stacks) {
            guests.add(
                    invalid(String.format("stack at 0x%x", stack), caught().set(RSP, stack))
                            .at3(End.triple()));
        }
        // The frame goes below what code may use under RSP without saying so, hence into memory.
        guests.add(
                invalid("stack at the end of memory", caught().set(RSP, MEMORY))
                        .ends(End.caught(INVALID)));
        guests.add(
                invalid("stack just beyond memory", caught().set(RSP, MEMORY + 8))
                        .at3(End.caught(INVALID)));
        guests.add(
                guest(
                                "push to a non-canonical stack",
                                caught().set(RSP, 1L << 47).op("push %rax", "50").done())
                        .ends(End.triple()));
    }

    private static void addTasks(List<Hostile> guests) {
        for (long stack :
                new long[] {
                    0,
                    0x2000,
                    0x1fd0,
                    0x1ff8,
                    0x3000,
                    0x9000,
                    0x11000,
                    0x20000,
                    0x100000,
                    0x101000,
                    0x102000,
                    0x200040,
                    1L << 40,
                    1L << 47,
                    Long.MIN_VALUE,
                    -1,
                    47
                }) {
            guests.add(
                    invalid(String.format("IST at 0x%x", stack), task(TASK, stack))
                            .at3(End.caught(DOUBLE_FAULT)));
        }
        guests.add(invalid("IST in the heap", task(TASK, 0x130000)).at3(End.caught(INVALID)));
        for (long base : new long[] {MEMORY - 43, MEMORY, 1L << 40, -36, Long.MIN_VALUE, -1}) {
            guests.add(
                    invalid(String.format("TSS at 0x%x", base), taskAt(base))
                            .at3(End.caught(DOUBLE_FAULT)));
        }
        // A descriptor that is not all in memory, or not all in the table, is no task.
        long[] tables = {MEMORY - 24 + 1, MEMORY - 16, MEMORY, -8, -16, 1L << 40, Long.MIN_VALUE};
        for (long table : tables) {
            guests.add(
                    guest(
                                    String.format("ltr by a table at 0x%x", table),
                                    caught().pointer(POINTER, table, 0xffff)
                                            .lgdt(POINTER)
                                            .set(RAX, 8)
                                            .op("ltr %ax", "0f 00 d8")
                                            .done())
                            .at3(End.done()));
        }
        for (int selector : new int[] {0, 3, 0x10, 0x18, 0x20, 0xfff8, 0xffff}) {
            guests.add(
                    guest(
                                    String.format("ltr 0x%x", selector),
                                    caught().set(RAX, selector).op("ltr %ax", "0f 00 d8").done())
                            .at3(End.done())
                            .at0(End.caught(GENERAL_PROTECTION)));
        }
    }

    private static Code task(int base, long stack) {
        return taskAt(base).store(base + 36, stack);
    }

    // A GDT with a TSS, and the gate of #UD on that TSS's first stack.
    private static Code taskAt(long base) {
        int table = TinyGuest.SCRATCH + 0x100;
        long low = 0x67 | (base & 0xffffff) << 16 | 0x89L << 40 | (base >>> 24 & 0xff) << 56;
        long gate = TinyGuest.gate(TinyGuest.STUBS + INVALID * 16) | 1L << 32;
        return caught().store(table + 8, low)
                .store(table + 16, base >>> 32)
                .store(TinyGuest.DATA + INVALID * 16, gate)
                .pointer(POINTER, table, 0x17)
                .lgdt(POINTER)
                .set(RAX, 8)
                .op("ltr %ax", "0f 00 d8");
    }

    private static void addInterrupts(List<Hostile> guests) {
        // Only int3 is for guests to raise. A KVM without hardware virtualization makes of other
        // numbers #UD, #GP, nothing, or the host's own #OF; none is an exception forged, since
        // whatever arrives goes to the guest's own handlers.
        for (int vector = 0; vector <= 0xff; vector += vector < 0x20 ? 1 : 0x1f) {
            boolean isOwn = vector == 3;
            guests.add(
                    guest(
                                    "int $0x" + Integer.toHexString(vector),
                                    caught().op("int $n", "cd").raw((byte) vector).done())
                            .at3(
                                    isOwn
                                            ? End.caught(3)
                                            : End.either(
                                                    End.caught(GENERAL_PROTECTION),
                                                    End.caught(INVALID),
                                                    End.caught(4),
                                                    End.done())));
        }
        guests.add(
                guest("int $0x80", caught().op("int $0x80", "cd 80").done())
                        .at3(End.either(End.caught(GENERAL_PROTECTION), End.caught(INVALID))));
        guests.add(guest("int1", caught().op("int1", "f1").done()).at3(End.caught(1)));
        guests.add(guest("into", caught().op("into", "ce").done()).at3(End.caught(INVALID)));
        guests.add(
                guest("syscall", caught().op("syscall", "0f 05").done())
                        // Where guests at ring 3 run on the host's tables it goes to address 0.
                        .at3(End.either(End.caught(INVALID), End.caught(PAGE_FAULT)))
                        .at0(End.caught(INVALID)));
        // Page zero belongs to older guests, but is not theirs to execute.
        guests.add(
                guest("syscall, with page zero", new Code().op("syscall", "0f 05"))
                        .legacy()
                        .at3(End.triple()));
        // AMD has no sysenter in 64-bit mode, so KVM tries to emulate it there, and at ring 0 says
        // that it cannot; Intel finds no segment for it.
        End noSysenter = End.either(End.caught(INVALID), End.caught(GENERAL_PROTECTION));
        guests.add(
                guest("sysenter", caught().op("sysenter", "0f 34").done())
                        .at3(noSysenter)
                        .at0(End.either(noSysenter, Hostile.NOT_EMULATED))
                        .emulated(Hostile.NOT_EMULATED));
        guests.add(
                guest("sysret", caught().op("sysretq", "48 0f 07").done())
                        .at3(End.either(End.caught(INVALID), End.caught(GENERAL_PROTECTION))));
    }
}
