package jukvm.worker;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.host.Pollable;
import jukvm.io.Poller;
import jukvm.net.FrameLink;

/** An interface that is another process's, to and from which frames pass. */
final class RemoteNet implements NetDevice, AutoCloseable {
    // How long the other process may take until there is room for a frame; then that is dropped.
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final FrameLink link;
    private final MacAddress mac;
    private final int mtu;
    private final Poller room = new Poller();

    RemoteNet(FrameLink link, MacAddress mac, int mtu) {
        this.link = link;
        this.mac = mac;
        this.mtu = mtu;
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public Pollable readiness() {
        return link;
    }

    @Override
    public boolean read(ByteBuffer into) {
        return link.read(into);
    }

    @Override
    public boolean write(ByteBuffer frame) {
        return link.write(frame)
                || (room.awaitWritable(link.descriptor(), PATIENCE_NANOS) && link.write(frame));
    }

    @Override
    public void close() {
        room.close();
        link.close();
    }
}
