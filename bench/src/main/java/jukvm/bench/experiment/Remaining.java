package jukvm.bench.experiment;

import java.util.concurrent.TimeUnit;
import jukvm.bench.Progress;
import jukvm.bench.load.Steps;

/** The progress line: which part it is, what is being done, and how long it still takes, about. */
final class Remaining implements Steps {
    private static final int SECONDS_A_MINUTE = 60;
    private static final int ROUNDED_SECONDS = 10;

    private final Progress progress;
    private final double seconds;
    private final int parts;
    private final long start = System.nanoTime();
    private int part;
    private String step = "the begin";

    /**
     * Begins.
     *
     * @param seconds that it all takes, about
     * @param parts there are
     */
    Remaining(Progress progress, double seconds, int parts) {
        this.progress = progress;
        this.seconds = seconds;
        this.parts = parts;
    }

    /** Begins the next part. */
    void next() {
        part++;
    }

    @Override
    public void say(String now) {
        step = now;
        progress.say("[" + part + "/" + parts + "] " + left() + " left: " + step);
    }

    private String left() {
        double passed = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        long left = Math.round(Math.max(0, seconds - passed) / ROUNDED_SECONDS) * ROUNDED_SECONDS;
        return left > SECONDS_A_MINUTE
                ? Math.round((double) left / SECONDS_A_MINUTE) + " min"
                : left + " s";
    }

    /** Returns what was said last. */
    String step() {
        return step;
    }

    /** Returns how long it has taken so far, in seconds. */
    double passed() {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
