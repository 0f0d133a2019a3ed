package jukvm.junit;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;

/** Numbers with units, as attributes of {@link Unikernel} spell them and failures show them. */
final class Quantity {
    private static final Pattern DURATION =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB)");

    private Quantity() {}

    /**
     * Returns the time that a word is, such as {@code 200ms}, {@code 1.5s} or {@code 2m}.
     *
     * @param what it is for, to begin the message with
     * @throws ConfigException if it is none, or no time at all
     */
    static Duration duration(String what, String word) {
        Matcher parts = DURATION.matcher(word);
        if (!parts.matches()) {
            throw new ConfigException(
                    what + ": '" + word + "' is not a duration such as 200ms, 1.5s or 2m");
        }
        BigDecimal seconds = new BigDecimal(parts.group(1)).multiply(secondsPer(parts.group(2)));
        Duration duration = Duration.ofNanos(seconds.movePointRight(9).longValue());
        if (duration.isZero()) {
            throw new ConfigException(what + ": '" + word + "' is not longer than no time");
        }
        return duration;
    }

    private static BigDecimal secondsPer(String unit) {
        return switch (unit) {
            case "us" -> BigDecimal.valueOf(1, 6);
            case "ms" -> BigDecimal.valueOf(1, 3);
            case "m" -> BigDecimal.valueOf(60);
            case "h" -> BigDecimal.valueOf(3600);
            default -> BigDecimal.ONE;
        };
    }

    /** Returns the bytes that a word is, such as {@code 64KiB}; empty if it is no size. */
    static OptionalLong size(String word) {
        Matcher parts = SIZE.matcher(word);
        if (!parts.matches()) {
            return OptionalLong.empty();
        }
        int shift = 10 * (1 + "KMG".indexOf(parts.group(2).charAt(0)));
        return OptionalLong.of(Long.parseLong(parts.group(1)) << shift);
    }

    /** Returns a time in seconds, as in {@code 0.2 s}. */
    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString()
                + " s";
    }
}
