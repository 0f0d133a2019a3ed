package jukvm.bench.report;

/** How large a plot is drawn, in CSS pixels. Its height follows from what is in it. */
enum Size {
    /** For a screen or a sheet of paper. */
    WIDE(960, 360, 13),
    /** For a telephone. */
    PHONE(360, 270, 11);

    private final int width;
    private final int area;
    private final int font;

    Size(int width, int area, int font) {
        this.width = width;
        this.area = area;
        this.font = font;
    }

    /** Returns the width of the plot. */
    int width() {
        return width;
    }

    /** Returns the height of the part between the axes, unless names along it need more or less. */
    int area() {
        return area;
    }

    /** Returns the size of its text. */
    int font() {
        return font;
    }

    /** Returns whether names run from top to bottom. */
    boolean narrow() {
        return this == PHONE;
    }
}
