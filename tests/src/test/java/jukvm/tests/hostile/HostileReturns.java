package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RCX;
import static jukvm.tests.support.Code.RSP;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Returns, far calls and flags that would make a guest at ring 3 more than it is. */
final class HostileReturns {
    private static final int DEBUG = 1;
    private static final int GENERAL_PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final long MEMORY = Hostile.MEMORY;

    // Monitor's code and task, the second half of the task, beyond the table, none, a local one,
    // the guest's own data, and what Linux has for its own programs.
    private static final int[] SELECTORS = {0x18, 0x1b, 0x20, 0x28, 0x30, 0, 0x0f, 0x10, 0xfff8};

    private HostileReturns() {}

    private static Code caught() {
        return new Code().handlers();
    }

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addStacks(guests);
        addSelectors(guests);
        addFlags(guests);
        addSegments(guests);
        return guests;
    }

    private static void addStacks(List<Hostile> guests) {
        String[][] returns = {{"lretq", "48 cb"}, {"iretq", "48 cf"}};
        for (String[] one : returns) {
            for (long stack :
                    new long[] {
                        0,
                        0x1000,
                        0x1fd8,
                        0x2000,
                        MEMORY + 4096,
                        5L << 30,
                        1L << 47,
                        -8,
                        -16,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE
                    }) {
                Hostile guest =
                        guest(
                                        String.format("%s with stack at 0x%x", one[0], stack),
                                        caught().set(RSP, stack).op(one[0], one[1]).done())
                                .ends(End.triple());
                // QEMU lets it return by the frame of the last trap, again and again.
                guests.add(stack == 0x1fd8 ? guest.mayNotEndWhereEmulated() : guest);
            }
            guests.add(
                    guest(
                                    one[0] + " with half a stack",
                                    caught().set(RSP, MEMORY - 8).op(one[0], one[1]).done())
                            .ends(End.caught(PAGE_FAULT)));
        }
        // Hardware refuses such an address to the return, a KVM that emulates it to the fetch.
        End nowhere = End.either(End.caught(GENERAL_PROTECTION), End.caught(PAGE_FAULT));
        for (long rip : new long[] {1L << 47, Long.MIN_VALUE, 0xdead_beef_dead_beefL}) {
            guests.add(
                    guest(
                                    String.format("lretq to 0x%x", rip),
                                    caught().push(8).push(rip).op("lretq", "48 cb"))
                            .at3(nowhere));
            guests.add(
                    guest(
                                    String.format("iretq to 0x%x", rip),
                                    frame(rip, 8, 2).op("iretq", "48 cf"))
                            .at3(nowhere));
        }
        for (long rip : new long[] {0, 0x1430, 0x2000, 5L << 30}) {
            guests.add(
                    guest(
                                    String.format("lretq to 0x%x", rip),
                                    caught().push(8).push(rip).op("lretq", "48 cb"))
                            .at3(End.caught(PAGE_FAULT)));
            guests.add(
                    guest(
                                    String.format("iretq to 0x%x", rip),
                                    frame(rip, 8, 2).op("iretq", "48 cf"))
                            .at3(End.caught(PAGE_FAULT)));
        }
    }

    private static Code frame(long rip, long cs, long flags) {
        return caught().push(0x10).push(TinyGuest.HEAP + 0x8000).push(flags).push(cs).push(rip);
    }

    // A guest that came out of it as supervisor could read the monitor's page.
    private static void addSelectors(List<Hostile> guests) {
        for (int selector : SELECTORS) {
            String to = String.format(" to selector 0x%x", selector);
            Code far = caught().push(selector);
            far.push(far.here() + 13).op("lretq", "48 cb").load(0x1400).done();
            guests.add(guest("lretq" + to, far).at3(End.caught(PAGE_FAULT)));
            int rip = frame(0, selector, 2).here() + 2;
            Code interrupt = frame(rip, selector, 2).op("iretq", "48 cf").load(0x1400).done();
            guests.add(guest("iretq" + to, interrupt).at3(End.caught(PAGE_FAULT)));
            // Where guests at ring 3 run on Linux's tables, 0x30 is the code segment of programs,
            // and a far transfer by some others is #UD.
            End refused = End.either(End.caught(GENERAL_PROTECTION), End.caught(6));
            End end = selector == 0x30 ? End.either(refused, End.caught(0)) : refused;
            guests.add(
                    guest("lcall" + to, pointer(selector).op("lcall *(%rax)", "ff 18").done())
                            .at3(end));
            guests.add(
                    guest("ljmp" + to, pointer(selector).op("ljmp *(%rax)", "ff 28").done())
                            .at3(end));
        }
    }

    private static Code pointer(int selector) {
        return caught().store(TinyGuest.SCRATCH, TinyGuest.STUBS | (long) selector << 32)
                .set(RAX, TinyGuest.SCRATCH);
    }

    private static void addFlags(List<Hostile> guests) {
        End refused = End.fault("Invalid guest port access: port=0x80");
        for (long flags :
                new long[] {0x3002, 0x3202, 0x7202, 0x23202, 0x1b7202, 0x3ffeff, ~0x100L}) {
            String name = String.format(" of flags 0x%x", flags);
            int rip = frame(0, 8, flags).here() + 2;
            guests.add(
                    guest(
                                    "iretq" + name + ", out",
                                    frame(rip, 8, flags)
                                            .op("iretq", "48 cf")
                                            .op("out %eax, $0x80", "e7 80"))
                            .at3(refused));
            guests.add(
                    guest(
                                    "iretq" + name + ", cli, sti, out",
                                    frame(rip, 8, flags)
                                            .op("iretq", "48 cf")
                                            .op("cli", "fa")
                                            .op("sti", "fb")
                                            .op("out %eax, $0x80", "e7 80"))
                            .at3(refused));
            guests.add(
                    guest(
                                    "popf" + name + ", out",
                                    caught().push(flags)
                                            .op("popf", "9d")
                                            .op("out %eax, $0x80", "e7 80"))
                            .at3(refused));
            guests.add(
                    guest(
                                    "iretq" + name + " leaves IOPL 0",
                                    frame(rip, 8, flags)
                                            .op("iretq", "48 cf")
                                            .op("pushf", "9c")
                                            .op("pop %rax", "58")
                                            .op("and $0x3000, %eax", "25 00 30 00 00")
                                            .haltWithRax())
                            .at3(End.status(0)));
        }
        Code trace = caught().op("pushf", "9c").op("orl $0x100, (%rsp)", "81 0c 24 00 01 00 00");
        guests.add(
                guest("trace flag", trace.op("popf", "9d").op("nop", "90").done())
                        .ends(End.caught(DEBUG)));
        guests.add(
                guest("trace flag without handlers", new Code().push(0x102).op("popf", "9d").spin())
                        .ends(End.triple()));
        // The handler returns at once with the flag still set, so that each instruction traps.
        Code loop = caught();
        int handler = loop.here() + 2;
        guests.add(
                guest(
                                "trace flag for ever",
                                loop.op("jmp .+4", "eb 02")
                                        .op("iretq", "48 cf")
                                        .store(TinyGuest.DATA + DEBUG * 16, TinyGuest.gate(handler))
                                        .push(0x102)
                                        .op("popf", "9d")
                                        .spin())
                        .runsUntilItsDeadline());
    }

    private static void addSegments(List<Hostile> guests) {
        for (int selector : new int[] {0x18, 0x20, 0x28, 0xfff8}) {
            String hex = " of selector 0x" + Integer.toHexString(selector);
            guests.add(
                    guest(
                                    "mov to ss" + hex,
                                    caught().set(RAX, selector)
                                            .op("mov %eax, %ss", "8e d0")
                                            .load(0x1400)
                                            .done())
                            .at3(End.caught(PAGE_FAULT))
                            .at0(End.caught(GENERAL_PROTECTION)));
            guests.add(
                    guest(
                                    "mov to ds" + hex,
                                    caught().set(RAX, selector).op("mov %eax, %ds", "8e d8").done())
                            // Linux's own data segment for programs is 0x28.
                            .at3(
                                    selector == 0x28
                                            ? End.either(End.caught(GENERAL_PROTECTION), End.done())
                                            : End.caught(GENERAL_PROTECTION))
                            .at0(End.caught(GENERAL_PROTECTION)));
        }
        // Into 32-bit code, by the selector Linux has for it where the guest runs on its tables.
        // Whatever it becomes, it is not let out of its memory and not past its deadline.
        for (int selector : new int[] {0x23, 0x33, 0x2b}) {
            Code far = caught().push(selector);
            far.push(far.here() + 13).op("lretq", "48 cb").op("mov %cs, %eax", "8c c8");
            far.op("cli", "fa").load(0x1400).done();
            guests.add(
                    guest(String.format("lretq to Linux's selector 0x%x", selector), far)
                            .mayRunUntilItsDeadline()
                            .at3(End.either(End.caught(PAGE_FAULT), End.triple(), End.deadline())));
        }
        guests.add(
                guest("swapgs, for ever", caught().op("swapgs", "0f 01 f8").op("jmp .-3", "eb fb"))
                        .runsUntilItsDeadline());
        guests.add(
                guest("stack in registers", caught().set(RSP, 0).set(RCX, 1).op("pop %rax", "58"))
                        .ends(End.triple()));
    }
}
