package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.io.Poller;

/**
 * What leads from a {@link VirtualSwitch} out: a network device whose other end everybody at the
 * switch reaches. It has a thread, which brings in what comes from there; what goes out is copied
 * on the sender's. Frames are hostile on both sides.
 *
 * <p>If the device fails, frames are no longer passed, and nobody else notices. Thread-safe.
 */
public final class Uplink implements AutoCloseable {
    // So many frames before it looks whether it is to end.
    private static final int AT_ONCE = 256;

    private final NetDevice device;
    private final SwitchPort port;
    private final Poller poller = new Poller();
    private final Thread thread = new Thread(this::bringIn, "jukvm-uplink");
    private final ByteBuffer in;

    // Under the lock: a device is used by one thread at a time.
    private final Object lock = new Object();
    private final ByteBuffer out;
    private boolean isGone;

    /** Plugs a device in; called by the switch. */
    Uplink(VirtualSwitch network, NetDevice device) {
        int longest = network.mtu() + SwitchPort.OVERHEAD;
        this.device = device;
        this.in = ByteBuffer.allocateDirect(longest);
        this.out = ByteBuffer.allocateDirect(longest);
        poller.watch(0, device.readiness());
        try {
            this.port = network.connect(device.mac(), new Outward());
        } catch (RuntimeException e) {
            poller.close();
            throw e;
        }
        thread.setDaemon(true);
        thread.start();
    }

    private final class Outward implements FrameReceiver {
        @Override
        public void receive(SwitchPort unused, ByteBuffer frame) {
            send(frame);
        }

        @Override
        public void close() {
            poller.wake();
        }
    }

    private void send(ByteBuffer frame) {
        synchronized (lock) {
            if (isGone) {
                return;
            }
            out.clear().put(0, frame, frame.position(), frame.remaining());
            out.limit(frame.remaining());
            try {
                device.write(out);
            } catch (IOException | HostException e) {
                isGone = true;
            }
        }
    }

    private void bringIn() {
        try {
            while (poller.await(-1) != 0 && !isGone()) {
                for (int i = 0; i < AT_ONCE && read(); i++) {
                    if (in.limit() >= NetDevice.HEADER_SIZE) {
                        port.write(in);
                    }
                }
            }
        } catch (IOException | HostException e) {
            synchronized (lock) {
                isGone = true;
            }
        }
    }

    // Not while the switch has the frame: who gets it may answer on this very thread, or another
    // may be sending meanwhile.
    private boolean read() throws IOException {
        synchronized (lock) {
            if (isGone || !device.read(in.clear())) {
                return false;
            }
            in.flip();
            return true;
        }
    }

    /** Returns whether the device has failed. */
    public boolean isGone() {
        synchronized (lock) {
            return isGone;
        }
    }

    /** Unplugs the device, which stays open, and is not used any more when this returns. */
    @Override
    public void close() {
        port.close();
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        synchronized (lock) {
            isGone = true;
        }
        poller.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
