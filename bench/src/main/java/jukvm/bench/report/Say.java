package jukvm.bench.report;

import java.util.Locale;

/** Figures in words: three digits that count, whatever the size. */
public final class Say {
    /** Stands for a figure that there is not. */
    static final String NONE = "-";

    private static final double MILLI = 1000;

    private Say() {}

    /** Returns a number with three digits that count, or {@link #NONE} if it is none. */
    public static String number(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value)) {
            return NONE;
        }
        if (size == 0 || size >= 99.95) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int digits = 2 - (int) Math.floor(Math.log10(size * 1.0005));
        return String.format(Locale.ROOT, "%." + Math.min(digits, 9) + "f", value);
    }

    /** Returns a number as short as it can be said: 31.3, 125.23, 1,000. */
    static String exact(double value) {
        String text = String.format(Locale.ROOT, "%,.2f", value);
        return text.replaceFirst("\\.?0+$", "");
    }

    /** Returns a time in ms that is given in µs, without its unit. */
    public static String millis(double micros) {
        return number(micros / MILLI);
    }

    /** Returns how long something took that is given in seconds. */
    static String seconds(double seconds) {
        long whole = Math.round(seconds);
        long minutes = whole / 60;
        return minutes == 0 ? whole + " s" : minutes + " min " + whole % 60 + " s";
    }

    /** Returns a share in %. */
    static String percent(double percent) {
        return String.format(Locale.ROOT, "%.1f %%", percent);
    }

    /** Returns a count and its noun: 1 action, 2 actions. */
    static String count(long count, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
    }
}
