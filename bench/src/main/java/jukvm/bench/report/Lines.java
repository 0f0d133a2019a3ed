package jukvm.bench.report;

import java.util.Locale;

/** Lines for a terminal, at most 100 columns wide. */
final class Lines {
    /** How wide a line may be. */
    static final int WIDTH = 100;

    private final StringBuilder out = new StringBuilder();

    /** Adds a line of a form. */
    Lines row(String form, Object... values) {
        out.append(clean(String.format(Locale.ROOT, form, values)).stripTrailing());
        return end();
    }

    /** Adds an empty line. */
    Lines end() {
        out.append(System.lineSeparator());
        return this;
    }

    /** Adds a text, in as many lines as it needs; all but the first are indented. */
    Lines text(String text, int indent) {
        return text(text, 0, indent);
    }

    /** Adds a text, in as many lines as it needs, the first and the others indented by so much. */
    Lines text(String text, int first, int indent) {
        StringBuilder line = new StringBuilder(" ".repeat(first));
        for (String word : clean(text).split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH && !line.toString().isBlank()) {
                out.append(line.toString().stripTrailing());
                end();
                line = new StringBuilder(" ".repeat(indent));
            }
            line.append(line.toString().isBlank() ? "" : " ").append(word);
        }
        out.append(line.toString().stripTrailing());
        return end();
    }

    // Programs that were measured have their say here, but not on how the terminal looks.
    private static String clean(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
