package jukvm.tests.hostile;

import static jukvm.tests.hostile.RingCode.ENTRIES;
import static jukvm.tests.hostile.RingCode.READ;
import static jukvm.tests.hostile.RingCode.RING;
import static jukvm.tests.hostile.RingCode.WRITE;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/**
 * Guests that break the network ring, each with its end. After what the monitor must find on its
 * other thread, a guest does nothing more: what it did next could end it first.
 */
final class HostileRing {
    private static final long END = RING + (2L << 20);

    private HostileRing() {}

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addTails(guests);
        addEntries(guests);
        addKicks(guests);
        addOverwritten(guests);
        return guests;
    }

    private static Hostile guest(String name, Code code) {
        return Hostile.guest(name, code).withNic();
    }

    private static void addTails(List<Hostile> guests) {
        List<Long> tails = new ArrayList<>(List.of(ENTRIES + 1L, 1L << 31, -1L, (1L << 31) - 1));
        for (int bit = 26; bit <= 30; bit++) {
            tails.add(1L << bit);
        }
        for (long tail : tails) {
            String ahead =
                    "network ring: ent_tail is "
                            + (tail & 0xffffffffL)
                            + " entries ahead, the ring has 1024";
            String name = "tail " + Long.toHexString(tail);
            Code kicked = RingCode.kick(RingCode.tail(new Code(), tail)).spin();
            guests.add(guest(name, kicked).ends(End.fault(ahead)));
            // The vCPU serves the ring too, before a frame that goes another way.
            Code called = RingCode.sendLarge(RingCode.tail(new Code(), tail), 60).spin();
            guests.add(guest(name + ", found in a call", called).ends(End.fault(ahead)));
            // Nobody looks at what a guest has left, if that is nonsense.
            Code left = RingCode.tail(new Code(), tail).done();
            guests.add(guest(name + ", left", left).ends(End.done()));
        }
        Code full = RingCode.kick(RingCode.tail(new Code(), ENTRIES));
        guests.add(guest("a full ring", RingCode.awaitHead(full, ENTRIES).done()).ends(End.done()));
        Code twice = RingCode.kick(RingCode.tail(new Code(), ENTRIES));
        RingCode.awaitHead(twice, ENTRIES);
        RingCode.kick(RingCode.tail(twice, 5)).spin();
        guests.add(guest("a tail that goes back", twice).ends(End.fault("network ring: ")));
    }

    private static void addEntries(List<Hostile> guests) {
        for (long word : new long[] {0, 3, 7, 0xffffffffL, -1, 1, 2, 64L << 32 | 1}) {
            // The same word is operation and handle, address, length and id: no handle is of a NIC.
            Code code = RingCode.fill(new Code(), word);
            RingCode.kick(RingCode.tail(code, ENTRIES));
            guests.add(
                    guest(
                                    "" + Long.toHexString(word) + " 1024 times",
                                    RingCode.awaitHead(code, ENTRIES).done())
                            .ends(End.done()));
        }
        String access = "Invalid guest access: gpa=0x";
        for (int op : new int[] {WRITE, READ}) {
            for (long data : new long[] {END, -1, Long.MIN_VALUE, 1L << 32, END - 59}) {
                guests.add(one("", op, data, 60).ends(End.fault(access)));
            }
            guests.add(one("long, ", op, 0x100000, 0xffffffffL).ends(End.fault(access)));
        }
        // A page table, boot information, text, read-only data, the ring, and what is kept for it.
        long[] others = {
            0x1000, 0x10000, TinyGuest.TEXT, TinyGuest.RODATA, RING, RING + 64, END - 60
        };
        for (long data : others) {
            guests.add(one("", READ, data, 60).ends(End.fault(access, "the guest may not write")));
        }
    }

    private static Hostile one(String name, int op, long data, long length) {
        Code code = RingCode.submission(new Code(), 0, op, data, length);
        return guest(
                name + (op == READ ? "read at 0x" : "write from 0x") + Long.toHexString(data),
                RingCode.kick(RingCode.tail(code, 1)).spin());
    }

    private static void addKicks(List<Hostile> guests) {
        String[][] wrong = {
            {"8-bit out", "out %al, %dx", "ee"},
            {"16-bit out", "out %ax, %dx", "66 ef"},
            {"8-bit in", "in %dx, %al", "ec"},
            {"32-bit in", "in %dx, %eax", "ed"},
        };
        End refused = End.fault("Invalid guest port access: port=0x600");
        for (String[] access : wrong) {
            Code first = new Code().port(RingCode.KICK).op(access[1], access[2]).done();
            guests.add(guest("" + access[0], first).ends(refused));
            Code later = RingCode.kick(new Code()).op(access[1], access[2]).done();
            guests.add(guest("" + access[0] + " while served", later).ends(refused));
        }
        guests.add(
                guest("a kick without a ring", RingCode.kick(new Code()).done())
                        .withoutRing()
                        .ends(refused));
        Code flood = RingCode.forever(new Code(), RingCode::kick);
        guests.add(guest("kicks for ever", flood).runsUntilItsDeadline());
        Code many = RingCode.times(new Code(), 300, RingCode::kick).done();
        guests.add(guest("300 kicks for nothing", many).ends(End.done()));
    }

    // What the monitor tells the guest is not what it goes by.
    private static void addOverwritten(List<Hostile> guests) {
        Code code =
                RingCode.forever(
                        RingCode.kick(RingCode.startSending(new Code())),
                        loop ->
                                loop.store(RingCode.HEAD, 0x7fffffff_80000000L)
                                        .store(RingCode.NEEDS_KICK, 0)
                                        .store(RingCode.HEAD, -1)
                                        .store(RingCode.NEEDS_KICK, -1)
                                        .port(RingCode.KICK)
                                        .op("out %eax, %dx", "ef"));
        guests.add(guest("the monitor's words rewritten", code).runsUntilItsDeadline());
    }
}
