package jukvm.replay;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.io.Requester;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Hostile recordings: read to their end, or refused in a line; and what they have written into
 * memory is what a guest may write.
 */
class RecordingFuzzTest {
    private static final int RUNS = 3000;

    @FuzzTest(maxDuration = "2m")
    void shouldReadChunksOrRefuseThem(byte @Nullable [] bytes) throws IOException {
        if (bytes != null) {
            read(bytes);
        }
    }

    // With a checksum that is right, so that what is behind it is reached.
    @FuzzTest(maxDuration = "2m")
    void shouldReadEventsOrRefuseThem(byte @Nullable [] payload) throws IOException {
        if (payload != null) {
            read(withChunk(payload));
        }
    }

    private static byte[] withChunk(byte[] payload) {
        ByteSink file = new ByteSink(64);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new RecordingWriter(out).begin(RecordingTest.header());
        out.writeBytes(head(file, payload));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static byte[] head(ByteSink to, byte[] payload) {
        to.u32(payload.length);
        to.u32(RecordingFormat.checksum(payload, 0, payload.length));
        return Arrays.copyOf(to.array(), to.size());
    }

    private static void read(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("fuzz", ".jukvmrec");
        try {
            Files.write(file, bytes);
            read(file);
        } catch (ConfigException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        } finally {
            Files.delete(file);
        }
    }

    private static void read(Path file) {
        try (RecordingReader reader = RecordingReader.open(Requester.self(), file.toString());
                GuestMemory memory = GuestMemory.allocate(2 << 20)) {
            memory.protect(0, 1 << 20);
            RecordingReader.Cursor cursor = reader.cursor();
            RecordedEvent event = new RecordedEvent();
            while (cursor.next(event)) {
                if (event.is(RecordingFormat.CALL)) {
                    boolean unused = event.isPassedBy(memory);
                    assertTrue(event.shown(memory).length() < 400);
                    assertTrue(event.shown().length() < 400);
                    tell(event, memory);
                }
            }
            assertTrue(isZero(memory));
        }
    }

    private static void tell(RecordedEvent event, GuestMemory memory) {
        try {
            event.tell(memory);
        } catch (GuestException e) {
            // Not the guest's to write.
        }
    }

    private static boolean isZero(GuestMemory memory) {
        for (int at = 0; at < 1 << 20; at += Long.BYTES) {
            if (memory.owned(at, Long.BYTES).getLong(0) != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void shouldReadOrRefuseWhatIsAlmostARecording() throws IOException {
        long seed = Long.getLong("jukvm.seed", 11);
        Random random = new Random(seed);
        byte[] all;
        try (GuestMemory memory = GuestMemory.allocate(2 << 20)) {
            all = RecordingTest.recording(memory, true);
        }
        for (int run = 0; run < RUNS; run++) {
            byte[] payload = Arrays.copyOfRange(all, 400, 400 + random.nextInt(400));
            for (int i = random.nextInt(8); i > 0 && payload.length > 0; i--) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt();
            }
            if (payload.length > 0) {
                payload[0] = (byte) (1 + random.nextInt(5));
            }
            read(withChunk(payload));
        }
    }
}
