package jukvm.debug;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one gdb that connects: its packets wait here for the vCPU's thread, its interrupts are passed
 * on at once. Thread-safe.
 */
final class GdbPeer implements AutoCloseable {
    private static final int WAITING_PACKETS = 64;
    private static final long LOOK_MILLIS = 100;

    private final ServerSocketChannel server;
    private final BlockingQueue<String> packets = new ArrayBlockingQueue<>(WAITING_PACKETS);
    private volatile @Nullable SocketChannel channel;
    private volatile @Nullable GdbPackets stream;
    private volatile boolean isGone;

    // Those of class Channels cannot be written while they are read.
    private static final class Input extends InputStream {
        private final SocketChannel from;
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 12).limit(0);

        Input(SocketChannel from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            if (!buffer.hasRemaining()) {
                int count = from.read(buffer.clear());
                buffer.flip();
                if (count < 0) {
                    return -1;
                }
            }
            return buffer.get() & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            throw new IOException("packets are read byte by byte");
        }
    }

    private static final class Output extends OutputStream {
        private final SocketChannel to;

        Output(SocketChannel to) {
            this.to = to;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
            while (left.hasRemaining()) {
                int unused = to.write(left);
            }
        }
    }

    GdbPeer(ServerSocketChannel server) {
        this.server = server;
    }

    /**
     * Serves whoever connects first, on a thread of its own.
     *
     * @param came called when somebody has connected
     * @param interrupt called when gdb interrupts the guest, and when it is gone
     */
    void start(Runnable came, Runnable interrupt) {
        Thread thread = new Thread(() -> receive(came, interrupt), "jukvm-gdb");
        thread.setDaemon(true);
        thread.start();
    }

    private void receive(Runnable came, Runnable interrupt) {
        try (SocketChannel accepted = server.accept()) {
            channel = accepted;
            server.close(); // Nobody else gets in.
            GdbPackets from = new GdbPackets(new Input(accepted), new Output(accepted));
            stream = from;
            came.run();
            while (!isGone) {
                String packet = from.next();
                if (packet.equals(GdbPackets.INTERRUPT)) {
                    interrupt.run();
                } else {
                    packets.put(packet);
                }
            }
        } catch (IOException | InterruptedException e) {
            // It is gone, as is whoever would be told.
        } finally {
            isGone = true;
            interrupt.run();
        }
    }

    /** Returns whether somebody has connected. */
    boolean isHere() {
        return stream != null;
    }

    /** Returns whether there will be no more packets, and those there are mean nothing. */
    boolean isGone() {
        return isGone;
    }

    /** Returns the next packet, null if none came for a moment. */
    @Nullable String next() {
        try {
            return packets.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            return null;
        }
    }

    /** Sends a packet, if somebody is there. */
    void send(String payload) {
        GdbPackets to = stream;
        try {
            if (to != null && !isGone) {
                to.send(payload);
            }
        } catch (IOException e) {
            close();
        }
    }

    void stopAcknowledging() {
        GdbPackets to = stream;
        if (to != null) {
            to.stopAcknowledging();
        }
    }

    @Override
    public void close() {
        isGone = true;
        packets.clear();
        SocketChannel open = channel;
        try {
            server.close();
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // What is closed is closed.
        }
    }
}
