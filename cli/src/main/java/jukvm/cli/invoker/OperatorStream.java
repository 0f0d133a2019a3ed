package jukvm.cli.invoker;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import jukvm.stream.StandardOutput;
import org.jspecify.annotations.Nullable;

/**
 * A standard error as a stream. What cannot be written is lost, and so is what nobody reads: no run
 * is held by what there is to say about it.
 */
public final class OperatorStream extends OutputStream {
    private static final int CHUNK = 1024;

    // How long a line waits for its reader; and all lines together, once the run is to end.
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long LAST_WORDS = TimeUnit.SECONDS.toNanos(1);

    private final LongFunction<StandardOutput> source;
    private volatile @Nullable StandardOutput to;
    private volatile boolean isHurried;
    private @Nullable ByteBuffer chunk;

    /**
     * Writes to what is opened at the first byte, and not earlier: that may load the binding.
     *
     * @param source opens what waits for its reader for so many nanoseconds
     */
    public OperatorStream(LongFunction<StandardOutput> source) {
        this.source = source;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        StandardOutput output = opened();
        ByteBuffer part = chunk == null ? ByteBuffer.allocateDirect(CHUNK) : chunk;
        chunk = part;
        for (int done = 0; done < length; done += part.limit()) {
            part.clear().put(bytes, offset + done, Math.min(CHUNK, length - done)).flip();
            output.write(part);
        }
    }

    /** Opens what is written to now, and not at the first byte. */
    public synchronized void prepare() {
        opened().prepare();
    }

    private StandardOutput opened() {
        StandardOutput known = to;
        if (known == null) {
            known = source.apply(PATIENCE);
            to = known;
            if (isHurried) {
                known.stopIn(LAST_WORDS);
            }
        }
        return known;
    }

    /** Has what is written from now on wait for a moment at most; from any thread. */
    public void hurry() {
        isHurried = true;
        StandardOutput known = to;
        if (known != null) {
            known.stopIn(LAST_WORDS);
        }
    }

    /** Waits no more for whoever reads; from any thread. */
    public void stop() {
        isHurried = true;
        StandardOutput known = to;
        if (known != null) {
            known.stop();
        }
    }

    @Override
    public void close() {
        StandardOutput known = to;
        if (known != null) {
            known.close();
        }
    }
}
