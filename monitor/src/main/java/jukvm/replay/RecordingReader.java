package jukvm.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.HostFile;
import jukvm.io.Requester;

/**
 * A recording in a file, checked whole when it is opened. What its writer left in the middle of, as
 * when it was killed, is cut off. Used by one thread at a time.
 */
public final class RecordingReader implements AutoCloseable {
    private static final int BATCH = 1 << 20;
    private static final int WINDOW = 1 << 16;

    private final String name;
    private final HostFile file;
    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW);
    private final List<Chunk> chunks = new ArrayList<>();
    private final RecordingHeader header;
    private final long events;
    private final RecordedEnd end;

    /**
     * A chunk of events.
     *
     * @param offset of its payload in the file
     * @param length of that in bytes
     * @param checksum of that
     * @param first number of its first event, from 0
     */
    private record Chunk(long offset, int length, int checksum, long first) {}

    private RecordingReader(String name, HostFile file) {
        this.name = name;
        this.file = file;
        requireRecording();
        List<Chunk> all = chunks();
        if (all.isEmpty()) {
            throw RecordingFormat.refused(name, "recording has no header: its writer was stopped");
        }
        this.header = header(all.get(0));
        this.events = index(all);
        this.end = readEnd();
    }

    /**
     * Opens one.
     *
     * @param caller with whose rights
     * @throws ConfigException if it cannot be read, or is none, with what is wrong; the message
     *     begins with the path
     */
    public static RecordingReader open(Requester caller, String path) {
        try {
            HostFile file = HostFile.open(caller, path);
            try {
                return new RecordingReader(path, file);
            } catch (RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (HostException e) {
            throw RecordingFormat.refused(path, "cannot read: " + e.reason());
        }
    }

    private void requireRecording() {
        if (file.kind() != HostFile.Kind.REGULAR) {
            throw RecordingFormat.refused(name, "is a " + file.kind() + ", not a recording");
        }
        byte[] magic = RecordingFormat.MAGIC;
        byte[] head = file.size() < RecordingFormat.HEAD ? new byte[0] : read(0, 12);
        if (head.length == 0 || !Arrays.equals(magic, 0, 8, head, 0, 8)) {
            throw RecordingFormat.refused(name, "is not a recording of jukvm");
        }
        int version = little(head).getInt(8);
        if (version != RecordingFormat.VERSION) {
            throw RecordingFormat.refused(
                    name,
                    "recording of format "
                            + Integer.toUnsignedString(version)
                            + ", this jukvm reads format "
                            + RecordingFormat.VERSION);
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] read(long offset, int length) {
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; done += window.limit()) {
            window.clear().limit(Math.min(window.capacity(), length - done));
            if (file.read(window, offset + done) != window.limit()) {
                throw damaged("from byte " + (offset + done) + " on, where it has become shorter");
            }
            window.get(0, bytes, done, window.limit());
        }
        return bytes;
    }

    // Up to the first that is not whole; that is the end of it all, unless more follows.
    private List<Chunk> chunks() {
        List<Chunk> all = new ArrayList<>();
        long at = RecordingFormat.HEAD;
        while (file.size() - at >= RecordingFormat.CHUNK_HEAD) {
            ByteBuffer head = little(read(at, RecordingFormat.CHUNK_HEAD));
            long length = Integer.toUnsignedLong(head.getInt(0));
            long payload = at + RecordingFormat.CHUNK_HEAD;
            if (length > file.size() - payload || length > Integer.MAX_VALUE - 8) {
                break;
            }
            Chunk chunk = new Chunk(payload, (int) length, head.getInt(4), 0);
            at = payload + length;
            if (length == 0 || sum(chunk) != chunk.checksum()) {
                if (at < file.size()) {
                    throw damaged("from byte " + (payload - RecordingFormat.CHUNK_HEAD) + " on");
                }
                break;
            }
            all.add(chunk);
        }
        return all;
    }

    private ConfigException damaged(String where) {
        return RecordingFormat.refused(name, "recording is damaged " + where);
    }

    private int sum(Chunk chunk) {
        CRC32C sum = new CRC32C();
        for (int done = 0; done < chunk.length(); done += BATCH) {
            sum.update(read(chunk.offset() + done, Math.min(BATCH, chunk.length() - done)));
        }
        return (int) sum.getValue();
    }

    private RecordingHeader header(Chunk first) {
        try {
            return RecordingHeader.readFrom(new ByteSource(payload(first)));
        } catch (RuntimeException e) {
            throw unless(e, "in its header");
        }
    }

    // What parsers of the header and of events throw for bytes that no recorder writes.
    private RuntimeException unless(RuntimeException e, String where) {
        return e instanceof ConfigException || e instanceof HostException ? e : damaged(where);
    }

    private byte[] payload(Chunk chunk) {
        byte[] bytes = read(chunk.offset(), chunk.length());
        if (RecordingFormat.checksum(bytes, 0, bytes.length) != chunk.checksum()) {
            throw damaged("at byte " + chunk.offset() + ", which it was not before");
        }
        return bytes;
    }

    private long index(List<Chunk> all) {
        long count = 0;
        RecordedEvent event = new RecordedEvent();
        for (Chunk chunk : all.subList(1, all.size())) {
            chunks.add(new Chunk(chunk.offset(), chunk.length(), chunk.checksum(), count));
            ByteSource source = new ByteSource(payload(chunk));
            while (!source.isAtEnd()) {
                if (event.isEnd()) {
                    throw damaged("after its end");
                }
                read(source, event, count++);
            }
        }
        return count;
    }

    private void read(ByteSource source, RecordedEvent event, long number) {
        try {
            event.read(source);
        } catch (RuntimeException e) {
            throw unless(e, "in event " + number);
        }
    }

    private RecordedEnd readEnd() {
        if (events > 0) {
            RecordedEvent last = new RecordedEvent();
            Cursor cursor = cursor();
            cursor.seek(events - 1);
            cursor.next(last);
            if (last.isEnd()) {
                return last.end();
            }
        }
        return RecordedEnd.NONE;
    }

    /** Returns what the guest was started with. */
    public RecordingHeader header() {
        return header;
    }

    /** Returns how it ended. */
    public RecordedEnd end() {
        return end;
    }

    /** Returns how many events there are before the end. */
    public long events() {
        return end.isKnown() ? events - 1 : events;
    }

    /** Returns its path, for messages. */
    public String name() {
        return name;
    }

    /** Returns what reads the events from the first on. */
    Cursor cursor() {
        return new Cursor();
    }

    /** Reads events, from any on. Used by one thread. */
    final class Cursor {
        private int chunk = -1;
        private ByteSource source = new ByteSource(new byte[0]);
        private long position;

        /** Returns the number of the next event, from 0. */
        long position() {
            return position;
        }

        /** Reads the next event; false if there is none. */
        boolean next(RecordedEvent to) {
            while (source.isAtEnd()) {
                if (chunk + 1 >= chunks.size()) {
                    return false;
                }
                source = new ByteSource(payload(chunks.get(++chunk)));
            }
            read(source, to, position);
            position++;
            return true;
        }

        /** Makes an event the next: 0 to the number of all. */
        void seek(long event) {
            int found = 0;
            while (found + 1 < chunks.size() && chunks.get(found + 1).first() <= event) {
                found++;
            }
            if (chunks.isEmpty()) {
                return;
            }
            if (found != chunk) {
                source = new ByteSource(payload(chunks.get(found)));
            }
            chunk = found;
            source.seek(0);
            position = chunks.get(found).first();
            RecordedEvent skipped = new RecordedEvent();
            while (position < event) {
                boolean unused = next(skipped);
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
