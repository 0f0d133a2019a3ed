package jukvm.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines for a terminal; text is broken at 100 columns. */
public final class Lines {
    /** How wide a line may be. */
    static final int WIDTH = 100;

    private final StringBuilder out = new StringBuilder();

    /** Adds a line of a form. */
    public Lines row(String form, Object... values) {
        out.append(clean(String.format(Locale.ROOT, form, values)).stripTrailing());
        return end();
    }

    /** Adds an empty line. */
    public Lines end() {
        out.append(System.lineSeparator());
        return this;
    }

    /** Adds rows of as many cells each, in columns as wide as they need; the first to the left. */
    public Lines table(List<List<String>> rows) {
        String form =
                IntStream.range(0, rows.get(0).size())
                        .mapToObj(i -> "%" + (i == 0 ? "-" : "") + width(rows, i) + "s")
                        .collect(Collectors.joining("  "));
        rows.forEach(row -> row(form, row.toArray()));
        return this;
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1);
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
