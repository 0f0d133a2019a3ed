package jukvm.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.FetchLimits;
import jukvm.image.GuestImage;
import jukvm.monitor.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The fetch of a guest that is named by an address. A signal ends it, and so does the run's
 * deadline.
 */
final class GuestFetch {
    private static final int MAX_MIB = 1024;

    // Up to the last @ before the path ends, since a password may contain anything.
    private static final Pattern USER = Pattern.compile("(?<=^[A-Za-z]{4,5}://)[^/?#]*@");
    private static final Pattern ANY_USER = Pattern.compile("(?<=^[A-Za-z]{4,5}://).*@");

    private final String address;
    private final FetchLimits limits;
    private long requested;
    private @Nullable Duration deadline;

    /** Is told how the run ended, if it did during the fetch, before a signal ends the process. */
    @FunctionalInterface
    interface WhenEnded {
        void accept(Outcome outcome, boolean bySignal);
    }

    /**
     * @param address that begins with {@code http://} or {@code https://}
     * @param time it may take; the library's default if null
     * @param mebibytes the image may have; the library's default if null
     * @throws ConfigException if that is none, or more than any image may have
     */
    GuestFetch(String address, @Nullable Duration time, @Nullable Integer mebibytes) {
        this.address = address;
        FetchLimits asked = FetchLimits.DEFAULT;
        if (time != null) {
            asked = asked.withTime(time);
        }
        if (mebibytes != null) {
            if (mebibytes < 1 || mebibytes > MAX_MIB) {
                throw new ConfigException(
                        "--fetch-limit: " + mebibytes + " MiB is not from 1 to " + MAX_MIB);
            }
            asked = asked.withBytes((long) mebibytes << 20);
        }
        this.limits = asked;
    }

    /**
     * Makes the run's deadline the fetch's, too.
     *
     * @param nanoTime when the run was asked for, by {@link System#nanoTime}
     */
    void endBy(Duration end, long nanoTime) {
        deadline = end;
        requested = nanoTime;
    }

    /**
     * Fetches the image; returns none if the run ended before it was there.
     *
     * @param invoker whose signals end it
     * @throws ConfigException if nothing can be fetched from such an address
     * @throws ImageException if it cannot be fetched, or is not a guest image
     */
    Optional<GuestImage> read(Invoker invoker, WhenEnded whenEnded) throws InterruptedException {
        URI location = uri();
        Thread reader = Thread.currentThread();
        try (SignalWatch signals = invoker.onSignal(reader::interrupt)) {
            try {
                GuestImage image = GuestImage.fetch(location, bounded());
                if (!signals.received()) {
                    return Optional.of(image);
                }
            } catch (InterruptedException e) {
                if (!signals.received()) {
                    throw e;
                }
            } catch (ImageException e) {
                if (deadline == null || left(deadline) > 0) {
                    throw e;
                }
                whenEnded.accept(new Outcome.DeadlineExpired(deadline), false);
                return Optional.empty();
            }
            whenEnded.accept(new Outcome.Cancelled(), true);
            return Optional.empty();
        }
    }

    private FetchLimits bounded() {
        if (deadline == null || left(deadline) >= limits.time().toNanos()) {
            return limits;
        }
        return limits.withTime(Duration.ofNanos(Math.max(1, left(deadline))));
    }

    private long left(Duration end) {
        return end.toNanos() - (System.nanoTime() - requested);
    }

    private URI uri() {
        try {
            return new URI(address);
        } catch (URISyntaxException e) {
            throw new ConfigException(
                    "'"
                            + ANY_USER.matcher(address).replaceFirst("")
                            + "' is not an address: "
                            + e.getReason());
        }
    }

    /** Returns an address as reports have it: without user name and password. */
    static String recorded(String address) {
        return USER.matcher(address).replaceFirst("");
    }

    /** Returns an address as lines for the operator begin: without its digest, too. */
    static String shown(String address) {
        return recorded(address).replaceFirst("#.*", "");
    }
}
