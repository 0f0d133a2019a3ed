package jukvm.bench.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Writes a page or a drawing. Text and attributes are escaped, so none of them can be markup; every
 * element is closed, so the page is well-formed XML, too.
 */
final class Html {
    // What a line break after would put a space behind.
    private static final Set<String> INLINE = Set.of("code", "strong", "span", "text");

    private final StringBuilder out;
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins with markup as it is. */
    Html(String begin) {
        out = new StringBuilder(begin);
    }

    /** Opens an element; attributes are names and values in turns. */
    Html open(String name, String... attributes) {
        out.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            out.append(escaped(attributes[i + 1])).append('"');
        }
        out.append('>');
        open.push(name);
        return this;
    }

    /** Closes the element opened last. */
    Html close() {
        String name = open.pop();
        out.append("</").append(name).append(INLINE.contains(name) ? ">" : ">\n");
        return this;
    }

    /** Writes an element with text in it. */
    Html element(String name, String text, String... attributes) {
        return open(name, attributes).text(text).close();
    }

    /** Writes text. */
    Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /** Writes markup as it is; never anything that comes from results. */
    Html markup(String markup) {
        out.append(markup);
        return this;
    }

    /** Returns the page, all of whose elements must be closed. */
    String page() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("open: " + open);
        }
        return out.toString();
    }

    // XML has no way to write most control characters, nor halves of pairs.
    private static String escaped(String text) {
        return text.replaceAll("[^\t\n -\\ud7ff\\ue000-\\ufffd\\x{10000}-\\x{10ffff}]", "\ufffd")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
