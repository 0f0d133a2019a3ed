package jukvm.fetch;

import java.time.Duration;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;

/**
 * What the fetch of one image may cost.
 *
 * @param bytes the image may have, from 1 byte to 1 GiB
 * @param time from the call to the image's last byte, all redirects included
 */
public record FetchLimits(long bytes, Duration time) {
    // What a long of nanoseconds can count; ahead of what is checked against it.
    private static final Duration LONGEST = Duration.ofDays(36500);

    /** At most 64 MiB, within 10 s. */
    public static final FetchLimits DEFAULT = new FetchLimits(64L << 20, Duration.ofSeconds(10));

    /**
     * Checks both.
     *
     * @throws ConfigException if one is out of its range
     */
    public FetchLimits {
        if (bytes < 1 || bytes > GuestImage.MAX_BYTES) {
            throw new ConfigException(
                    "fetch limit of " + bytes + " bytes is not from 1 to " + GuestImage.MAX_BYTES);
        }
        if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
            throw new ConfigException("fetch time of " + time + " is not from 1 ns to 36500 days");
        }
    }

    /** Returns these limits with another size in bytes. */
    public FetchLimits withBytes(long limit) {
        return new FetchLimits(limit, time);
    }

    /** Returns these limits with another time. */
    public FetchLimits withTime(Duration limit) {
        return new FetchLimits(bytes, limit);
    }
}
