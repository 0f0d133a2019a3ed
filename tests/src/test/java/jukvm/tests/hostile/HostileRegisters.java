package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.RAX;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Privileged instructions with hostile values. */
final class HostileRegisters {
    private static final int INVALID = 6;
    private static final int GENERAL_PROTECTION = 13;

    private static final int STEAL_TIME = 0x4b564d03; // asm/kvm_para.h, MSR_KVM_STEAL_TIME

    private static final int[] SAMPLE = {
        0,
        1,
        0x10,
        0x1b,
        0x38,
        0x3a,
        0x79,
        0x8b,
        0xc1,
        0xfe,
        0x174,
        0x175,
        0x176,
        0x179,
        0x17a,
        0x186,
        0x1a0,
        0x1d9,
        0x200,
        0x277,
        0x2ff,
        0x38f,
        0x400,
        0x480,
        0x600,
        0x6e0,
        0x800,
        0x80b,
        0x830,
        0xda0,
        0x1fff,
        0x4b564d02,
        STEAL_TIME,
        0x4b564d04,
        0x4b564d05,
        0x4b564d06,
        0x4b564d07,
        0x4b564d08,
        0x4b564dff,
        0xc0000081,
        0xc0000082,
        0xc0000083,
        0xc0000084,
        0xc0000103,
        0xc0000104,
        0xc0010015,
        0xc0010114,
        0xc0010117,
        0xc0011029,
        0xffffffff
    };
    private static final int[] CLOCKS = {0x11, 0x12, 0x4b564d00, 0x4b564d01};

    private HostileRegisters() {}

