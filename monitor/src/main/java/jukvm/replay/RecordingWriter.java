package jukvm.replay;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a recording, chunk by chunk: what is written survives the death of its writer. What goes
 * wrong ends the recording and is told once. Belongs to one thread.
 */
final class RecordingWriter {
    private static final int CHUNK = 64 << 10;
    private static final long LATEST_NANOS = 100_000_000;

    private final OutputStream out;
    private final ByteSink head = new ByteSink(RecordingFormat.CHUNK_HEAD);
    private final ByteSink payload = new ByteSink(2 * CHUNK);
    private long writtenAt = System.nanoTime();
    private boolean isOver;
    private String failure = "";

    RecordingWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes the beginning of the file. */
    void begin(RecordingHeader header) {
        ByteSink start = new ByteSink(RecordingFormat.HEAD);
        for (byte octet : RecordingFormat.MAGIC) {
            start.u8(octet);
        }
        start.u32(RecordingFormat.VERSION);
        write(start);
        header.writeTo(payload);
        flush();
    }

    /** Returns where an event is put, which {@link #put} ends. */
    ByteSink event() {
        return payload;
    }

    /** Ends an event, and writes what there is if that is much, or has waited for long. */
    void put() {
        if (isOver) {
            payload.clear();
        } else if (payload.size() >= CHUNK || System.nanoTime() - writtenAt > LATEST_NANOS) {
            flush();
        }
    }

    /** Writes what there is. */
    void flush() {
        if (payload.size() > 0) {
            head.clear();
            head.u32(payload.size());
            head.u32(RecordingFormat.checksum(payload.array(), 0, payload.size()));
            write(head);
            write(payload);
            payload.clear();
        }
        writtenAt = System.nanoTime();
    }

    private void write(ByteSink bytes) {
        try {
            if (!isOver) {
                out.write(bytes.array(), 0, bytes.size());
            }
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    /** Ends the recording where it is, because of what is wrong. */
    void fail(String fact) {
        if (!isOver) {
            isOver = true;
            failure = fact;
        }
    }

    /** Ends the recording. */
    void end() {
        flush();
        isOver = true;
    }

    boolean isOver() {
        return isOver;
    }

    /** Returns what went wrong, nothing at all if it is empty. */
    String failure() {
        return failure;
    }
}
