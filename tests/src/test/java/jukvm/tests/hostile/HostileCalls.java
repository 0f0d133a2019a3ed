package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.HALT;
import static jukvm.tests.support.Code.POLL;
import static jukvm.tests.support.Code.PUTS;
import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RBX;
import static jukvm.tests.support.Code.WALLTIME;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.call.TrapFrame;
import jukvm.guest.Outcome;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Hypercalls with arguments where none should be. */
final class HostileCalls {
    private static final long MEMORY = Hostile.MEMORY;

    // Everything below the image: page zero, GDT, trap stack and the frame on it, page tables, boot
    // info, command line, unused, and the last bytes.
    private static final int[] MONITORS = {
        0, 0x500, 0x1000, 0x1040, 0x1200, 0x1400, 0x1fd0, 0x1fd8, 0x1fe0, 0x1ff8, 0x2000, 0x3000,
        0x4000, 0x8000, 0x9000, 0x10000, 0x10038, 0x12000, 0x20000, 0xf0000, 0xfffec
    };

    // Of guests without notes.
    private static final int UKVM_02_PUTS = 0x499;
    private static final int UKVM_03_PUTS = 0x502;

    private HostileCalls() {}

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addResults(guests);
        addEdges(guests);
        addBuffers(guests);
        addStorms(guests);
        addHalts(guests);
        return guests;
    }

    private static void addResults(List<Hostile> guests) {
        for (int port : new int[] {WALLTIME, POLL}) {
            String call = port == POLL ? "poll" : "walltime";
            End refused =
                    End.fault(
                            call.toUpperCase(java.util.Locale.ROOT) + ": Invalid guest access: gpa",
                            "the guest may not write 0x");
            for (int gpa : new int[] {TinyGuest.TEXT + 0x700, TinyGuest.RODATA, 0x101ffc}) {
                guests.add(
                        guest("" + call + " in " + hex(gpa), new Code().call(port, gpa).done())
                                .ends(refused));
            }
            for (int gpa : MONITORS) {
                guests.add(
                        guest("" + call + " in " + hex(gpa), new Code().call(port, gpa).done())
                                .ends(refused));
            }
            guests.add(
                    guest("" + call + " beyond memory", new Code().call(port, 0xfffffff0L).done())
                            .ends(End.fault("gpa=0xfffffff", ", memory=0x200000")));
        }
        // The call takes 32 bits; what is above them must not reach anywhere else.
        guests.add(
                guest(
                                "walltime by an address of 64 bits",
                                new Code().call(WALLTIME, 0xdead00000000L + TinyGuest.HEAP).done())
                        .ends(End.done()));
        guests.add(
                guest(
                                "walltime between the segments and the stack",
                                new Code().call(WALLTIME, TinyGuest.HEAP).done())
                        .ends(End.done()));
    }

    private static void addEdges(List<Hostile> guests) {
        int[] ports = {WALLTIME, PUTS, POLL, HALT};
        int[] sizes = {8, 16, 20, 12};
        for (int i = 0; i < ports.length; i++) {
            End fits = ports[i] == HALT ? End.status(0) : End.done();
            guests.add(edge(ports[i], sizes[i]).ends(fits));
            for (int room : new int[] {sizes[i] - 1, 1, 0}) {
                guests.add(
                        edge(ports[i], room)
                                .ends(End.fault("Invalid guest access", "memory=0x200000")));
            }
        }
    }

    private static Hostile edge(int port, int room) {
        return guest(
                "port " + hex(port) + " with " + room + " bytes of room",
                new Code().call(port, MEMORY - room).done());
    }

    private static void addBuffers(List<Hostile> guests) {
        int[] readable = {0x10000, 0x12000, 0x1ffc0, TinyGuest.TEXT, TinyGuest.RODATA};
        for (int gpa : readable) {
            guests.add(
                    guest("puts from " + hex(gpa), new Code().puts(gpa, 64).done())
                            .prints(64)
                            .ends(End.done()));
        }
        // What the guest could not read itself: descriptors, trap frame and page tables.
        for (int gpa : MONITORS) {
            if (gpa < 0x10000) {
                guests.add(puts(gpa, 64, hex(gpa), "..0x10000"));
            }
        }
        guests.add(puts(0xfff8, 16, "0xfff8", "..0x10000"));
        guests.add(puts(0x1000, 1L << 20, "0x1000", "..0x10000"));
        guests.add(
                guest("puts what is not there", new Code().puts(0x1fff0, 64).done())
                        .ends(hidden("gpa=0x1fff0", "0x20000..0x100000")));
        guests.add(
                guest("puts more page tables", new Code().puts(0x20000, 64).done())
                        .ends(hidden("gpa=0x20000", "0x20000..0x100000")));
        for (int gpa : new int[] {0x1000, 0x1fd8, 0x2000, 0x8ff8, 0xfff8}) {
            guests.add(
                    guest("arguments of puts in " + hex(gpa), new Code().call(PUTS, gpa))
                            .ends(hidden("gpa=" + hex(gpa))));
        }
        guests.add(
                guest("cookie in tables", new Code().halt(0x1f00, 9))
                        .ends(End.fault("HALT", "gpa=0x1f00, sz=512", "the guest may not read")));
        guests.add(
                guest("arguments of halt in tables", new Code().call(HALT, 0x2000))
                        .ends(End.fault("HALT", "gpa=0x2000", "the guest may not read")));
        for (int port : new int[] {UKVM_02_PUTS, UKVM_03_PUTS}) {
            // Before Solo5 0.6 low memory belonged to guests, but for the tables.
            String name = " of ukvm, port " + hex(port);
            int call = 0x9000;
            guests.add(
                    guest("puts the tables" + name, ukvmPuts(port, call, 0x2000))
                            .legacy()
                            .ends(hidden("gpa=0x2000", "0x1000..0x9000")));
            guests.add(
                    guest("puts the trap frame" + name, ukvmPuts(port, call, 0x1fd8))
                            .legacy()
                            .ends(hidden("gpa=0x1fd8", "0x1000..0x9000")));
            guests.add(
                    guest("puts page zero" + name, ukvmPuts(port, call, 0).op("ud2", "0f 0b"))
                            .legacy()
                            .prints(64)
                            .ends(End.triple()));
        }
        guests.add(
                guest("puts its own arguments", new Code().puts(TinyGuest.CALL, 16).done())
                        .prints(16)
                        .ends(End.done()));
        guests.add(buffer("puts the last byte", MEMORY - 1, 1).prints(1).ends(End.done()));
        guests.add(buffer("puts nothing", TinyGuest.DATA, 0).ends(End.done()));
        guests.add(buffer("puts nothing at the end", MEMORY, 0).ends(End.done()));
        End refused = End.fault("PUTS: Invalid guest access: gpa=0x", "memory=0x200000");
        guests.add(buffer("puts nothing beyond the end", MEMORY + 1, 0).ends(refused));
        guests.add(buffer("puts nothing from -1", -1, 0).ends(refused));
        guests.add(buffer("puts 2 bytes from the last", MEMORY - 1, 2).ends(refused));
        for (int bit : new int[] {21, 31, 32, 62, 63}) {
            guests.add(buffer("puts 2^" + bit, TinyGuest.DATA, 1L << bit).ends(refused));
        }
        guests.add(
                buffer("puts 2^64-1", TinyGuest.DATA, -1)
                        .ends(End.fault("sz=18446744073709551615, memory")));
        guests.add(buffer("puts around the end", -16, 32).ends(refused));
        guests.add(buffer("puts back to 0", TinyGuest.DATA, -TinyGuest.DATA).ends(refused));
        guests.add(buffer("puts from 2^63", Long.MIN_VALUE, Long.MIN_VALUE).ends(refused));
    }

    private static Hostile puts(long data, long length, String gpa, String range) {
        return guest("puts " + length + " from " + gpa, new Code().puts(data, length).done())
                .ends(hidden("gpa=" + gpa, range));
    }

    private static End hidden(String... facts) {
        return End.fault(
                Stream.concat(Stream.of("PUTS: ", "the guest may not read 0x"), Stream.of(facts))
                        .toArray(String[]::new));
    }

    private static Code ukvmPuts(int port, int call, long data) {
        return new Code().store(call, data).store(call + 8, 64).call(port, call);
    }

    private static Hostile buffer(String name, long data, long length) {
        return guest(name, new Code().puts(data, length).done());
    }

    private static void addStorms(List<Hostile> guests) {
        guests.add(
                guest(
                                "walltime for ever",
                                new Code()
                                        .port(WALLTIME)
                                        .set(RAX, TinyGuest.SCRATCH)
                                        .op("out %eax, %dx", "ef")
                                        .op("jmp .-1", "eb fd"))
                        .runsUntilItsDeadline());
        guests.add(
                guest(
                                "poll of 0 for ever",
                                new Code()
                                        .port(POLL)
                                        .set(RAX, TinyGuest.SCRATCH)
                                        .op("out %eax, %dx", "ef")
                                        .op("jmp .-1", "eb fd"))
                        .runsUntilItsDeadline());
        for (long timeout : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 60}) {
            guests.add(
                    guest(
                                    "poll of " + Long.toUnsignedString(timeout),
                                    new Code()
                                            .store(TinyGuest.SCRATCH, timeout)
                                            .call(POLL, TinyGuest.SCRATCH)
                                            .done())
                            .runsUntilItsDeadline());
        }
        int count = 10000;
        guests.add(
                guest(
                                "puts of 1 byte, many times",
                                new Code()
                                        .store(TinyGuest.CALL, TinyGuest.TEXT)
                                        .store(TinyGuest.CALL + 8, 1)
                                        .set(RBX, count)
                                        .port(PUTS)
                                        .set(RAX, TinyGuest.CALL)
                                        .op("out %eax, %dx", "ef")
                                        .op("dec %ebx", "ff cb")
                                        .op("jnz .-3", "75 fb")
                                        .done())
                        .prints(count)
                        .ends(End.done()));
        long most = 60L << 20;
        guests.add(
                guest("puts of 60 MiB", new Code().puts(3L << 20, most).done())
                        .memory(64L << 20)
                        .prints(most)
                        .ends(End.done()));
    }

    private static void addHalts(List<Hostile> guests) {
        for (int status : new int[] {0, 1, 254, 256, -1, Integer.MIN_VALUE}) {
            guests.add(guest("halt " + status, new Code().halt(status)).ends(End.status(status)));
        }
        guests.add(
                guest("halt 255", new Code().halt(255))
                        .ends(aborts(new Outcome.Aborted(Optional.empty()))));
        guests.add(
                guest("halt 255 with a cookie", new Code().halt(TinyGuest.RODATA, 255))
                        .ends(
                                aborts(
                                        new Outcome.Aborted(
                                                Optional.of(new TrapFrame(0, 0, 0, 0, 0, 0, 0))))));
        guests.add(
                guest("cookie of the last 512 bytes", new Code().halt(MEMORY - 512, 9))
                        .ends(End.status(9)));
        for (long cookie : new long[] {MEMORY - 511, MEMORY, 1L << 32, -1, -512, 1L << 63}) {
            guests.add(
                    guest("cookie " + hex(cookie), new Code().halt(cookie, 0))
                            .ends(
                                    End.fault(
                                            "HALT: Invalid guest access: gpa=" + hex(cookie),
                                            "sz=512")));
        }
    }

    private static End aborts(Outcome.Aborted outcome) {
        return new End(outcome.toString(), outcome::equals);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
