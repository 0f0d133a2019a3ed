package jukvm.isolation;

import java.io.IOException;
import java.nio.ByteBuffer;
import jukvm.device.NetDevice;
import jukvm.error.HostException;
import jukvm.io.Descriptor;
import jukvm.io.Poller;
import jukvm.net.FrameLink;

/**
 * A network device of the embedder's for a guest in a worker: frames pass from one to the other.
 * Frames of the worker are hostile. Belongs to the guest's thread.
 */
final class ServedNet implements AutoCloseable {
    // A header and a VLAN tag.
    private static final int BESIDE_MTU = NetDevice.HEADER_SIZE + 4;

    // At a time, so that others of the guest's are served, too.
    private static final int AT_A_TIME = 64;

    private final NetDevice device;
    private final int linkIndex;
    private final int deviceIndex;
    private final FrameLink link;
    private final Descriptor theirs;
    private final ByteBuffer fromGuest;
    private final ByteBuffer toGuest;
    private boolean isHeld;
    private boolean isGone;

    /**
     * Makes a link.
     *
     * @param index that is free where the guest's thread waits, like the next
     * @throws HostException if the host has no descriptors for it
     */
    ServedNet(NetDevice device, int mtu, int index, Poller poller) {
        FrameLink.Pair ends = FrameLink.pair("frames");
        this.device = device;
        this.link = ends.ours();
        this.theirs = ends.theirs();
        this.linkIndex = index;
        this.deviceIndex = index + 1;
        this.fromGuest = ByteBuffer.allocateDirect(mtu + BESIDE_MTU + 1);
        this.toGuest = ByteBuffer.allocateDirect(mtu + BESIDE_MTU);
        try {
            poller.watch(linkIndex, link);
            poller.watch(deviceIndex, device.readiness());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns the worker's end. */
    Descriptor theirs() {
        return theirs;
    }

    /** Returns whether a frame waits for room, of which nothing tells. */
    boolean isHeld() {
        return isHeld;
    }

    /**
     * Passes on frames that there are.
     *
     * @throws IOException if the device is gone for good; it is served no more then
     */
    void pass(long ready, Poller poller) throws IOException {
        try {
            if (!isGone && (ready & (1L << linkIndex)) != 0) {
                passFromGuest(AT_A_TIME);
            }
            if (!isGone && (isHeld || (ready & (1L << deviceIndex)) != 0)) {
                passToGuest(poller);
            }
        } catch (IOException | HostException e) {
            lose(poller);
            throw e;
        }
    }

    /**
     * Passes on all that the guest has sent, at its end.
     *
     * @throws IOException if the device is gone for good
     */
    void drain() throws IOException {
        if (!isGone) {
            passFromGuest(Integer.MAX_VALUE);
        }
    }

    private void passFromGuest(int most) throws IOException {
        for (int i = 0; i < most && hasCome(); i++) {
            int length = fromGuest.flip().remaining();
            if (length >= NetDevice.HEADER_SIZE && length < fromGuest.capacity()) {
                device.write(fromGuest);
            }
        }
    }

    // A worker that has closed its end sends no more; that it died is told elsewhere.
    private boolean hasCome() {
        try {
            return link.read(fromGuest.clear());
        } catch (HostException e) {
            return false;
        }
    }

    private boolean isTaken() {
        try {
            return link.write(toGuest);
        } catch (HostException e) {
            return true;
        }
    }

    private void passToGuest(Poller poller) throws IOException {
        boolean wasHeld = isHeld;
        isHeld = wasHeld && !isTaken();
        for (int i = 0; i < AT_A_TIME && !isHeld && device.read(toGuest.clear()); i++) {
            toGuest.flip();
            isHeld = !isTaken();
        }
        // What does not fit waits in the device, as it would for a guest that does not read.
        if (isHeld && !wasHeld) {
            poller.unwatch(device.readiness());
        } else if (!isHeld && wasHeld) {
            poller.watch(deviceIndex, device.readiness());
        }
    }

    /** Serves it no more, because waiting for it fails. */
    void lose(Poller poller) {
        if (!isGone) {
            isGone = true;
            isHeld = false;
            poller.unwatch(link);
            poller.unwatch(device.readiness());
            link.close();
        }
    }

    /** Returns whether one of what was waited for has failed. */
    boolean hasFailed(long failed) {
        return !isGone && (failed & (1L << linkIndex | 1L << deviceIndex)) != 0;
    }

    @Override
    public void close() {
        isGone = true;
        link.close();
        theirs.close();
    }
}
