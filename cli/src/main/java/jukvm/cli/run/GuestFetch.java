package jukvm.cli.run;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.SignalWatch;
import jukvm.daemon.SignalTarget;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.fetch.FetchLimits;
import jukvm.fetch.ImageFetch;
import jukvm.guest.Outcome;
import jukvm.image.GuestImage;
import jukvm.stream.StandardInput;
import org.jspecify.annotations.Nullable;

/**
 * The fetch of a guest that is named by an address, or comes by standard input. A signal ends it,
 * and so does the run's deadline.
 */
public final class GuestFetch {
    private static final String INPUT_NAME = "standard input";
    private static final int MAX_MIB = 1024;
    private static final int FIRST = 1 << 20;
    private static final long FOREVER = Duration.ofDays(36500).toNanos();

    // Up to the last @ before the path ends, since a password may contain anything.
    private static final Pattern USER = Pattern.compile("(?<=^[A-Za-z]{4,5}://)[^/?#]*@");
    private static final Pattern ANY_USER = Pattern.compile("(?<=^[A-Za-z]{4,5}://).*@");

    private final String address;
    private final FetchLimits limits;
    private long requested;
    private @Nullable Duration deadline;

    /** Is told how the run ended, if it did during the fetch, before a signal ends the process. */
    @FunctionalInterface
    public interface WhenEnded {
        /**
         * Takes note.
         *
         * @param bySignal whether a signal ended the run
         */
        void accept(Outcome outcome, boolean bySignal);
    }

    /**
     * @param address that begins with {@code http://} or {@code https://}, or {@code -}
     * @param time it may take; the library's default if null
     * @param mebibytes the image may have; the library's default if null
     * @throws ConfigException if that is none, or more than any image may have
     */
    public GuestFetch(String address, @Nullable Duration time, @Nullable Integer mebibytes) {
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
    public Optional<GuestImage> read(Invoker invoker, WhenEnded whenEnded)
            throws InterruptedException {
        if (address.equals(Conversions.INPUT)) {
            try (StandardInput input = invoker.stdin()) {
                return read(() -> arrived(input), input::stop, invoker, whenEnded);
            }
        }
        URI location = uri();
        Thread reader = Thread.currentThread();
        Arrival fetch = () -> ImageFetch.read(location, bounded());
        return read(fetch, reader::interrupt, invoker, whenEnded);
    }

    /** Waits for an image. */
    @FunctionalInterface
    private interface Arrival {
        GuestImage await() throws InterruptedException;
    }

    private Optional<GuestImage> read(
            Arrival arrival, SignalTarget stop, Invoker invoker, WhenEnded whenEnded)
            throws InterruptedException {
        try (SignalWatch signals = invoker.onSignal(stop)) {
            try {
                GuestImage image = arrival.await();
                if (!signals.received()) {
                    return Optional.of(image);
                }
            } catch (InterruptedException e) {
                if (!signals.received()) {
                    throw e;
                }
            } catch (ImageException e) {
                if (!signals.received()) {
                    if (deadline == null || left(deadline) > 0) {
                        throw e;
                    }
                    whenEnded.accept(new Outcome.DeadlineExpired(deadline), false);
                    return Optional.empty();
                }
            }
            whenEnded.accept(new Outcome.Cancelled(), true);
            return Optional.empty();
        }
    }

    private GuestImage arrived(StandardInput input) {
        try {
            return GuestImage.of(INPUT_NAME, all(input), limits.bytes());
        } catch (HostException e) {
            throw ImageException.unreadable(INPUT_NAME + ": cannot read: " + e.reason());
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    INPUT_NAME
                            + ": does not fit the Java heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes; raise -Xmx");
        }
    }

    private byte[] all(StandardInput input) {
        int limit = (int) limits.bytes();
        byte[] bytes = new byte[Math.min(FIRST, limit)];
        int size = 0;
        while (true) {
            if (size == bytes.length && size < limit) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit, 2L * size));
            }
            // Where there is no more room, whether there is more.
            boolean isFull = size == limit;
            byte[] to = isFull ? new byte[1] : bytes;
            long left = deadline == null ? FOREVER : left(deadline);
            int read = input.read(to, isFull ? 0 : size, left);
            if (read == 0) {
                return Arrays.copyOf(bytes, size);
            }
            if (read < 0) {
                throw ImageException.unreadable(
                        INPUT_NAME + ": not all of it has come, only " + size + " bytes");
            }
            if (isFull) {
                throw ImageException.invalid(
                        INPUT_NAME
                                + ": more than the "
                                + (limit >> 20)
                                + " MiB allowed. Raise --fetch-limit.");
            }
            size += read;
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
    public static String shown(String address) {
        if (address.equals(Conversions.INPUT)) {
            return INPUT_NAME;
        }
        return recorded(address).replaceFirst("#.*", "");
    }
}
