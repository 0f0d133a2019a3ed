package jukvm.bench;

import java.io.PrintStream;

/** The line on a terminal that says what is being measured; nothing where there is no terminal. */
public final class Progress {
    private static final int WIDTH = 78;
    private static final String BLANK = "\r" + " ".repeat(WIDTH) + "\r";

    private final PrintStream terminal;
    private final boolean shown;

    /**
     * Makes one.
     *
     * @param shown whether the stream is a terminal
     */
    public Progress(PrintStream terminal, boolean shown) {
        this.terminal = terminal;
        this.shown = shown;
    }

    /** Replaces the line. */
    public void say(String line) {
        if (shown) {
            terminal.print(BLANK + line.substring(0, Math.min(line.length(), WIDTH)));
            terminal.flush();
        }
    }

    /** Removes the line. */
    public void end() {
        if (shown) {
            terminal.print(BLANK);
            terminal.flush();
        }
    }
}
