package jukvm.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.bench.action.Levels;
import jukvm.device.NetDevice;
import jukvm.guest.Outcome;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.Monitor;

/** A guest with a network device that runs, and what it has printed. Closing ends it. */
final class Guest implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern FRAMES = Pattern.compile("(\\d+) frames in (\\d+) us");

    private final StringBuilder text = new StringBuilder(); // Its own lock holds for it.
    private final GuestRun run;

    /** Starts it. */
    Guest(Monitor monitor, GuestImage image, NetDevice device, boolean ring, String... words) {
        run =
                monitor.start(
                        Levels.guest(image, words)
                                .console(this::add)
                                .deadline(LIMIT)
                                .netRing(ring)
                                .net("service0", device));
    }

    private void add(ByteBuffer bytes) {
        synchronized (text) {
            text.append(StandardCharsets.ISO_8859_1.decode(bytes));
        }
    }

    private String text() {
        synchronized (text) {
            return text.toString();
        }
    }

    /** Returns whether it still runs. */
    boolean runs() {
        return !run.result().isDone();
    }

    /** Waits until it has printed a text. */
    void await(String expected) throws IOException, InterruptedException {
        while (!text().contains(expected)) {
            if (!runs()) {
                throw new IOException("the guest has ended: " + text());
            }
            Thread.sleep(1);
        }
    }

    /** Waits for its end; returns how many frames it passed, and in how many µs. */
    long[] frames() throws IOException, InterruptedException {
        Outcome outcome = run.await().outcome();
        Matcher found = FRAMES.matcher(text());
        if (!outcome.isSuccess() || !found.find()) {
            throw new IOException("the guest ended with " + outcome + ": " + text());
        }
        return new long[] {Long.parseLong(found.group(1)), Long.parseLong(found.group(2))};
    }

    @Override
    public void close() {
        run.close();
    }
}
