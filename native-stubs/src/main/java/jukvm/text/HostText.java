package jukvm.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.file.Path;

/**
 * Strings that stand for any bytes of the host, which gives names and arguments no encoding: UTF-8,
 * and each byte that is not part of any becomes an unpaired surrogate, U+DC80 for 0x80 to U+DCFF
 * for 0xff. No two texts of bytes become the same string, and each string becomes its bytes again.
 */
public final class HostText {
    private static final char BEFORE_BYTES = '\udc00';
    private static final char FIRST_BYTE = '\udc80';
    private static final char LAST_BYTE = '\udcff';
    private static final char REPLACEMENT = '\ufffd';

    private HostText() {}

    /** Returns the string for bytes. */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (decoder.decode(in, out, true).isError()) {
            out.put((char) (BEFORE_BYTES + (in.get() & 0xff)));
        }
        return out.flip().toString();
    }

    /** Returns the bytes of a string; any other unpaired surrogate becomes a question mark. */
    public static byte[] encode(String text) {
        if (!hasBytes(text)) {
            return text.getBytes(UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        text.codePoints()
                .forEach(
                        c -> {
                            if (isByte(c)) {
                                bytes.write(c - BEFORE_BYTES);
                            } else {
                                bytes.writeBytes(Character.toString(c).getBytes(UTF_8));
                            }
                        });
        return bytes.toByteArray();
    }

    /** Returns text that is fit for messages and documents: such bytes become {@code \xff}. */
    public static String escaped(String text) {
        if (!hasBytes(text)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            if (isByte(c)) {
                                escaped.append(String.format("\\x%02x", c - BEFORE_BYTES));
                            } else {
                                escaped.appendCodePoint(c);
                            }
                        });
        return escaped.toString();
    }

    /**
     * Returns the string for a path of the default file system, by which the binding finds the same
     * file as the JDK does, whatever the locale. It may be absolute where the path is not.
     */
    public static String of(Path path) {
        String text = path.toString();
        boolean isUtf8 = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
        if (US_ASCII.newEncoder().canEncode(text)
                || isUtf8 && text.indexOf(REPLACEMENT) < 0 && !hasBytes(text)) {
            return text;
        }
        // A path keeps the bytes that its text has lost; only its address shows them all.
        String address = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(address.length());
        for (int i = 0; i < address.length(); i++) {
            if (address.charAt(i) == '%') {
                bytes.write(Integer.parseInt(address, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(address.charAt(i));
            }
        }
        return decode(bytes.toByteArray());
    }

    /**
     * Returns the path of the default file system for a string: that which {@link #of} returned, or
     * one that this process is given.
     */
    public static Path path(String text) {
        if (US_ASCII.newEncoder().canEncode(text)) {
            return Path.of(text);
        }
        StringBuilder address = new StringBuilder("file://");
        if (!text.startsWith("/")) {
            String folder = Path.of("").toAbsolutePath().toUri().getRawPath();
            address.append(folder).append(folder.endsWith("/") ? "" : "/");
        }
        for (byte each : encode(text)) {
            boolean isPlain = each == '/' || each > 0 && Character.isLetterOrDigit(each);
            address.append(isPlain ? (char) each : String.format("%%%02x", each));
        }
        return Path.of(URI.create(address.toString()));
    }

    private static boolean isByte(int c) {
        return c >= FIRST_BYTE && c <= LAST_BYTE;
    }

    // Or half a pair, which is no such byte: then it only takes longer.
    private static boolean hasBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isByte(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
