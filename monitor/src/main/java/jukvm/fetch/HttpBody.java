package jukvm.fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ImageException;
import jukvm.text.Printable;

/**
 * The bytes of a server's answer, which are hostile, and their number, too. Source: RFC 9112,
 * section 6.
 *
 * <p>Read by one thread; {@link #progress} may be asked for by another. Exceptions do not name the
 * image.
 */
final class HttpBody {
    private static final long UNKNOWN = -1;
    private static final long MIB = 1 << 20;
    private static final int FIRST = 64 << 10;
    private static final Pattern CHUNK =
            Pattern.compile("([0-9A-Fa-f]{1,15})[ \\t]*(?:;.*)?", Pattern.DOTALL);

    private final InputStream in;
    private final boolean chunked;
    private final long expected;
    private byte[] bytes = {};
    private volatile int arrived;

    private HttpBody(InputStream in, boolean chunked, long expected) {
        this.in = in;
        this.chunked = chunked;
        this.expected = expected;
    }

    /** Returns a body of so many bytes. */
    static HttpBody ofLength(InputStream in, long length) {
        return new HttpBody(in, false, length);
    }

    /** Returns a body in chunks, each with its length before it. */
    static HttpBody chunked(InputStream in) {
        return new HttpBody(in, true, UNKNOWN);
    }

    /** Returns a body that goes on to the end of the connection. */
    static HttpBody untilTheEnd(InputStream in) {
        return new HttpBody(in, false, UNKNOWN);
    }

    /** Returns how much has arrived, as in {@code 5 bytes of 8872 arrived}. */
    String progress() {
        return arrived + " bytes" + (expected == UNKNOWN ? "" : " of " + expected) + " arrived";
    }

    /**
     * Reads all of it.
     *
     * @param limit it may have, in bytes
     * @throws ImageException if it is longer, or ends before its end
     */
    byte[] read(int limit) throws IOException {
        if (chunked) {
            try {
                readChunks(limit);
            } catch (EOFException e) {
                throw ended("after " + arrived + " bytes, before the last chunk");
            }
        } else if (expected == UNKNOWN) {
            readUpTo(limit, limit);
            if (arrived == limit && in.read() >= 0) {
                throw tooLarge("does not end", limit);
            }
        } else {
            if (expected > limit) {
                throw tooLarge(quantity(expected), limit);
            }
            readUpTo(expected, limit);
            if (arrived < expected) {
                throw ended("after " + arrived + " of " + expected + " bytes");
            }
        }
        return arrived == bytes.length ? bytes : Arrays.copyOf(bytes, arrived);
    }

    private void readChunks(int limit) throws IOException {
        while (true) {
            String line = new HttpReply.Lines(in).next();
            Matcher chunk = CHUNK.matcher(line);
            if (!chunk.matches()) {
                throw noChunk(line);
            }
            long size = Long.parseLong(chunk.group(1), 16);
            if (size == 0) {
                skipTrailers();
                return;
            }
            if (size > limit - arrived) {
                throw tooLarge("at least " + quantity(arrived + size), limit);
            }
            long end = arrived + size;
            readUpTo(end, limit);
            if (arrived < end) {
                throw ended("after " + arrived + " bytes, within a chunk");
            }
            line = new HttpReply.Lines(in).next();
            if (!line.isEmpty()) {
                throw noChunk(line);
            }
        }
    }

    private void skipTrailers() throws IOException {
        HttpReply.Lines trailers = new HttpReply.Lines(in);
        while (!trailers.next().isEmpty()) {
            // What they say is of no use here.
        }
    }

    // Memory grows with what arrives, not with what a header promises.
    private void readUpTo(long end, int limit) throws IOException {
        int at = arrived;
        while (at < end) {
            if (at == bytes.length) {
                long size = Math.max(FIRST, 2L * at);
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit, size));
            }
            int read = in.read(bytes, at, (int) Math.min(end, bytes.length) - at);
            if (read < 0) {
                return;
            }
            at += read;
            arrived = at;
        }
    }

    private static ImageException noChunk(String line) {
        return ImageException.unreadable(
                "the server's body has a chunk that is not HTTP/1: '" + Printable.of(line) + "'");
    }

    private static ImageException ended(String where) {
        return ImageException.unreadable("the server ended the connection " + where);
    }

    private static ImageException tooLarge(String size, int limit) {
        return ImageException.invalid(
                size + ", more than the " + quantity(limit) + " allowed. Raise FetchLimits.bytes.");
    }

    private static String quantity(long bytes) {
        return bytes >= MIB && bytes % MIB == 0 ? bytes / MIB + " MiB" : bytes + " bytes";
    }
}
