package jukvm.fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ImageException;
import jukvm.text.Printable;

/**
 * The head of a server's answer: status, reason and header. All of it is hostile, and what is not
 * HTTP/1 to the letter is refused. Source: RFC 9112.
 *
 * <p>Exceptions do not name the image.
 */
final class HttpReply {
    /** How long the head may be, and the trailers after the last chunk, in bytes. */
    static final int MAX_HEAD = 64 << 10;

    private static final Pattern STATUS =
            Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: (.*))?", Pattern.DOTALL);
    private static final Pattern FIELD =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)", Pattern.DOTALL);
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final int status;
    private final String reason;
    private final Map<String, String> fields;

    private HttpReply(int status, String reason, Map<String, String> fields) {
        this.status = status;
        this.reason = reason;
        this.fields = fields;
    }

    /**
     * Reads the head of the final answer; what comes before it, such as {@code 103 Early Hints}, is
     * skipped.
     *
     * @param in buffered; hostile
     * @throws ImageException if it is not the head of an answer
     */
    static HttpReply read(InputStream in) throws IOException {
        Lines lines = new Lines(in);
        HttpReply reply = readOne(lines);
        while (reply.status < 200) {
            reply = readOne(lines);
        }
        return reply;
    }

    private static HttpReply readOne(Lines lines) throws IOException {
        String first = lines.next();
        Matcher status = STATUS.matcher(first);
        if (!status.matches()) {
            throw ImageException.unreadable(
                    "the server does not speak HTTP/1: its answer begins with '"
                            + Printable.of(first)
                            + "'");
        }
        Map<String, String> fields = new HashMap<>();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw malformed("header has a line", line);
            }
            String name = field.group(1).toLowerCase(Locale.ROOT);
            String value = field.group(2).strip();
            String before = fields.put(name, value);
            // Where they differ, who sent it and who reads it may disagree on what the image is.
            if (name.equals("content-length") && before != null && !before.equals(value)) {
                throw malformed("header has a second Content-Length", value);
            }
        }
        String reason = status.group(2) == null ? "" : status.group(2).strip();
        return new HttpReply(Integer.parseInt(status.group(1)), reason, fields);
    }

    /** Lines of at most {@link #MAX_HEAD} bytes together. */
    static final class Lines {
        private final InputStream in;
        private int left = MAX_HEAD;

        Lines(InputStream in) {
            this.in = in;
        }

        /** Returns the next line without its end. */
        String next() throws IOException {
            byte[] line = new byte[128];
            int length = 0;
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException("the server ended the connection within its header");
                }
                if (--left < 0) {
                    throw ImageException.unreadable(
                            "the server's header is longer than the "
                                    + MAX_HEAD
                                    + " bytes that are read");
                }
                if (length == line.length) {
                    line = java.util.Arrays.copyOf(line, 2 * length);
                }
                line[length++] = (byte) b;
            }
            if (length > 0 && line[length - 1] == '\r') {
                length--;
            }
            left--;
            return new String(line, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static ImageException malformed(String what, String text) {
        return ImageException.unreadable(
                "the server's " + what + " that is not HTTP/1: '" + Printable.of(text) + "'");
    }

    /** Returns the address it sends us on to, if it does; hostile. */
    Optional<String> redirect() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> Optional.ofNullable(fields.get("location"));
            default -> Optional.empty();
        };
    }

    /**
     * Returns how its body is to be read.
     *
     * @throws ImageException if it has none, or one that is not the image as it is
     */
    HttpBody body(InputStream in) {
        if (status != 200) {
            throw ImageException.unreadable((status + " " + Printable.of(reason)).strip());
        }
        String coding = fields.getOrDefault("content-encoding", "identity");
        if (!coding.equalsIgnoreCase("identity")) {
            throw ImageException.unreadable(
                    "comes encoded as '"
                            + Printable.of(coding)
                            + "', which was not asked for. Have the server send it as it is.");
        }
        String transfer = fields.get("transfer-encoding");
        if (transfer != null) {
            if (!transfer.equalsIgnoreCase("chunked")) {
                throw malformed("header has a Transfer-Encoding", transfer);
            }
            return HttpBody.chunked(in);
        }
        String length = fields.get("content-length");
        if (length == null) {
            return HttpBody.untilTheEnd(in);
        }
        if (!LENGTH.matcher(length).matches()) {
            throw malformed("header has a Content-Length", length);
        }
        return HttpBody.ofLength(in, Long.parseLong(length));
    }
}
