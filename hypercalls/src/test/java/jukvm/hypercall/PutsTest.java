package jukvm.hypercall;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jukvm.device.Console;
import jukvm.device.Notices;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PutsTest {
    private static final long SIZE = 1 << 20;
    private static final long GIB = 1L << 30;
    private static final long STRUCT = 0x1000;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Poller stop = new Poller();
    private final Puts puts = new Puts(Console.to(printed), stop);

    @AfterEach
    void close() {
        memory.close();
    }

    private boolean puts(long data, long length) {
        memory.putU64(STRUCT, data);
        memory.putU64(STRUCT + 8, length);
        return puts.handle(memory, STRUCT);
    }

    @Test
    void shouldPrintTheBytesUnaltered() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < 256; i++) {
            bytes[i] = (byte) i;
        }
        memory.owned(0x2000, 256).put(bytes);
        assertTrue(puts(0x2000, 256));
        assertEquals(new String(bytes, UTF_8), printed.toString(UTF_8));
        assertEquals(256, puts.bytes());
    }

    @Test
    void shouldPrintWhatEndsWithMemory() {
        memory.owned(SIZE - 5, 5).put("hello".getBytes(UTF_8));
        assertTrue(puts(SIZE - 5, 5));
        assertEquals("hello", printed.toString(UTF_8));
    }

    @Test
    void shouldReadAStructThatEndsWithMemory() {
        memory.putU64(SIZE - 16, 0x2000);
        memory.putU64(SIZE - 8, 3);
        assertTrue(puts.handle(memory, SIZE - 16));
        assertEquals(3, puts.bytes());
    }

    @Test
    void shouldPrintFromPagesTheGuestMayNotWrite() {
        memory.owned(0x3000, 2).put("ok".getBytes(UTF_8));
        memory.owned(0x4000, 16).putLong(0, 0x3000).putLong(8, 2);
        memory.protect(0x3000, 0x2000);
        assertTrue(puts.handle(memory, 0x4000));
        assertEquals("ok", printed.toString(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"0x2000", "0", "0x100000"})
    void shouldPrintNothing(long data) {
        List<Integer> writes = new ArrayList<>();
        Puts silent = new Puts(bytes -> writes.add(bytes.remaining()), stop);
        memory.putU64(STRUCT, data);
        assertTrue(silent.handle(memory, STRUCT));
        assertEquals(List.of(), writes);
        assertEquals(0, silent.bytes());
        assertEquals(0, silent.firstAt());
    }

    @ParameterizedTest
    @CsvSource({
        "1048575, 2",
        "1048576, 1",
        "1048577, 0",
        "0, 1048577",
        "4096, -1",
        "4096, -4096",
        "1, 9223372036854775807",
        "-1, 1",
        "-1, 2",
        "-1, 0",
        "-4096, 8192",
        "-9223372036854775808, 1",
        "9223372036854775807, 1",
        "4294967296, 1"
    })
    void shouldRefuseBytesOutsideMemoryAndPrintNone(long data, long length) {
        GuestException e = assertThrows(GuestException.class, () -> puts(data, length));
        assertEquals(
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(data)
                        + ", sz="
                        + Long.toUnsignedString(length)
                        + ", memory=0x100000",
                e.getMessage());
        assertEquals(0, printed.size());
        assertEquals(0, puts.bytes());
        assertEquals(0, puts.firstAt());
    }

    @ParameterizedTest
    @CsvSource({"1048561", "1048569", "1048576", "4294967295", "-1", "-16"})
    void shouldRefuseAStructOutsideMemory(long gpa) {
        assertThrows(GuestException.class, () -> puts.handle(memory, gpa));
        assertEquals(0, printed.size());
    }

    @Test
    void shouldAddUpWhatWasPrinted() {
        long before = System.nanoTime();
        puts(0x2000, 10);
        long first = puts.firstAt();
        assertTrue(first - before >= 0);
        puts(0x2000, 20);
        assertEquals(30, puts.bytes());
        assertEquals(first, puts.firstAt());
    }

    @Test
    void shouldPrintInPartsWhatIsMoreThanAConsoleIsGivenAtOnce() {
        List<Integer> writes = new ArrayList<>();
        Puts large = new Puts(bytes -> writes.add(bytes.remaining()), stop);
        try (GuestMemory all = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            all.putU64(STRUCT, 0);
            all.putU64(STRUCT + 8, 4 * GIB);
            assertTrue(large.handle(all, STRUCT));
            assertEquals(Collections.nCopies(65536, 65536), writes);
            writes.clear();
            all.putU64(STRUCT, GIB - 1);
            all.putU64(STRUCT + 8, 65541);
            assertTrue(large.handle(all, STRUCT));
        }
        assertEquals(List.of(65536, 5), writes);
        assertEquals(4 * GIB + 65541, large.bytes());
        assertEquals(List.of(), told(large));
    }

    @Test
    void shouldPrintNoMoreOnceTheGuestIsStopped() {
        List<Integer> writes = new ArrayList<>();
        Puts stopped =
                new Puts(
                        bytes -> {
                            writes.add(bytes.remaining());
                            if (writes.size() == 2) {
                                stop.wake();
                            }
                        },
                        stop);
        memory.putU64(STRUCT, 0x2000);
        memory.putU64(STRUCT + 8, 200_000);
        assertTrue(stopped.handle(memory, STRUCT));
        assertEquals(List.of(65536, 65536), writes);
        assertEquals(131_072, stopped.bytes());
        assertEquals(
                List.of(
                        "console: the guest was stopped in a request, of which 68928 bytes were"
                                + " not printed"),
                told(stopped));
    }

    private static List<String> told(Puts puts) {
        List<String> lines = new ArrayList<>();
        puts.tellCut(new Notices(lines::add));
        return lines;
    }

    @Test
    void shouldCountWhatTheConsoleLeavesUnread() {
        Puts lazy = new Puts(bytes -> {}, stop);
        memory.putU64(STRUCT, 0x2000);
        memory.putU64(STRUCT + 8, 100);
        assertTrue(lazy.handle(memory, STRUCT));
        assertEquals(100, lazy.bytes());
    }
}
