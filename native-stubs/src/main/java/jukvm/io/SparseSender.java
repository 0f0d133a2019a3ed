package jukvm.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A file on its way to another process, by a pipe: what writes it opens none, and whoever asked for
 * it decides where it is. Used by one thread, but for {@link #cancel}.
 *
 * <pre>
 * bytes    their offset u64 @0, their length u32 @8, bytes @12
 * end      the file's length u64 @0, 0 @8
 * refusal  0 @0, minus the length of why, i32 @8, why @12, in UTF-8
 * </pre>
 */
public final class SparseSender implements SparseOutput, AutoCloseable {
    /** Of what comes before bytes. */
    static final int HEAD = 12;

    /** How many bytes come at once, at most. */
    static final int LONGEST = 1 << 16;

    /** How long one waits for the other, in nanoseconds. */
    static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Libc LIBC = Libc.get();
    private static final int LONGEST_REASON = 1 << 12;

    private final int pipe;
    private final Mapping arena = Mapping.anonymous(HEAD + LONGEST);
    private final Poller poller = new Poller();
    private boolean isBroken; // In the middle of something, so nothing more can be said.

    /**
     * Makes one.
     *
     * @param pipe a descriptor, which does not block from now on and stays its owner's to close
     * @throws HostException if the host has no memory for it
     */
    public SparseSender(int pipe) {
        this.pipe = pipe;
        LIBC.fcntl(pipe, Libc.F_SETFL, Libc.O_NONBLOCK);
    }

    @Override
    public void write(byte[] bytes, int from, int length, long offset) {
        for (int done = 0; done < length; done += LONGEST) {
            int count = Math.min(LONGEST, length - done);
            head(offset + done, count).put(HEAD, bytes, from + done, count);
            send(HEAD + count);
        }
    }

    @Override
    public void length(long bytes) {
        head(bytes, 0);
        send(HEAD);
    }

    /** Says why there is no such file, or no more of it; nothing if nobody listens. */
    public void refuse(String why) {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        byte[] cut = Arrays.copyOf(text, Math.min(text.length, LONGEST_REASON));
        if (!isBroken) {
            head(0, -cut.length).put(HEAD, cut);
            try {
                send(HEAD + cut.length);
            } catch (HostException e) {
                // Who does not read does not mind.
            }
        }
    }

    private ByteBuffer head(long offset, int length) {
        return arena.window(0, HEAD + LONGEST).putLong(0, offset).putInt(8, length);
    }

    private void send(int length) {
        isBroken = true;
        for (int sent = 0; sent < length; ) {
            long result = LIBC.write(pipe, arena.address() + sent, length - sent);
            if (result == -Errno.EAGAIN) {
                awaitReader();
            } else if (result < 0 && result != -Errno.EINTR) {
                throw Errno.exception("pipe: write", (int) -result);
            }
            sent += (int) Math.max(result, 0);
        }
        isBroken = false;
    }

    private void awaitReader() {
        if (!poller.awaitWritable(pipe, PATIENCE_NANOS)) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS);
            String why = poller.isWoken() ? "stopped" : "nobody has read for " + seconds + " s";
            throw new HostException("pipe: write", why, 0, "");
        }
    }

    @Override
    public void cancel() {
        poller.wake();
    }

    @Override
    public void close() {
        poller.close();
        arena.close();
    }
}
