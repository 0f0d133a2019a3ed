package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.io.Requester;
import jukvm.stream.OutputFile;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * A network device that writes what passes through another to a file which Wireshark reads.
 *
 * <p>The file has what the guest was given, cut off where it was, and what it sent and the device
 * accepted; not what the device dropped. Each frame is one write, so that a reader who follows the
 * file finds whole blocks and a crash of the JVM loses none. A pipe that nobody reads holds the
 * guest for some seconds, then or when that is stopped the capture ends; a file that fails ends it
 * as well, and nothing else.
 *
 * <p>As thread-safe as the device it captures.
 */
public final class PcapngCapture extends PassingNet implements AutoCloseable {
    private final String path;
    private final OutputFile file;
    private final PcapngBlocks blocks;

    // Guarded by blocks.
    private long frames;
    private long size;
    private boolean stopped;
    private @Nullable String failure;

    /** Captures to a file that is open and empty; made by {@link #of} and by tests. */
    PcapngCapture(NetDevice device, String name, String path, OutputFile file) throws IOException {
        super(device);
        this.path = path;
        this.file = file;
        this.blocks = new PcapngBlocks(device.mtu() + SwitchPort.OVERHEAD);
        int length = blocks.header(name, device.mac());
        file.write(blocks.bytes(), 0, length);
        size = length;
    }

    /**
     * Starts a capture.
     *
     * @param device what frames go to and come from; not closed with the capture
     * @param name the interface's name in the file
     * @param path the file, which is created, or emptied if it exists
     * @throws IOException if the file cannot be opened or written
     * @throws IllegalArgumentException if the name is longer than 255 bytes
     */
    public static PcapngCapture of(NetDevice device, String name, Path path) throws IOException {
        return of(Requester.self(), device, name, HostText.of(path));
    }

    /**
     * Starts a capture to a file that is opened with the caller's rights.
     *
     * @param device what frames go to and come from; not closed with the capture
     * @param name the interface's name in the file
     * @param path the file, which is created, or emptied if it exists
     * @throws IOException if the file cannot be opened or written
     * @throws IllegalArgumentException if the name is longer than 255 bytes
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static PcapngCapture of(Requester caller, NetDevice device, String name, String path)
            throws IOException {
        return of(device, name, path, new OutputFile(caller, path));
    }

    /**
     * Starts a capture to a file that is open.
     *
     * @param device what frames go to and come from; not closed with the capture
     * @param name the interface's name in the file
     * @param path the file's, for messages
     * @param file empty; closed with the capture, and if there is none
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the name is longer than 255 bytes
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static PcapngCapture of(NetDevice device, String name, String path, OutputFile file)
            throws IOException {
        try {
            return new PcapngCapture(device, name, path, file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        int start = into.position();
        if (!device.read(into)) {
            return false;
        }
        capture(into, start, into.position(), PcapngBlocks.INBOUND, blocks.time());
        return true;
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        int start = frame.position();
        int end = frame.limit();
        long time = blocks.time(); // Before an answer's.
        if (!device.write(frame)) {
            return false;
        }
        capture(frame, start, end, PcapngBlocks.OUTBOUND, time);
        return true;
    }

    private void capture(ByteBuffer frame, int start, int end, int direction, long time) {
        synchronized (blocks) {
            if (stopped) {
                return;
            }
            int length = blocks.frame(frame, start, end, direction, time);
            try {
                file.write(blocks.bytes(), 0, length);
                size += length;
                frames++;
            } catch (IOException e) {
                stop(e);
            }
        }
    }

    private void stop(IOException cause) {
        stopped = true;
        failure = path + ": " + cause.getMessage() + "; stopped after " + frames + " frames";
        try (file) {
            file.truncate(size); // Part of a block may have been written.
        } catch (IOException e) {
            cause.addSuppressed(e); // It has no end to cut off, or is gone; readers stop there.
        }
    }

    /**
     * Returns what ended the capture early, such as {@code capture.pcapng: No space left on device;
     * stopped after 42 frames}.
     */
    public Optional<String> failure() {
        synchronized (blocks) {
            return Optional.ofNullable(failure);
        }
    }

    /**
     * Waits no more for a reader of the file, if that is a pipe: the capture ends where there is no
     * room for a frame. For when the guest is being stopped; from any thread.
     */
    public void stopWaiting() {
        file.stopWaiting();
    }

    /** Ends the capture; frames still pass. What fails now is told by {@link #failure}. */
    @Override
    public void close() {
        synchronized (blocks) {
            if (!stopped) {
                stopped = true;
                try {
                    file.close();
                } catch (IOException e) {
                    stop(e);
                }
            }
        }
    }
}
