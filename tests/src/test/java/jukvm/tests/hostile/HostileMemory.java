package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RBX;
import static jukvm.tests.support.Code.RCX;
import static jukvm.tests.support.Code.RDI;
import static jukvm.tests.support.Code.RSP;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Memory that is not the guest's, or not there, and code where none should be. */
final class HostileMemory {
    private static final int GENERAL_PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final int TABLES = 0x110000;

    private HostileMemory() {}

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addReads(guests);
        addWrites(guests);
        addJumps(guests);
        addOwnTables(guests);
        addEnds(guests);
        return guests;
    }

    private static Code caught() {
        return new Code().handlers();
    }

    private static void addReads(List<Hostile> guests) {
        End pageFault = End.caught(PAGE_FAULT);
        for (long address :
                new long[] {
                    0,
                    0x1000,
                    0x1fd8,
                    0x2000,
                    0x8000,
                    0x9000,
                    0x200000,
                    0x7fffffff,
                    0xfee00000L,
                    5L << 30,
                    1L << 39,
                    (1L << 47) - 8
                }) {
            guests.add(
                    guest("read 0x" + Long.toHexString(address), caught().load(address).done())
                            .ends(pageFault));
        }
        for (long address : new long[] {1L << 47, Long.MIN_VALUE, Long.MAX_VALUE - 7}) {
            guests.add(
                    guest("read 0x" + Long.toHexString(address), caught().load(address).done())
                            .ends(End.caught(GENERAL_PROTECTION)));
        }
        // The kernel's half is not the guest's. A KVM whose guests at ring 3 share it with its own
        // code reports rights where hardware reports absence.
        guests.add(
                guest("read -8", caught().load(-8).done())
                        .at3(End.either(pageFault, End.violation("access to gpa=0xffff")))
                        .at0(pageFault));
        guests.add(
                guest("read 8 bytes, 4 of them memory", caught().load(0x1ffffc).done())
                        .ends(pageFault));
        guests.add(guest("read 5 GiB without handlers", new Code().load(5L << 30)).ends(triple()));
    }

    private static void addWrites(List<Hostile> guests) {
        int[] low = {0, 0x1000, 0x1008, 0x1040, 0x1fd8, 0x2000, 0x8800, 0x10000, 0x12000, 0xff000};
        for (int gpa : low) {
            String name = "write 0x" + Integer.toHexString(gpa);
            guests.add(guest(name, caught().store(gpa, 7).done()).ends(End.caught(PAGE_FAULT)));
        }
        guests.add(
                guest("write boot info without handlers", new Code().store(0x10000, 0))
                        .ends(triple()));
        for (int gpa : new int[] {TinyGuest.TEXT, TinyGuest.TEXT + 0xff8, TinyGuest.RODATA}) {
            guests.add(
                    guest("write 0x" + Integer.toHexString(gpa), caught().store(gpa, 7).done())
                            .ends(End.violation("write to read-only gpa=0x")));
        }
        guests.add(
                guest(
                                "touch all memory",
                                new Code()
                                        .set(RDI, TinyGuest.HEAP)
                                        .set(RAX, 64L << 20)
                                        .op("mov %rdi, (%rdi)", "48 89 3f")
                                        .op("add $4096, %rdi", "48 81 c7 00 10 00 00")
                                        .op("cmp %rax, %rdi", "48 39 c7")
                                        .op("jb .-13", "72 f1")
                                        .done())
                        .memory(64L << 20)
                        .ends(End.done()));
        guests.add(
                guest(
                                "fill memory past its end",
                                caught().set(RDI, TinyGuest.HEAP + 0xf0000)
                                        .set(RCX, -1)
                                        .op("rep stosb", "f3 aa"))
                        .ends(End.caught(PAGE_FAULT)));
    }

    private static void addJumps(List<Hostile> guests) {
        // The page of descriptors holds the stubs that run as supervisor; 0x10000 is boot info,
        // which at ring 0 can be executed and begins with an add to (%rax), the address itself.
        long[] notThere = {0, 0x1000, 0x1400, 0x1430, 0x1468, 0x1470, 0x1fd8, 0x2000, 0x10000};
        for (long address : notThere) {
            guests.add(
                    guest("jump to 0x" + Long.toHexString(address), caught().jump(address))
                            .ends(End.caught(PAGE_FAULT)));
        }
        guests.add(guest("jump past memory", caught().jump(5L << 30)).ends(End.caught(14)));
        guests.add(guest("jump to 0 without handlers", new Code().jump(0)).ends(triple()));
        for (long address : new long[] {1L << 47, 1L << 63}) {
            guests.add(
                    guest("jump to 0x" + Long.toHexString(address), caught().jump(address))
                            .ends(End.caught(GENERAL_PROTECTION)));
        }
        for (int gpa : new int[] {TinyGuest.RODATA, TinyGuest.DATA, TinyGuest.HEAP}) {
            guests.add(
                    guest("W^X jump to 0x" + Integer.toHexString(gpa), caught().jump(gpa))
                            .at3(End.violation("execution of non-executable gpa=0x")));
        }
        // Two bytes of an lgdt, whose other bytes are not there.
        guests.add(
                guest(
                                "instruction split at the end of memory",
                                caught().store(0x1ffff8, 0x010f_0000_0000_0000L).jump(0x1ffffe))
                        .at3(End.violation("execution of non-executable gpa=0x1ffffe"))
                        .at0(End.caught(PAGE_FAULT)));
    }

    // Only ring 0 can have page tables of its own; what they cannot have is other memory.
    private static void addOwnTables(List<Hostile> guests) {
        End refused = End.fault("guest loads page tables of its own");
        guests.add(
                guest("own page tables, memory at 5 GiB", ownTables(5L << 30).load(5L << 30))
                        .at3(refused)
                        .at0(
                                End.fault(
                                        "guest access outside its memory: read from"
                                                + " gpa=0x140000000")));
        guests.add(
                guest(
                                "own page tables, the end of the address space",
                                ownTables(0x7ffffe00000L).load(5L << 30))
                        .at3(refused)
                        // A processor that has fewer address bits finds the entry malformed.
                        .at0(
                                End.either(
                                        End.fault(
                                                "guest access outside its memory: read from"
                                                        + " gpa=0x7ff"),
                                        End.caught(PAGE_FAULT))));
        guests.add(
                guest(
                                "own page tables, text again and writable",
                                ownTables(0)
                                        .set(RBX, (5L << 30) + TinyGuest.TEXT)
                                        .op("mov %rax, (%rbx)", "48 89 03")
                                        .done())
                        .at3(refused)
                        .at0(End.violation()));
    }

    private static Code ownTables(long at5GiB) {
        return caught().store(TABLES, TABLES + 0x1003)
                .store(TABLES + 0x1000, TABLES + 0x2003)
                .store(TABLES + 0x1000 + 5 * 8, TABLES + 0x3003)
                .store(TABLES + 0x2000, 0x83)
                .store(TABLES + 0x3000, at5GiB | 0x83)
                .control(3, TABLES);
    }

    private static void addEnds(List<Hostile> guests) {
        guests.add(guest("#UD without handlers", new Code().op("ud2", "0f 0b")).ends(triple()));
        guests.add(
                guest("HLT", new Code().op("hlt", "f4"))
                        .ends(End.fault("guest executed HLT, which its dialect lacks")));
        Code loop = caught();
        int ud2 = loop.here() + 51;
        guests.add(
                guest(
                                "#UD whose handler is #UD",
                                loop.store(TinyGuest.DATA + 6 * 16, TinyGuest.gate(ud2))
                                        .set(RSP, TinyGuest.HEAP + 0x4000)
                                        .op(
                                                "nop * 23",
                                                "90".repeat(23).replaceAll("..(?!$)", "$0 "))
                                        .op("ud2", "0f 0b"))
                        .at3(triple()));
        // Down the heap and the data, gates included, until the read-only page below.
        guests.add(
                guest(
                                "stack overflow",
                                new Code()
                                        .set(RSP, TinyGuest.HEAP + 0x4000)
                                        .op("call .", "e8 fb ff ff ff"))
                        .ends(End.violation("write to read-only gpa=0x101ff8")));
        guests.add(guest("loop", new Code().spin()).runsUntilItsDeadline());
        guests.add(guest("cli, loop", new Code().op("cli", "fa").spin()).runsUntilItsDeadline());
        guests.add(
                guest("pause loop", new Code().op("pause", "f3 90").op("jmp .-2", "eb fc"))
                        .runsUntilItsDeadline());
        guests.add(
                guest("trap storm", new Code().op("cli", "fa").op("jmp .-1", "eb fd"))
                        .runsUntilItsDeadline());
    }

    private static End triple() {
        return End.triple();
    }
}
