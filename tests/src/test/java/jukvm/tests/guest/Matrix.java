package jukvm.tests.guest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table of how guests ended, of rows for guests and columns for where they ran. A cell that says
 * how a guest ended says that this was expected, and that it ran so from every folder.
 */
final class Matrix {
    /** The width of a row's title. */
    static final int TITLE = 32;

    private static final int CELL = 5;
    private static final String FAILED = "FAIL";
    private static final String MISSING = "?";
    private static final String NO_GUEST = "-";

    private final List<String> groups;
    private final List<String> columns;
    private final int folders;
    private final Map<String, Map<String, List<String>>> rows = new LinkedHashMap<>();

    /**
     * Makes a table in which nothing has run.
     *
     * @param folders how often each cell is to be filled
     */
    Matrix(List<String> groups, List<String> columns, int folders) {
        this.groups = groups;
        this.columns = columns;
        this.folders = folders;
    }

    /** Says that a cell is to be filled. */
    void expect(String row, String group, String column) {
        cell(row, group, column);
    }

    /** Says how a run ended, as was expected. */
    void put(String row, String group, String column, String word) {
        cell(row, group, column).add(word);
    }

    /** Says that a run did not end as was expected. */
    void fail(String row, String group, String column) {
        put(row, group, column, FAILED);
    }

    private List<String> cell(String row, String group, String column) {
        return rows.computeIfAbsent(row, unused -> new LinkedHashMap<>())
                .computeIfAbsent(group + "/" + column, unused -> new ArrayList<>());
    }

    /** Returns how many cells are complete and did not fail. */
    long good() {
        return rows.values().stream()
                .flatMap(row -> row.values().stream())
                .filter(words -> words.size() == folders && !words.contains(FAILED))
                .count();
    }

    /** Returns how many cells there are. */
    long size() {
        return rows.values().stream().mapToLong(Map::size).sum();
    }

    private String text(List<String> words) {
        if (words.contains(FAILED)) {
            return FAILED;
        }
        if (words.size() != folders) {
            return MISSING;
        }
        Set<String> different = new LinkedHashSet<>(words);
        return String.join("/", different);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(" ".repeat(TITLE));
        for (String group : groups) {
            text.append(" | ").append(pad(group, columns.size() * (CELL + 1) - 1));
        }
        text.append('\n').append(" ".repeat(TITLE));
        for (int i = 0; i < groups.size(); i++) {
            text.append(" |");
            columns.forEach(column -> text.append(' ').append(pad(column, CELL)));
        }
        rows.forEach(
                (title, cells) -> {
                    text.append('\n').append(pad(title, TITLE));
                    for (String group : groups) {
                        text.append(" |");
                        for (String column : columns) {
                            List<String> words = cells.get(group + "/" + column);
                            String word = words == null ? NO_GUEST : text(words);
                            text.append(' ').append(pad(word, CELL));
                        }
                    }
                });
        return text.toString().replaceAll(" +\n", "\n").stripTrailing();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
