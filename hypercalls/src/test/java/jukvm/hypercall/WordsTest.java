package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.BLOCK;
import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.DISK;
import static jukvm.hypercall.AttachedGuest.NET;
import static jukvm.hypercall.AttachedGuest.SIZE;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import jukvm.device.Console;
import jukvm.device.WallClock;
import jukvm.error.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What handlers say of calls, for a trace. */
class WordsTest {
    private final AttachedGuest guest = new AttachedGuest();
    private final Puts puts = new Puts(Console.discard(), guest.poller);
    private final BlockTransfer read = BlockTransfer.read(guest.devices);
    private final BlockTransfer write = BlockTransfer.write(guest.devices);

    @AfterEach
    void close() {
        guest.close();
    }

    private String text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        guest.memory.owned(DATA, bytes.length).put(0, bytes);
        guest.put(STRUCT, DATA, bytes.length);
        return puts.arguments(guest.memory, STRUCT);
    }

    private String answered(HypercallHandler handler) {
        handler.handle(guest.memory, STRUCT);
        return handler.result(guest.memory, STRUCT);
    }

    @Test
    void shouldShowTheFirstBytesOfTextAndEscapeWhatATerminalObeys() {
        assertEquals("\"hello\", len=5", text("hello"));
        assertEquals("\"\", len=0", text(""));
        assertEquals("\"a\\x22\\x5c\\x0a\\x1b[2J\\xff\", len=9", text("a\"\\\n\033[2J\377"));
        String half = "x".repeat(32);
        assertEquals('"' + half + "\", len=32", text(half));
        assertEquals('"' + half + "\"..., len=33", text(half + "y"));
        assertEquals('"' + "\\x00".repeat(32) + "\"..., len=40", text("\0".repeat(40)));
    }

    @Test
    void shouldShowABufferThatIsNowhereByItsAddress() {
        guest.put(STRUCT, -1, 5);
        assertEquals("0xffffffffffffffff, len=5", puts.arguments(guest.memory, STRUCT));
        guest.put(STRUCT, DATA, -1);
        assertEquals("0x2000, len=18446744073709551615", puts.arguments(guest.memory, STRUCT));
        assertThrows(GuestException.class, () -> puts.arguments(guest.memory, SIZE - 4));
    }

    @Test
    void shouldNameDisksAndTellHowRequestsEnded() {
        guest.put(STRUCT, DISK, 1024, DATA, BLOCK);
        String head = "storage, offset=1024, len=512";
        assertEquals(head, read.arguments(guest.memory, STRUCT));
        assertTrue(write.arguments(guest.memory, STRUCT).startsWith(head + ", \""));
        assertTrue(answered(read).startsWith("OK, \""));
        assertEquals("OK", answered(write));
        guest.put(STRUCT, DISK, 1, DATA, BLOCK);
        assertEquals("EINVAL", answered(read));
        guest.put(STRUCT, 77, 0, DATA, BLOCK);
        assertEquals("handle 77, offset=0, len=512", read.arguments(guest.memory, STRUCT));
        SectorTransfer old = SectorTransfer.read(guest.block);
        guest.put(STRUCT, 1000, DATA, BLOCK);
        assertEquals("storage, sector=1000, len=512", old.arguments(guest.memory, STRUCT));
        assertEquals("refused", answered(old));
    }

    @Test
    void shouldTellWhatOldGuestsDoWithTheirDisk() {
        SectorTransfer read = SectorTransfer.read(guest.block);
        SectorTransfer write = SectorTransfer.write(guest.block);
        BlockInfo info = new BlockInfo(guest.block);
        assertEquals("storage", info.arguments(guest.memory, STRUCT));
        assertEquals("sector_size=512, num_sectors=16, rw=1", answered(info));
        guest.put(STRUCT, 2, DATA, BLOCK);
        byte[] block = "0123456789abcdef".repeat(32).getBytes(StandardCharsets.ISO_8859_1);
        guest.memory.owned(DATA, BLOCK).put(0, block);
        String text = "\"0123456789abcdef0123456789abcdef\"...";
        assertEquals("storage, sector=2, len=512, " + text, write.arguments(guest.memory, STRUCT));
        assertEquals("OK", answered(write));
        guest.put(DATA, 0);
        assertEquals("storage, sector=2, len=512", read.arguments(guest.memory, STRUCT));
        assertEquals("OK, " + text, answered(read));
    }

    @Test
    void shouldShowTheHeadersOfFrames() {
        NetTransfer write = NetTransfer.write(guest.devices);
        guest.put(DATA, 0x0605040302010000L, 0x0d0c0b0a09080706L);
        guest.put(STRUCT, NET, DATA, 60);
        assertEquals(
                "service, len=60, 0000010203040506060708090a0b...",
                write.arguments(guest.memory, STRUCT));
        assertEquals("OK", answered(write));
        guest.put(DATA, 0, 0);
        NetTransfer read = NetTransfer.read(guest.devices);
        guest.put(STRUCT, NET, DATA, 1518);
        assertEquals("service, len=1518", read.arguments(guest.memory, STRUCT));
        assertEquals("OK, len=60, 0000010203040506060708090a0b...", answered(read));
        assertEquals("AGAIN", answered(read));
    }

    @Test
    void shouldTellWhatOldGuestsDoWithTheirInterface() {
        for (NetInfo info : List.of(NetInfo.bytes(guest.net), NetInfo.text(guest.net))) {
            assertEquals("service", info.arguments(guest.memory, STRUCT));
            assertEquals("02:a1:b2:c3:d4:e5", answered(info));
        }
        NetTransfer read = NetTransfer.ukvmRead(guest.devices, NET);
        NetTransfer write = NetTransfer.ukvmWrite(guest.devices, NET);
        Poll poll = Poll.ukvm(guest.devices);
        guest.loop.arrive(60);
        guest.put(STRUCT, -1);
        assertEquals("timeout=18446744073709551615 ns", poll.arguments(guest.memory, STRUCT));
        assertEquals("1", answered(poll));
        guest.put(STRUCT, DATA, 14);
        assertEquals("service, len=14", read.arguments(guest.memory, STRUCT));
        assertEquals("OK, len=14, 0102030405060708090a0b0c0d0e", answered(read));
        assertEquals("refused", answered(read));
        assertEquals(
                "service, len=14, 0102030405060708090a0b0c0d0e",
                write.arguments(guest.memory, STRUCT));
        assertEquals("OK", answered(write));
    }

    @Test
    void shouldTellTimesInWords() {
        WallTime time = new WallTime(() -> 1_500_000_000_000_000_001L);
        assertEquals("2017-07-14T02:40:00.000000001Z", answered(time));
        guest.put(STRUCT, 0);
        assertEquals("timeout=0 ns", Poll.hvt(guest.devices).arguments(guest.memory, STRUCT));
        Poll poll = Poll.hvt(guest.devices);
        assertEquals("0", answered(poll));
        guest.loop.arrive(60);
        assertEquals("1: service", answered(poll));
        guest.put(STRUCT + 8, 1L << 63 | 1L << NET | 1);
        guest.memory.putU32(STRUCT + 16, 3);
        assertEquals("3: handle 0, service, handle 63", poll.result(guest.memory, STRUCT));
    }

    @Test
    void shouldTellTheTrapThatAGuestGaveUpOn() {
        Halt halt = new Halt();
        guest.put(STRUCT, 0, 7);
        assertEquals("status=7", halt.arguments(guest.memory, STRUCT));
        guest.put(DATA, 1, 2, 3, 4, 5, 6, 7);
        guest.put(STRUCT, DATA, 255);
        assertEquals(
                "status=255, trap: rip=0x3 error=0x2 cr2=0x1 rsp=0x6 rflags=0x5",
                halt.arguments(guest.memory, STRUCT));
        guest.put(STRUCT, -1, 255);
        assertEquals("status=255, cookie=0xffffffffffffffff", halt.arguments(guest.memory, STRUCT));
    }

    @Test
    void shouldSayNothingButPrintableAsciiWhateverTheGuestPasses() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<HypercallHandler> handlers =
                List.of(
                        puts,
                        read,
                        write,
                        SectorTransfer.write(guest.block),
                        NetTransfer.read(guest.devices),
                        NetTransfer.ukvmWrite(guest.devices, NET),
                        new BlockInfo(guest.block),
                        NetInfo.text(guest.net),
                        Poll.hvt(guest.devices),
                        Poll.ukvm(guest.devices),
                        new WallTime(WallClock.host()),
                        new Halt());
        for (int i = 0; i < 20_000; i++) {
            long gpa = random.nextInt(16) == 0 ? random.nextLong() : random.nextInt(SIZE - 80);
            for (int word = 0; word < 6 && gpa >= 0 && gpa < SIZE - 80; word++) {
                long any = random.nextLong() >>> random.nextInt(64);
                guest.memory.owned(gpa + 8L * word, 8).putLong(0, any);
            }
            HypercallHandler handler = handlers.get(random.nextInt(handlers.size()));
            try {
                String words =
                        handler.arguments(guest.memory, gpa) + handler.result(guest.memory, gpa);
                assertTrue(words.chars().allMatch(c -> c >= ' ' && c < 0x7f), "seed " + seed);
                assertTrue(words.length() < 600, words + ", seed " + seed);
            } catch (GuestException e) {
                assertTrue(gpa < 0 || gpa > SIZE - 80, "seed " + seed + ", gpa " + gpa);
            }
        }
    }
}
