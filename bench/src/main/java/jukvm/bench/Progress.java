package jukvm.bench;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/**
 * The line on a terminal that says what is being measured, and of a long measurement which part it
 * is and how long it still takes, about. Nothing is shown where there is no terminal.
 */
public final class Progress {
    private static final int WIDTH = 78;
    private static final String BLANK = "\r" + " ".repeat(WIDTH) + "\r";

    private final PrintStream terminal;
    private final boolean shown;
    private final long start = System.nanoTime();
    private double seconds;
    private int parts;
    private int part;
    private String step = "the begin";

    /**
     * Makes one.
     *
     * @param shown whether the stream is a terminal
     */
    public Progress(PrintStream terminal, boolean shown) {
        this.terminal = terminal;
        this.shown = shown;
    }

    /**
     * Tells how long it all takes.
     *
     * @param expected seconds, about
     * @param count of parts
     */
    public void plan(double expected, int count) {
        seconds = expected;
        parts = count;
    }

    /** Begins the next part. */
    public void next() {
        part++;
    }

    /** Says what is done now, in a few words. */
    public void say(String now) {
        step = now;
        if (shown) {
            String line = (parts == 0 ? "" : "[" + part + "/" + parts + "] " + left()) + step;
            terminal.print(BLANK + line.substring(0, Math.min(line.length(), WIDTH)));
            terminal.flush();
        }
    }

    /** Says what is done now, and how many systems have been done. */
    public void say(String now, int done, int systems) {
        say(now + ", " + done + " of " + systems + " systems done");
    }

    private String left() {
        long left = Math.round(Math.max(0, seconds - passed()) / 10) * 10;
        return (left > 60 ? Math.round(left / 60.0) + " min" : left + " s") + " left: ";
    }

    /** Returns what was said last. */
    public String step() {
        return step;
    }

    /** Returns how long it has taken so far, in seconds. */
    public double passed() {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    /** Removes the line. */
    public void end() {
        if (shown) {
            terminal.print(BLANK);
            terminal.flush();
        }
    }
}