    private static Code caught() {
        return new Code().handlers();
    }

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addMsrs(guests);
        addClocks(guests);
        addControl(guests);
        addVirtualization(guests);
        addPrefixes(guests);
        return guests;
    }

    private static void addMsrs(List<Hostile> guests) {
        End refused = End.caught(GENERAL_PROTECTION);
        // At ring 0 it is KVM that decides, and versions of it differ in what they know.
        End eitherWay = End.either(End.done(), refused);
        End anyWay = End.either(eitherWay, End.triple());
        for (int msr : SAMPLE) {
            String name = "0x" + Integer.toHexString(msr);
            guests.add(
                    guest("rdmsr " + name, caught().rdmsr(msr).done()).at3(refused).at0(eitherWay));
            for (long value : new long[] {0x2001, 0x1fc1, -1}) {
                // Where KVM lets a guest ask for stolen time, it writes that into the page tables
                // of one that says so, on a host that has stolen any.
                boolean spoilsItsTables = msr == STEAL_TIME && value == 0x2001;
                guests.add(
                        guest(
                                        "wrmsr " + name + " 0x" + Long.toHexString(value),
                                        caught().wrmsr(msr, value).done())
                                .at3(refused)
                                .at0(spoilsItsTables ? anyWay : eitherWay));
            }
        }
        for (int base : new int[] {0xc0000100, 0xc0000101, 0xc0000102}) {
            for (long value : new long[] {1L << 47, Long.MIN_VALUE, Long.MAX_VALUE}) {
                guests.add(
                        guest(
                                        String.format("wrmsr 0x%x 0x%x", base, value),
                                        caught().wrmsr(base, value).op("swapgs", "0f 01 f8").done())
                                .ends(refused));
            }
            guests.add(
                    guest(
                                    String.format("wrmsr 0x%x -1, swapgs", base),
                                    caught().wrmsr(base, -1)
                                            .op("swapgs", "0f 01 f8")
                                            .op("swapgs", "0f 01 f8")
                                            .done())
                            .ends(End.done()));
        }
        // At ring 3 nothing comes of it; at ring 0 the guest may only switch itself off.
        guests.add(
                guest("EFER 0", caught().wrmsr(0xc0000080, 0).done()).at3(End.done()).at0(refused));
        guests.add(
                guest("EFER of ones", caught().wrmsr(0xc0000080, -1).done())
                        .at3(End.done())
                        .at0(refused));
    }

    // KVM writes the time to where these point: at ring 3 the monitor sees to it that the guest
    // could, at ring 0 KVM writes to no page of a read-only slot.
    private static void addClocks(List<Hostile> guests) {
        // A guest that aims it at the page tables it runs on loses them.
        End eitherWay = End.either(End.done(), End.caught(GENERAL_PROTECTION), End.triple());
        int[] bad = {
            0x1,
            0x1001,
            0x1fc1,
            0x1fe1,
            0x2001,
            0x8001,
            0x10001,
            0x20001,
            TinyGuest.TEXT + 0x701,
            TinyGuest.RODATA + 1,
            0x101ff1,
            0x1ffff9,
            0x200001
        };
        for (int msr : CLOCKS) {
            for (int gpa : bad) {
                guests.add(
                        guest(
                                        String.format("clock 0x%x at 0x%x", msr, gpa),
                                        caught().wrmsr(msr, gpa)
                                                .call(Code.WALLTIME, TinyGuest.CALL)
                                                .done())
                                .at3(End.fault("Invalid guest access: gpa=0x"))
                                .at0(eitherWay));
            }
            guests.add(
                    guest(
                                    String.format("clock 0x%x at 2^63", msr),
                                    caught().wrmsr(msr, Long.MIN_VALUE | 1).done())
                            .at3(End.fault("Invalid guest access: gpa=0x8000"))
                            .at0(eitherWay));
            guests.add(
                    guest(
                                    String.format("clock 0x%x in the heap", msr),
                                    caught().wrmsr(msr, TinyGuest.HEAP + 1).done())
                            .ends(End.done()));
        }
    }

    private static void addControl(List<Hostile> guests) {
        End refused = End.caught(GENERAL_PROTECTION);
        for (long value : new long[] {0, -1, 0x11, 0x80000001L, 1L << 32}) {
            String hex = "0x" + Long.toHexString(value);
            // Without effect at ring 3. At ring 0 some of these values are good enough for KVM.
            guests.add(guest("cr0 " + hex, caught().control(0, value).done()).at3(End.done()));
            guests.add(guest("cr4 " + hex, caught().control(4, value).done()).at3(End.done()));
            guests.add(guest("cr8 " + hex, caught().control(8, value).done()).at3(End.done()));
            guests.add(
                    guest("cr3 " + hex, caught().control(3, value).done())
                            .at3(End.fault("guest loads page tables of its own (mov to cr3)")));
            guests.add(
                    guest(
                                    "cr2 " + hex,
                                    caught().control(2, value)
                                            .op("mov %cr2, %rax", "0f 20 d0")
                                            .done())
                            .ends(End.done()));
        }
        guests.add(guest("cr0 without paging", caught().control(0, 0x11).done()).at0(refused));
        guests.add(guest("cr4 without PAE", caught().control(4, 0).done()).at0(refused));
        guests.add(guest("cr4 of ones", caught().control(4, -1).done()).at0(refused));
        guests.add(guest("cr3 of ones", caught().control(3, -1).done()).at0(refused));
        // Processors differ in what they check first, the level or the register.
        guests.add(
                guest("cr1", caught().control(1, 0).done())
                        .at3(End.either(End.caught(INVALID), refused))
                        .at0(End.caught(INVALID)));
        guests.add(
                guest("mov to dr7", caught().set(RAX, -1).op("mov %rax, %dr7", "0f 23 f8").done())
                        .ends(refused));
        guests.add(
                guest("lmsw", caught().set(RAX, 0).op("lmsw %ax", "0f 01 f0").done())
                        .at3(refused)
                        .at0(End.done()));
        guests.add(
                guest("xsetbv", caught().set(RAX, 0).op("xsetbv", "0f 01 d1").done())
                        .at3(End.either(End.done(), End.caught(INVALID)))
                        .at0(End.either(End.caught(INVALID), refused)));
        guests.add(
                guest("time-stamp counter set, loop", new Code().wrmsr(0x10, -1).spin())
                        .mayRunUntilItsDeadline()
                        .at0(End.deadline()));
    }

    private static void addVirtualization(List<Hostile> guests) {
        String[][] instructions = {
            {"vmrun", "0f 01 d8"},
            {"vmload", "0f 01 da"},
            {"stgi", "0f 01 dc"},
            {"clgi", "0f 01 dd"},
            {"skinit", "0f 01 de"},
            {"vmxoff", "0f 01 c4"},
            {"vmlaunch", "0f 01 c2"},
            {"vmxon (%rax)", "f3 0f c7 30"}
        };
        for (String[] one : instructions) {
            guests.add(
                    guest("" + one[0], caught().set(RAX, 0x110000).op(one[0], one[1]).done())
                            // #GP where the host itself uses SVM.
                            .at3(End.either(End.caught(INVALID), End.caught(GENERAL_PROTECTION)))
                            .at0(End.caught(INVALID))
                            .emulated(End.either(End.caught(INVALID), Hostile.NOT_EMULATED)));
        }
        // At ring 3 an emulating KVM lets the guest see the processor's own CPUID, so nothing is
        // said of that here.
        guests.add(
                guest(
                                "CPUID hides VMX",
                                new Code()
                                        .set(RAX, 1)
                                        .op("cpuid", "0f a2")
                                        .op("mov %ecx, %eax", "89 c8")
                                        .op("and $0x20, %eax", "83 e0 20")
                                        .haltWithRax())
                        .at0(End.status(0)));
        guests.add(
                guest(
                                "CPUID hides SVM",
                                new Code()
                                        .set(RAX, 0x80000001L)
                                        .op("cpuid", "0f a2")
                                        .op("mov %ecx, %eax", "89 c8")
                                        .op("and $4, %eax", "83 e0 04")
                                        .haltWithRax())
                        .at0(End.status(0)));
    }

    private static void addPrefixes(List<Hostile> guests) {
        End refused = End.caught(GENERAL_PROTECTION);
        String size = "66 ";
        guests.add(
                guest("cli with one prefix", caught().op("data16 cli", "66 fa").done())
                        .ends(End.done()));
        guests.add(
                guest("cli with two prefixes", caught().op("cs data16 cli", "2e 66 fa").done())
                        .at3(refused)
                        .at0(End.done()));
        guests.add(
                guest("cli of 15 bytes", caught().op("cli", size.repeat(14) + "fa").done())
                        .at3(refused)
                        .at0(End.done()));
        guests.add(
                guest("cli of 16 bytes", caught().op("cli", size.repeat(15) + "fa").done())
                        .ends(refused));
        guests.add(
                guest("lock cli", caught().op("lock cli", "f0 fa").done())
                        .ends(End.caught(INVALID)));
        guests.add(
                guest(
                                "lidt by a segment",
                                caught().op("fs lidt address", "64 0f 01 1c 25 00 24 10 00").done())
                        .at3(refused));
    }
}
