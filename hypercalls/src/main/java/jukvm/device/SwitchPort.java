package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jukvm.host.Pollable;
import jukvm.io.Doorbell;
import org.jspecify.annotations.Nullable;

/**
 * A network interface that is plugged into a {@link VirtualSwitch}, for a guest or for Java code.
 *
 * <p>Thread-safe. Up to 256 frames wait to be read; what comes when it is full is dropped. What is
 * read is hostile: guests made it.
 */
public final class SwitchPort implements NetDevice, AutoCloseable {
    /** What a frame has beyond its payload, in bytes: a header and a VLAN tag. */
    static final int OVERHEAD = HEADER_SIZE + 4;

    private final VirtualSwitch network;
    private final MacAddress mac;
    private final @Nullable FrameReceiver receiver;

    /** How many addresses were learned from what it sent; changed under the switch's lock. */
    int learned;

    // The queue is also the lock of all below, and no other is taken under it.
    private final FrameQueue queue;
    private @Nullable Doorbell doorbell;
    private long dropped;
    private volatile boolean closed; // Changed under the lock.

    /** Makes a port whose frames go to a receiver; without one, they wait in the queue. */
    SwitchPort(VirtualSwitch network, MacAddress mac, @Nullable FrameReceiver receiver) {
        this.network = network;
        this.mac = mac;
        this.receiver = receiver;
        this.queue = new FrameQueue(network.mtu() + OVERHEAD);
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return network.mtu();
    }

    long address() {
        return mac.bits();
    }

    /** Returns how many frames were dropped because 256 were waiting here already. */
    public long dropped() {
        synchronized (queue) {
            return dropped;
        }
    }

    /**
     * Returns what is readable for as long as a frame waits; always the same. Its descriptor is
     * opened at the first call: a port that only Java code reads has none.
     *
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     * @throws IllegalStateException if the port was closed before the first call
     */
    @Override
    public Pollable readiness() {
        synchronized (queue) {
            if (doorbell == null) {
                if (closed) {
                    throw new IllegalStateException(gone());
                }
                doorbell = Doorbell.open();
                if (!queue.isEmpty()) {
                    doorbell.ring();
                }
            }
            return doorbell;
        }
    }

    /**
     * Waits until there is a frame to read, for Java code; guests wait by {@link #readiness}. If
     * several threads read, another may have taken it before {@link #read} is called.
     *
     * @param timeout how long to wait at most; none if it is zero or less
     * @return false if the time has passed without a frame
     * @throws IOException if the port is or becomes closed
     */
    public boolean await(Duration timeout) throws IOException, InterruptedException {
        long nanos = TimeUnit.NANOSECONDS.convert(timeout);
        long start = System.nanoTime();
        synchronized (queue) {
            while (!closed && queue.isEmpty()) {
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(queue, left);
            }
            checkOpen();
            return true;
        }
    }

    /**
     * Reads the oldest frame, without waiting.
     *
     * @param into where to, direct or not; the position is moved past the frame. A frame that is
     *     too long is cut off.
     * @return false if no frame waits
     * @throws IOException if the port is closed
     */
    @Override
    public boolean read(ByteBuffer into) throws IOException {
        synchronized (queue) {
            checkOpen();
            if (queue.isEmpty()) {
                return false;
            }
            queue.remove(into);
            if (doorbell != null && queue.isEmpty()) {
                doorbell.silence();
            }
            return true;
        }
    }

    /**
     * Sends a frame to whom it is addressed to, without waiting.
     *
     * @param frame all between position and limit, direct or not; neither is moved
     * @return false if it is for one port and that has no room; true for all else, as when several
     *     ports were to have it or nobody is there
     * @throws IOException if the port is closed
     * @throws IllegalArgumentException if the frame is shorter than a header or longer than the
     *     MTU, a header and a VLAN tag
     */
    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        int length = frame.remaining();
        if (length < HEADER_SIZE || length > mtu() + OVERHEAD) {
            throw new IllegalArgumentException(
                    "frame of " + length + " bytes: not 14 to " + (mtu() + OVERHEAD));
        }
        checkOpen();
        return network.forward(this, frame);
    }

    /** Takes a frame in to be read here; false if it was dropped. Called by any other port. */
    boolean offer(ByteBuffer frame) {
        if (receiver != null) {
            receiver.receive(this, frame);
            return true;
        }
        synchronized (queue) {
            if (closed) {
                return false;
            }
            boolean wasEmpty = queue.isEmpty();
            if (!queue.add(frame)) {
                dropped++;
                return false;
            }
            if (wasEmpty) {
                if (doorbell != null) {
                    doorbell.ring();
                }
                queue.notifyAll();
            }
            return true;
        }
    }

    /**
     * Unplugs the port, drops what waits to be read, and ends every {@link #await}; from any thread
     * at any time, but that a guest attached to it must have ended: its next poll would wait for a
     * closed descriptor.
     */
    @Override
    public void close() {
        network.disconnect(this);
        synchronized (queue) {
            if (closed) {
                return;
            }
            closed = true;
            if (doorbell != null) {
                doorbell.ring(); // A guest that waits all the same is to read, and be told.
                doorbell.close();
            }
            queue.notifyAll();
        }
        if (receiver != null) {
            receiver.close();
        }
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException(gone());
        }
    }

    private String gone() {
        return "switch port " + mac + " is closed";
    }
}
