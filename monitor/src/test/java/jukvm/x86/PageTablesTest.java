package jukvm.x86;

import static jukvm.image.ElfBuilder.R;
import static jukvm.image.ElfBuilder.W;
import static jukvm.image.ElfBuilder.X;
import static jukvm.image.ElfBuilder.data;
import static jukvm.x86.PageWalk.EXECUTE;
import static jukvm.x86.PageWalk.PRESENT;
import static jukvm.x86.PageWalk.USER;
import static jukvm.x86.PageWalk.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.error.ImageException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PageTablesTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final int PAGE = 4096;
    private static final int HEAP = PRESENT | WRITE | USER;

    /** A guest to lay out in memory of a size. */
    record Guest(String what, long memory, ElfBuilder image) {
        @Override
        public String toString() {
            return what + " in " + memory / MIB + " MiB";
        }
    }

    static Stream<Guest> guests() {
        List<Guest> guests = new ArrayList<>();
        for (long memory : new long[] {2 * MIB, 4 * MIB, 512 * MIB, 4 * GIB}) {
            guests.add(new Guest("hvt", memory, ElfBuilder.hvt()));
            guests.add(new Guest("ukvm", memory, ElfBuilder.ukvm()));
        }
        for (int i = 0; i < 2; i++) {
            String kind = i == 0 ? "hvt, " : "ukvm, ";
            guests.add(
                    new Guest(
                            kind + "text over the 2 MiB border and neighbours of other rights",
                            8 * MIB,
                            start(i, MIB + 2 * PAGE)
                                    .load(R, 0x202000, data(8), PAGE)
                                    .load(R | X, 0x203000, data(8), 2 * PAGE)
                                    .load(R | W, 0x205000, data(8), 3 * MIB)
                                    .load(R, 0x505000, data(8), PAGE)));
            guests.add(
                    new Guest(
                            kind + "text up to the 2 MiB border, constants right after it",
                            8 * MIB,
                            start(i, MIB).load(R, 2 * MIB, data(8), PAGE)));
            guests.add(
                    new Guest(
                            kind + "constants of three whole regions between parts of two",
                            16 * MIB,
                            start(i, PAGE).load(R, 2 * MIB - PAGE, data(8), 6 * MIB + 2 * PAGE)));
            guests.add(
                    new Guest(
                            kind + "text of two whole regions, then constants of one",
                            16 * MIB,
                            start(i, PAGE)
                                    .load(R | X, 4 * MIB, data(8), 4 * MIB)
                                    .load(R, 8 * MIB, data(8), 2 * MIB)));
            guests.add(
                    new Guest(
                            kind + "beyond 1 GiB, over the border of page directories",
                            2 * GIB,
                            start(i, PAGE)
                                    .load(R, GIB - PAGE, data(8), 2 * PAGE)
                                    .load(R, GIB + 2 * MIB, data(8), 512 * MIB + PAGE)));
            guests.add(
                    new Guest(
                            kind + "constants up to 4 GiB",
                            4 * GIB,
                            start(i, PAGE).load(R, 3 * GIB + PAGE, data(8), GIB - PAGE)));
            guests.add(
                    new Guest(
                            kind + "read-only memory without bytes",
                            4 * MIB,
                            start(i, PAGE).load(R, 3 * MIB, new byte[0], PAGE)));
        }
        guests.add(
                new Guest(
                        "ukvm, all rights over the 2 MiB border",
                        16 * MIB,
                        ElfBuilder.empty()
                                .load(R | W | X, MIB, data(8), 2 * MIB)
                                .load(R | W, 4 * MIB, data(8), PAGE)));
        guests.add(
                new Guest(
                        "ukvm, all rights from 10 MiB on",
                        16 * MIB,
                        ElfBuilder.empty().load(R | W | X, 0xa01000, data(8), 0x455f10)));
        return guests.stream();
    }

    private static ElfBuilder start(int kind, long text) {
        ElfBuilder image = ElfBuilder.empty().load(R | X, MIB, data(8), text);
        return kind == 1 ? image : image.withNotes();
    }

    private static GuestHypercalls hypercalls(GuestImage image) {
        return image.dialect()
                .hypercalls(Devices.basic(Console.discard(), WallClock.host(), new Poller()));
    }

    private static GuestImage layOut(
            GuestMemory memory, ElfBuilder builder, PrivilegeLevel privilege) {
        GuestImage image = builder.parse();
        BootState.layOut(memory, image, privilege, hypercalls(image)::knows);
        return image;
    }

    // Told from the guest's contract, not from how the tables are made.
    private static int expected(
            GuestImage image, PrivilegeLevel privilege, Set<Long> tables, long gpa) {
        if (privilege == PrivilegeLevel.RING_3) {
            return expected(image, tables, gpa);
        }
        boolean sharesLowMemory = image.dialect().ownsLowMemory() && gpa < MIB;
        int rights = sharesLowMemory ? HEAP : gpa == 0x1000 ? 0 : expected(image, tables, gpa);
        // There read-only slots keep a guest from writing.
        return (gpa < MIB ? rights : rights | WRITE) & ~USER;
    }

    private static int expected(GuestImage image, Set<Long> tables, long gpa) {
        boolean ownsLowMemory = image.dialect().ownsLowMemory();
        if (gpa == 0x1000) {
            return PRESENT | WRITE | EXECUTE;
        }
        if (gpa < MIB) {
            boolean isTables = gpa >= 0x2000 && gpa < 0x9000 || tables.contains(gpa);
            boolean isBootInfo = gpa >= 0x10000 && gpa < 0x20000;
            return ownsLowMemory ? isTables ? 0 : HEAP : isBootInfo ? PRESENT | USER : 0;
        }
        for (Segment segment : image.segments()) {
            boolean inside =
                    gpa + PAGE > segment.gpa() && gpa < segment.gpa() + segment.memorySize();
            if (inside && segment.fileSize() > 0) {
                return PRESENT
                        | USER
                        | (segment.writable() ? WRITE : 0)
                        | (segment.executable() ? EXECUTE : 0);
            }
        }
        return HEAP;
    }

    static Stream<Arguments> guestsAtBothRings() {
        return guests().flatMap(
                        guest ->
                                Stream.of(PrivilegeLevel.values())
                                        .map(level -> Arguments.of(guest, level)));
    }

    @ParameterizedTest
    @MethodSource("guestsAtBothRings")
    void shouldMapEveryPageWithItsRightsAndNoneBeyond(Guest guest, PrivilegeLevel privilege) {
        try (GuestMemory memory = GuestMemory.allocate(guest.memory)) {
            GuestImage image = layOut(memory, guest.image, privilege);
            PageWalk walk = new PageWalk(memory);
            Set<Long> tables = walk.tables();
            for (long gpa = 0; gpa < guest.memory; gpa += PAGE) {
                assertRights(expected(image, privilege, tables, gpa), walk.rights(gpa), gpa);
            }
            for (long gpa = guest.memory; gpa < 4 * GIB; gpa += 2 * MIB) {
                assertRights(0, walk.rights(gpa), gpa);
            }
            for (long gpa = 4 * GIB; gpa < 512 * GIB; gpa += GIB) {
                assertRights(0, walk.rights(gpa), gpa);
            }
            for (long gpa = 512 * GIB; gpa < 512 * 512 * GIB; gpa += 512 * GIB) {
                assertRights(0, walk.rights(gpa), gpa);
            }
        }
    }

    @Test
    void shouldNeedNoMoreTablesForPartsOfWholeRegions() {
        ElfBuilder plain = start(0, PAGE);
        ElfBuilder whole =
                start(0, PAGE)
                        .load(R, 4 * MIB, data(8), 4 * MIB)
                        .load(R | X, 8 * MIB, data(8), 2 * MIB)
                        .load(R, 10 * MIB, data(8), 2 * MIB);
        assertEquals(tables(plain), tables(whole));
    }

    private static Set<Long> tables(ElfBuilder image) {
        try (GuestMemory memory = GuestMemory.allocate(16 * MIB)) {
            layOut(memory, image, PrivilegeLevel.RING_3);
            return new PageWalk(memory).tables();
        }
    }

    private static void assertRights(int expected, int found, long gpa) {
        if (expected != found) {
            assertEquals(expected, found, "rights of 0x" + Long.toHexString(gpa));
        }
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldLetTheHostWriteWhatTheGuestMayWriteAtRing3AndNothingElse(Guest guest) {
        try (GuestMemory memory = GuestMemory.allocate(guest.memory)) {
            layOut(memory, guest.image, PrivilegeLevel.RING_3);
            PageWalk walk = new PageWalk(memory);
            for (long gpa = 0; gpa < guest.memory; gpa += PAGE) {
                boolean guestMay = (walk.rights(gpa) & HEAP) == HEAP;
                if (guestMay != memory.isWritable(gpa, PAGE)) {
                    assertEquals(guestMay, !guestMay, "host and 0x" + Long.toHexString(gpa));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldLetTheHostWriteTheSameAtRing0(Guest guest) {
        try (GuestMemory memory = GuestMemory.allocate(guest.memory)) {
            GuestImage image = layOut(memory, guest.image, PrivilegeLevel.RING_0);
            Set<Long> tables = new PageWalk(memory).tables();
            for (long gpa = 0; gpa < guest.memory; gpa += PAGE) {
                boolean guestMay = (expected(image, tables, gpa) & HEAP) == HEAP;
                if (guestMay != memory.isWritable(gpa, PAGE)) {
                    assertEquals(guestMay, !guestMay, "host and 0x" + Long.toHexString(gpa));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldLetTheHostReadWhatTheGuestMayReadAtRing3AndNothingElse(Guest guest) {
        try (GuestMemory memory = GuestMemory.allocate(guest.memory)) {
            layOut(memory, guest.image, PrivilegeLevel.RING_3);
            PageWalk walk = new PageWalk(memory);
            for (long gpa = 0; gpa < guest.memory; gpa += PAGE) {
                boolean guestMay = (walk.rights(gpa) & USER) == USER;
                if (guestMay != memory.isReadable(gpa, PAGE)) {
                    assertEquals(guestMay, !guestMay, "host and 0x" + Long.toHexString(gpa));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldNotLetTheHostReadTablesAtRing0(Guest guest) {
        try (GuestMemory memory = GuestMemory.allocate(guest.memory)) {
            layOut(memory, guest.image, PrivilegeLevel.RING_0);
            PageWalk walk = new PageWalk(memory);
            Set<Long> tables = walk.tables();
            for (long gpa = 0; gpa < guest.memory; gpa += PAGE) {
                boolean isOurs = gpa >= 0x1000 && gpa < 0x9000 || tables.contains(gpa);
                boolean guestMay = walk.rights(gpa) != 0 && !isOurs;
                if (guestMay != memory.isReadable(gpa, PAGE)) {
                    assertEquals(guestMay, !guestMay, "host and 0x" + Long.toHexString(gpa));
                }
            }
        }
    }

    @Test
    void shouldMapWholeRegionsOfEqualRightsByLargePages() {
        try (GuestMemory memory = GuestMemory.allocate(16 * MIB)) {
            layOut(
                    memory,
                    start(0, PAGE).load(R, 4 * MIB, data(8), 4 * MIB + PAGE),
                    PrivilegeLevel.RING_3);
            PageWalk walk = new PageWalk(memory);
            assertEquals(PAGE, walk.pageSize(MIB));
            assertEquals(2 * MIB, walk.pageSize(2 * MIB));
            assertEquals(2 * MIB, walk.pageSize(4 * MIB));
            assertEquals(2 * MIB, walk.pageSize(6 * MIB));
            assertEquals(PAGE, walk.pageSize(8 * MIB));
            assertEquals(2 * MIB, walk.pageSize(14 * MIB));
            // PML4, PDPT, four directories, the first 2 MiB's and one more.
            assertEquals(8, walk.tables().size());
        }
    }

    @Test
    void shouldHaveRoomForTheTablesOfAsManySegmentsAsThereCanBe() {
        ElfBuilder most = start(0, PAGE);
        for (long i = 1; i < 64; i++) {
            most.load(R, 4 * MIB * i - PAGE, data(2 * PAGE), 2 * PAGE);
        }
        try (GuestMemory memory = GuestMemory.allocate(GIB)) {
            GuestImage image = layOut(memory, most, PrivilegeLevel.RING_3);
            PageWalk walk = new PageWalk(memory);
            Set<Long> tables = walk.tables();
            assertEquals(7 + 2 * 63, tables.size());
            for (long gpa = 0; gpa < GIB; gpa += PAGE) {
                assertRights(expected(image, tables, gpa), walk.rights(gpa), gpa);
            }
        }
    }

    @Test
    void shouldRefuseMoreSegments() {
        ElfBuilder image = start(0, PAGE);
        for (long i = 1; i <= 64; i++) {
            image.load(R, 2 * MIB * i, data(8), PAGE);
        }
        ImageException e = assertThrows(ImageException.class, image::parse);
        assertTrue(e.getMessage().contains("more than 64 loadable segments"), e.getMessage());
    }

    // With the mark "accessed": the processor never writes to them.
    @Test
    void shouldWriteTheDescriptorsOfSolo5AtRing0() {
        try (GuestMemory memory = GuestMemory.allocate(2 * MIB)) {
            layOut(memory, ElfBuilder.hvt(), PrivilegeLevel.RING_0);
            assertEquals(0, memory.owned(0x1000, 8).getLong(0));
            assertEquals(0x00AF99000000FFFFL, memory.owned(0x1008, 8).getLong(0));
            assertEquals(0x00CF93000000FFFFL, memory.owned(0x1010, 8).getLong(0));
        }
    }

    @Test
    void shouldWriteTablesOfRing0ForTheProbe() {
        try (GuestMemory memory = GuestMemory.allocate(2 * MIB)) {
            BootState.layOutProbe(memory);
            assertEquals(0x00AF99000000FFFFL, memory.owned(0x1008, 8).getLong(0));
            assertEquals(0x3063, memory.owned(0x2000, 8).getLong(0));
            assertEquals(0x100063, memory.owned(0x8000 + 256 * 8, 8).getLong(0));
        }
    }
}
