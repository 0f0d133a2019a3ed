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
    private final ByteSink chunk = new ByteSink(2 * CHUNK);
    private long writtenAt = System.nanoTime();
    private boolean isOver;
    private String failure = "";

    RecordingWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes the beginning of the file. */
    void begin(RecordingHeader header) {
        for (byte octet : RecordingFormat.MAGIC) {
            chunk.u8(octet);
        }
        chunk.u32(RecordingFormat.VERSION);
        write();
        header.writeTo(chunk);
        flush();
    }

    /** Returns where an event is put, which {@link #put} ends. */
    ByteSink event() {
        return chunk;
    }

    /** Ends an event, and writes what there is if that is much, or has waited for long. */
    void put() {
        if (isOver) {
            clear();
        } else if (chunk.size() >= CHUNK || System.nanoTime() - writtenAt > LATEST_NANOS) {
            flush();
        }
    }

    // Room for the head, which is known last, so that each chunk is one write.
    private void clear() {
        chunk.cut(0);
        chunk.u64(0);
    }

    /** Writes what there is. */
    void flush() {
        int length = chunk.size() - RecordingFormat.CHUNK_HEAD;
        if (length > 0) {
            byte[] all = chunk.array();
            chunk.u32(0, length);
            chunk.u32(4, RecordingFormat.checksum(all, RecordingFormat.CHUNK_HEAD, length));
            write();
        }
        writtenAt = System.nanoTime();
    }

    private void write() {
        try {
            if (!isOver) {
                out.write(chunk.array(), 0, chunk.size());
            }
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
        clear();
    }

    /** Ends the recording after what there is, because of what is wrong. */
    void fail(String fact) {
        flush();
        end(fact);
    }

    private void end(String fact) {
        if (!isOver) {
            isOver = true;
            failure = fact;
        }
    }

    /** Ends the recording. */
    void end() {
        fail("");
    }

    boolean isOver() {
        return isOver;
    }

    /** Returns what went wrong, nothing at all if it is empty. */
    String failure() {
        return failure;
    }
}
