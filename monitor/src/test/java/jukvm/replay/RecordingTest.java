package jukvm.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.io.Requester;
import jukvm.memory.GuestMemory;
import jukvm.x86.CpuidTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format of recordings, whole, torn, damaged and foreign. */
final class RecordingTest {
    private static final int CALLS = 20;

    @TempDir private Path folder = Path.of("");

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);

    @AfterEach
    void close() {
        memory.close();
    }

    static RecordingHeader header() {
        String disk = "0002000000000000" + "0002000000000000"; // One block of 512 bytes.
        return new RecordingHeader(
                "a guest",
                "ab".repeat(32),
                Dialect.HVT_2,
                PrivilegeLevel.RING_3,
                16L << 20,
                2_000_000_000,
                "some words",
                List.of(new RecordingHeader.Attached(DeviceType.BLOCK_BASIC, "storage", disk)),
                new CpuidTable(new byte[28]));
    }

    /** Writes a recording of calls that pass 8 bytes and are told one. */
    static byte[] recording(GuestMemory memory, boolean isEnded) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RecordingWriter writer = new RecordingWriter(out);
        writer.begin(header());
        AccessLog log = new AccessLog(memory);
        for (int i = 0; i < CALLS; i++) {
            log.begin();
            long argument = memory.u64(0x1000);
            memory.putU32(0x1008, (int) argument + i + 1);
            log.end();
            ByteSink event = writer.event();
            event.u8(RecordingFormat.CALL);
            event.u8(RecordingFormat.GOES_ON);
            event.number(0x502);
            event.number(0x1000);
            log.putPassed(event);
            log.putTold(event);
            event.u8(RecordingFormat.TIME);
            event.signed(1000 - i);
            if (i % 5 == 0) {
                writer.flush();
            }
        }
        if (isEnded) {
            ByteSink event = writer.event();
            event.u8(RecordingFormat.END);
            event.string("exited");
            event.string("guest exited with status 3");
            event.signed(3);
            event.string("ab".repeat(32));
            writer.end();
        }
        return out.toByteArray();
    }

    private RecordingReader open(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("recording"), bytes);
        return RecordingReader.open(Requester.self(), file.toString());
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        try (RecordingReader reader = open(recording(memory, true))) {
            RecordingHeader header = reader.header();
            assertEquals("a guest", header.image());
            assertEquals(Dialect.HVT_2, header.dialect());
            assertEquals("some words", header.commandLine());
            assertEquals("storage", header.devices().get(0).name());
            assertEquals(2 * CALLS, reader.events());
            assertEquals("exited", reader.end().kind());
            assertEquals(3, reader.end().status());
            assertTrue(reader.end().isOwn());
            memory.clear();
            RecordingReader.Cursor cursor = reader.cursor();
            RecordedEvent event = new RecordedEvent();
            for (int i = 0; i < CALLS; i++) {
                assertTrue(cursor.next(event));
                assertEquals(0x502, event.port());
                assertTrue(event.isPassedBy(memory));
                event.tell(memory);
                assertEquals(i + 1, memory.u32(0x1008));
                assertTrue(cursor.next(event) && event.is(RecordingFormat.TIME));
                assertEquals(1000 - i, event.value());
            }
            assertTrue(cursor.next(event) && event.isEnd());
            assertFalse(cursor.next(event));
        }
    }

    @Test
    void shouldGoToAnyEvent() throws IOException {
        try (RecordingReader reader = open(recording(memory, true))) {
            RecordingReader.Cursor cursor = reader.cursor();
            RecordedEvent event = new RecordedEvent();
            for (int i : new int[] {7, 0, 2 * CALLS, 39, 1, 20}) {
                cursor.seek(i);
                assertEquals(i, cursor.position());
                assertTrue(cursor.next(event));
                assertEquals(i % 2 == 0 && i < 2 * CALLS, event.is(RecordingFormat.CALL));
            }
        }
    }

    @Test
    void shouldSeeWhatAGuestPassesOtherwise() throws IOException {
        try (RecordingReader reader = open(recording(memory, true))) {
            memory.clear();
            RecordedEvent event = new RecordedEvent();
            assertTrue(reader.cursor().next(event));
            memory.putU64(0x1000, 1);
            assertFalse(event.isPassedBy(memory));
            assertTrue(event.shown(memory).startsWith("0100000000000000"));
            assertTrue(event.shown().startsWith("0000000000000000"));
        }
    }

    // As a writer that was killed leaves it, wherever that was.
    @Test
    void shouldEndWhereItsWriterDid() throws IOException {
        byte[] all = recording(memory, true);
        long events = 0;
        for (int length = 0; length < all.length; length++) {
            try (RecordingReader reader = open(Arrays.copyOf(all, length))) {
                assertTrue(reader.events() >= events, "of " + length);
                assertEquals(RecordedEnd.NONE, reader.end());
                events = reader.events();
            } catch (ConfigException e) {
                assertEquals(0, events);
                String message = e.getMessage();
                assertTrue(
                        message.endsWith("recording has no header: its writer was stopped")
                                || message.endsWith("is not a recording of jukvm"),
                        message);
            }
        }
        assertEquals(32, events);
    }

    @Test
    void shouldRefuseOrCutOffWhatIsDamaged() throws IOException {
        byte[] all = recording(memory, true);
        for (int at = 0; at < all.length; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 0x10;
            try (RecordingReader reader = open(damaged)) {
                assertEquals(RecordedEnd.NONE, reader.end(), "at " + at);
            } catch (ConfigException e) {
                assertTrue(e.getMessage().startsWith(folder.resolve("recording") + ": "));
                assertFalse(e.getMessage().contains("\n"));
            }
        }
    }

    // A file with holes is as long as it likes, and takes no room.
    @Test
    void shouldRefuseAChunkLongerThanAnyRecorderWrites() throws IOException {
        byte[] begun = recording(memory, false);
        Path file = Files.write(folder.resolve("recording"), begun);
        try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "rw")) {
            end.seek(begun.length);
            end.writeInt(Integer.reverseBytes(RecordingFormat.MAX_CHUNK + 1));
            end.setLength(begun.length + 3L * RecordingFormat.MAX_CHUNK);
        }
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> RecordingReader.open(Requester.self(), file.toString()));
        String fact = "recording is damaged from byte " + begun.length + " on";
        assertTrue(e.getMessage().endsWith(fact), e.getMessage());
    }

    @Test
    void shouldNotSumUpMoreThanThereIs() {
        ByteSink call = call(RecordingFormat.GOES_ON);
        call.number(1 << 16);
        for (int i = 0; i < 1 << 16; i++) {
            call.signed(0);
            call.number(memory.size());
        }
        call.u32(0);
        call.bytes(new byte[0]);
        call.number(0);
        assertFalse(event(call).isPassedBy(memory));
    }

    private static ByteSink call(int result) {
        ByteSink call = new ByteSink(64);
        call.u8(RecordingFormat.CALL);
        call.u8(result);
        call.number(0x502);
        call.number(0x1000);
        return call;
    }

    private static RecordedEvent event(ByteSink written) {
        RecordedEvent event = new RecordedEvent();
        event.read(new ByteSource(Arrays.copyOf(written.array(), written.size())));
        return event;
    }

    @Test
    void shouldTellWhatWasWrongWithACall() {
        ByteSink call = call(RecordingFormat.FAULTS);
        new AccessLog(memory).putPassed(call);
        call.number(0);
        call.string("PUTS: it was wrong");
        RecordedEvent event = event(call);
        assertTrue(event.isFault());
        assertEquals("PUTS: it was wrong", event.fault());
        assertTrue(event.isPassedBy(memory));
        ByteSink none = call(RecordingFormat.FAULTS + 1);
        new AccessLog(memory).putPassed(none);
        none.number(0);
        assertThrows(IllegalArgumentException.class, () -> event(none));
    }

    @Test
    void shouldKeepWhatWasWrittenBeforeAFailure() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RecordingWriter writer = new RecordingWriter(out);
        writer.begin(header());
        writer.event().u8(RecordingFormat.TIME);
        writer.event().signed(1);
        writer.put();
        writer.fail("too long");
        writer.event().u8(RecordingFormat.TIME);
        writer.put();
        writer.end();
        assertEquals("too long", writer.failure());
        try (RecordingReader reader = open(out.toByteArray())) {
            assertEquals(1, reader.events());
            assertEquals(RecordedEnd.NONE, reader.end());
        }
    }

    @Test
    void shouldRefuseOtherVersionsAndFiles() throws IOException {
        byte[] newer = recording(memory, true);
        newer[8] = 2;
        assertRefused("recording of format 2, this jukvm reads format 1", newer);
        assertRefused(
                "is not a recording of jukvm",
                "something else entirely".getBytes(StandardCharsets.UTF_8));
        assertRefused("is not a recording of jukvm", new byte[0]);
        String folderItself = folder.toString();
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> RecordingReader.open(Requester.self(), folderItself));
        assertTrue(e.getMessage().endsWith("is a directory, not a recording"), e.getMessage());
    }

    private void assertRefused(String fact, byte[] bytes) {
        ConfigException e = assertThrows(ConfigException.class, () -> open(bytes));
        assertTrue(e.getMessage().endsWith(fact), e.getMessage());
    }

    @Test
    void shouldKeepOnlyWhatChanged() {
        AccessLog log = new AccessLog(memory);
        log.begin();
        memory.writable(0x2000, 4096).position(0x2000 + 100).put((byte) 1);
        log.end();
        ByteSink sink = new ByteSink(16);
        log.putTold(sink);
        assertArrayEquals(
                new byte[] {1, (byte) 0xc8, (byte) 0x81, 1, 1, 1},
                Arrays.copyOf(sink.array(), sink.size()));
    }
}
