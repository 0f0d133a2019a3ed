package jukvm.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.bench.action.Levels;
import jukvm.device.NetDevice;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Recorder;
import org.jspecify.annotations.Nullable;

/** A guest with a network device that runs, and what it has printed. Closing ends it. */
final class Guest implements AutoCloseable {
    private static final String DEVICE = "service0";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    // With less, http has a window that is smaller than the segments of the host's loopback, 64
    // KiB,
    // and passt tells the host's TCP of no larger: which then may send by its probes alone, each
    // 0.2 s.
    private static final long MEMORY = 64L << 20;

    private static final Pattern FRAMES = Pattern.compile("(\\d+) frames in (\\d+) us");

    private final StringBuilder text = new StringBuilder(); // Its own lock holds for it.
    private final GuestRun run;
    private final @Nullable Recorder recorder;

    /**
     * Starts it.
     *
     * @throws IOException if there is no room for its recording
     */
    Guest(Monitor monitor, GuestImage image, NetDevice device, NetMode mode, String... words)
            throws IOException {
        GuestSpec guest =
                Levels.guest(image, words)
                        .console(this::add)
                        .deadline(LIMIT)
                        .memory(MEMORY)
                        .netRing(mode == NetMode.RING)
                        .net(DEVICE, device);
        recorder = mode == NetMode.RECORDED ? recorder() : null;
        run = monitor.start(recorder == null ? guest : guest.record(recorder));
    }

    // To a file without a name, which is gone when it is closed.
    private static Recorder recorder() throws IOException {
        Path file = Files.createTempFile("jukvm-bench", ".rec");
        try {
            return Recorder.to(file);
        } finally {
            Files.delete(file);
        }
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

    /**
     * What it did, and how long it took.
     *
     * @param read frames that it has read, by its own count
     * @param taken frames of those it has written that the device did not drop
     * @param micros by its own clock, 1 at least
     */
    record Frames(long read, long taken, long micros) {}

    /** Waits for its end. */
    Frames frames() throws IOException, InterruptedException {
        RunResult result = run.await();
        Outcome outcome = result.outcome();
        Matcher found = FRAMES.matcher(text());
        if (!outcome.isSuccess() || !found.find()) {
            throw new IOException("the guest ended with " + outcome + ": " + text());
        }
        return new Frames(
                Long.parseLong(found.group(1)),
                Objects.requireNonNull(result.counters().nets().get(DEVICE)).framesWritten(),
                Math.max(1, Long.parseLong(found.group(2))));
    }

    @Override
    public void close() {
        run.close();
        if (recorder != null) {
            recorder.close();
        }
    }
}
