package jukvm.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import org.jspecify.annotations.Nullable;

/**
 * A recording in a file, checked whole when it is opened. What its writer left in the middle of, as
 * when it was killed, is cut off. Used by one thread at a time.
 */
public final class RecordingReader implements AutoCloseable {
    private static final int WINDOW = 1 << 16;

    // Of the file's bytes between two places that are remembered, at least: so they are few,
    // whatever the file is like.
    private static final int BETWEEN_MARKS = 1 << 16;

    private final String name;
    private final HostFile file;
    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW);
    private final List<Mark> marks = new ArrayList<>();
    private final RecordingHeader header;
    private final RecordedEvent last = new RecordedEvent();
    private long events;

    /**
     * Where a chunk of events begins.
     *
     * @param offset in the file
     * @param first number of its first event, from 0
     */
    private record Mark(long offset, long first) {}

    private RecordingReader(String name, HostFile file) {
        this.name = name;
        this.file = file;
        requireRecording();
        byte[] first = payload(RecordingFormat.HEAD);
        if (first == null) {
            throw RecordingFormat.refused(name, "recording has no header: its writer was stopped");
        }
        this.header = header(first);
        check(end(RecordingFormat.HEAD, first));
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
        byte[] head =
                file.size() < RecordingFormat.HEAD ? new byte[0] : read(0, RecordingFormat.HEAD);
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

    private ConfigException damaged(String where) {
        return RecordingFormat.refused(name, "recording is damaged " + where);
    }

    /**
     * Returns what the chunk at an offset has; null if that is none, or not whole, and the last.
     *
     * @throws ConfigException if more follows
     */
    private byte @Nullable [] payload(long at) {
        long room = file.size() - at - RecordingFormat.CHUNK_HEAD;
        if (room < 0) {
            return null;
        }
        ByteBuffer head = little(read(at, RecordingFormat.CHUNK_HEAD));
        long length = Integer.toUnsignedLong(head.getInt(0));
        if (length > room) {
            return null;
        }
        if (length > 0 && length <= RecordingFormat.MAX_CHUNK) {
            byte[] payload = read(at + RecordingFormat.CHUNK_HEAD, (int) length);
            if (RecordingFormat.checksum(payload, 0, payload.length) == head.getInt(4)) {
                return payload;
            }
        }
        if (length < room) {
            throw damaged("from byte " + at + " on");
        }
        return null;
    }

    private static long end(long chunk, byte[] payload) {
        return chunk + RecordingFormat.CHUNK_HEAD + payload.length;
    }

    private RecordingHeader header(byte[] payload) {
        try {
            return RecordingHeader.readFrom(new ByteSource(payload));
        } catch (RuntimeException e) {
            throw unless(e, "in its header");
        }
    }

    // What parsers of the header and of events throw for bytes that no recorder writes.
    private RuntimeException unless(RuntimeException e, String where) {
        return e instanceof ConfigException || e instanceof HostException ? e : damaged(where);
    }

    // Reads all events once, and marks where some are.
    private void check(long from) {
        long at = from;
        for (byte[] chunk = payload(at); chunk != null; chunk = payload(at)) {
            if (marks.isEmpty() || at - marks.get(marks.size() - 1).offset() >= BETWEEN_MARKS) {
                marks.add(new Mark(at, events));
            }
            ByteSource source = new ByteSource(chunk);
            while (!source.isAtEnd()) {
                if (last.isEnd()) {
                    throw damaged("after its end");
                }
                read(source, last, events++);
            }
            at = end(at, chunk);
        }
    }

    private void read(ByteSource source, RecordedEvent event, long number) {
        try {
            event.read(source);
        } catch (RuntimeException e) {
            throw unless(e, "in event " + number);
        }
    }

    /** Returns what the guest was started with. */
    public RecordingHeader header() {
        return header;
    }

    /** Returns how it ended. */
    public RecordedEnd end() {
        return last.isEnd() ? last.end() : RecordedEnd.NONE;
    }

    /** Returns how many events there are before the end. */
    public long events() {
        return last.isEnd() ? events - 1 : events;
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
        private long next; // Where the chunk after the one that is read begins.
        private ByteSource source = new ByteSource(new byte[0]);
        private long position;

        private Cursor() {
            seek(0);
        }

        /** Returns the number of the next event, from 0. */
        long position() {
            return position;
        }

        /** Reads the next event; false if there is none. */
        boolean next(RecordedEvent to) {
            if (position == events) {
                return false;
            }
            if (source.isAtEnd()) {
                load(next);
            }
            read(source, to, position);
            position++;
            return true;
        }

        private void load(long chunk) {
            byte[] payload = payload(chunk);
            if (payload == null) {
                throw damaged("at byte " + chunk + ", which it was not before");
            }
            source = new ByteSource(payload);
            next = end(chunk, payload);
        }

        /** Makes an event the next: 0 to the number of all. */
        void seek(long event) {
            Mark found = new Mark(0, 0);
            for (Mark mark : marks) {
                found = mark.first() <= event ? mark : found;
            }
            if (events > 0) {
                load(found.offset());
            }
            position = found.first();
            RecordedEvent skipped = new RecordedEvent();
            boolean isThere = true;
            while (isThere && position < event) {
                isThere = next(skipped);
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
