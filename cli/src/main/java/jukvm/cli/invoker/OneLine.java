package jukvm.cli.invoker;

import jukvm.text.HostText;

/** Text for the operator, which may contain names that somebody else chose. */
public final class OneLine {
    private OneLine() {}

    /**
     * Returns the text with every character escaped that breaks a line, or that a terminal obeys
     * instead of showing it: a name stays readable in any script, and forges no message.
     */
    public static String of(String text) {
        StringBuilder out = new StringBuilder(text.length());
        HostText.escaped(text).codePoints().forEach(c -> append(out, c));
        return out.toString();
    }

    private static void append(StringBuilder out, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    out.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", c));
            default -> out.appendCodePoint(c);
        }
    }
}
