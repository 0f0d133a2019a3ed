package jukvm.device;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/**
 * Where a guest's console output goes. There is no console input.
 *
 * <p>{@link #write} is called on the vCPU's thread with exactly the bytes the guest printed, once
 * per hypercall or, if they are many, several times; they are hostile. A write that blocks stalls
 * that guest and no other. What {@link #write} or {@link #end} throws ends the run, and whoever
 * asked for it gets it.
 */
public interface Console {
    /** The most bytes of one write; what a guest prints in one hypercall may be more. */
    int MAX_WRITE = 64 << 10;

    /**
     * Takes bytes that the guest printed.
     *
     * @param bytes a direct buffer over guest memory, valid until this returns; any content, at
     *     most {@link #MAX_WRITE}
     */
    void write(ByteBuffer bytes);

    /**
     * Ends a {@link #write} or {@link #end} that blocks, because the guest is being stopped. Called
     * once at most, on another thread than these, where it holds up no other guest; what it throws
     * is dropped. It may come a moment after {@link #end} has returned, but not if the guest was
     * stopped later than that, and not for one that was never entered.
     */
    default void stop() {}

    /**
     * Learns that the guest has ended and will print no more; once for each run that was asked for,
     * however it ended, after its block devices were flushed. On the vCPU's thread, or another of
     * the monitor's for a guest that never had one.
     */
    default void end() {}

    /** Returns a console that drops everything. */
    static Console discard() {
        return bytes -> {};
    }

    /**
     * Returns a console that keeps what is printed, up to a size; what is more is dropped, and
     * known to be missing.
     *
     * @param maxBytes how much is kept
     */
    static ConsoleCapture capture(int maxBytes) {
        return new ConsoleCapture(maxBytes);
    }

    /**
     * Returns a console that hands on line by line, as UTF-8 and without the line feed; bytes that
     * are not UTF-8 arrive as U+FFFD. A line longer than 64 KiB is handed on in parts, and what is
     * left without a line feed when the guest ends as a line.
     *
     * @param consumer called on the vCPU's thread; what it throws ends the run
     */
    static Console lines(Consumer<String> consumer) {
        return new LineConsole(consumer);
    }

    /**
     * Returns a console that writes to a stream and flushes it after each write. A stream that
     * fails ends the run with an {@link UncheckedIOException}; {@link java.io.PrintStream} never
     * does. A stream that blocks holds the guest, and when that is being stopped its thread; see
     * {@link #dropping}.
     */
    static Console to(OutputStream stream) {
        WritableByteChannel channel = Channels.newChannel(stream);
        return bytes -> {
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                stream.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /**
     * Returns a console that holds its guest no longer than a moment: what another does not take is
     * dropped, but for the last 64 KiB, which it is given when it takes something again.
     *
     * @param console called on a thread of the returned one's
     */
    static DroppingConsole dropping(Console console) {
        return new DroppingConsole(console);
    }
}
