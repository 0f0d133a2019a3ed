package jukvm.text;

/** Hostile text made fit for a message. */
public final class Printable {
    private static final int MAX_LENGTH = 80;

    private Printable() {}

    /**
     * Returns {@code text} with everything but printable ASCII escaped, cut at 80 characters: no
     * terminal obeys it and no log line breaks.
     */
    public static String of(String text) {
        return of(text, MAX_LENGTH);
    }

    /** Returns {@code text} likewise, cut at so many characters. */
    public static String of(String text, int maxLength) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            String shown = shown(text.charAt(i));
            if (out.length() + shown.length() > maxLength) {
                break;
            }
            out.append(shown);
        }
        return out.toString();
    }

    private static String shown(char c) {
        if (c >= ' ' && c < 0x7f && c != '\\') {
            return String.valueOf(c);
        }
        return String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", (int) c);
    }
}
