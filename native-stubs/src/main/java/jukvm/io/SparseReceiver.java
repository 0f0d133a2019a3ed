package jukvm.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.text.Printable;

/**
 * The other end of what a {@link SparseSender} sends, which is hostile here: it may be of another
 * user's process, or of none of ours. Used by one thread.
 */
public final class SparseReceiver implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private final int pipe;
    private final String sender;
    private final Mapping arena = Mapping.anonymous(SparseSender.HEAD + SparseSender.LONGEST);
    private final Poller poller = new Poller();

    /**
     * Makes one.
     *
     * @param pipe a descriptor that does not block, which stays its owner's to close
     * @param sender for messages
     * @throws HostException if the host has no memory for it
     */
    public SparseReceiver(int pipe, String sender) {
        this.pipe = pipe;
        this.sender = sender;
    }

    /**
     * Writes the file that comes, to its end.
     *
     * @param longest how long it may be, in bytes
     * @throws ConfigException if it is refused, with the reason
     * @throws HostException if it does not come whole, is longer, or cannot be written
     */
    public void copyTo(SparseOutput to, long longest) {
        byte[] bytes = new byte[SparseSender.LONGEST];
        while (true) {
            ByteBuffer head = receive(SparseSender.HEAD);
            long offset = head.getLong(0);
            int length = head.getInt(8);
            if (length < 0) {
                throw new ConfigException(sender + ": " + reason(-length));
            }
            if (offset < 0 || length > SparseSender.LONGEST || offset > longest - length) {
                throw new HostException(sender, "what comes is no core", 0, "");
            }
            if (length == 0) {
                to.length(offset);
                return;
            }
            receive(length).get(0, bytes, 0, length);
            to.write(bytes, 0, length, offset);
        }
    }

    private String reason(int length) {
        byte[] text = new byte[Math.min(Math.max(length, 0), SparseSender.LONGEST)];
        receive(text.length).get(0, text);
        return Printable.of(new String(text, StandardCharsets.UTF_8));
    }

    /**
     * Returns the next bytes, as they are; valid until the next call.
     *
     * @param length at most {@link SparseSender#LONGEST}
     * @throws HostException if they do not come
     */
    ByteBuffer receive(int length) {
        for (int got = 0; got < length; ) {
            long result = LIBC.read(pipe, arena.address() + got, length - got);
            if (result == 0) {
                throw new HostException(sender, "ended before all of it came", 0, "");
            }
            if (result == -Errno.EAGAIN) {
                awaitSender();
            } else if (result < 0 && result != -Errno.EINTR) {
                throw Errno.exception(sender + ": read", (int) -result);
            }
            got += (int) Math.max(result, 0);
        }
        return arena.window(0, Math.max(length, 1));
    }

    private void awaitSender() {
        if (!poller.awaitReadable(pipe, SparseSender.PATIENCE_NANOS)) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(SparseSender.PATIENCE_NANOS);
            throw new HostException(sender, "nothing came for " + seconds + " s", 0, "");
        }
    }

    @Override
    public void close() {
        poller.close();
        arena.close();
    }
}
