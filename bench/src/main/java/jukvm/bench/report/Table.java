package jukvm.bench.report;

import java.util.List;

/** A table of a page, in a box of its own that scrolls where it is too wide. */
final class Table {
    private final Html html;
    private final List<String> heads;

    private Table(Html html, List<String> heads) {
        this.html = html;
        this.heads = heads;
    }

    /**
     * Begins a table.
     *
     * @param heads of the columns; those that begin with {@code #} are of figures
     */
    static Table open(Html html, String name, String... heads) {
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", name);
        html.open("table").open("thead").open("tr");
        for (String head : heads) {
            html.element("th", head.replace("#", ""), "scope", "col", "class", kind(head));
        }
        html.close().close().open("tbody");
        return new Table(html, List.of(heads));
    }

    private static String kind(String head) {
        return head.startsWith("#") ? "figure" : "words";
    }

    /** Writes a row; its first cell is its head. */
    Table row(String... cells) {
        html.open("tr");
        for (int i = 0; i < cells.length; i++) {
            String kind = kind(heads.get(i));
            if (i == 0) {
                html.element("th", cells[i], "scope", "row");
            } else {
                html.element("td", cells[i], "class", kind);
            }
        }
        html.close();
        return this;
    }

    /** Ends the table. */
    void close() {
        html.close().close().close();
    }
}
