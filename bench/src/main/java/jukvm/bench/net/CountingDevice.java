package jukvm.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.host.Pollable;

/** A network device that counts the frames it takes; what it drops it does not take. */
record CountingDevice(NetDevice device, AtomicLong taken) implements NetDevice {
    CountingDevice(NetDevice device) {
        this(device, new AtomicLong());
    }

    @Override
    public MacAddress mac() {
        return device.mac();
    }

    @Override
    public int mtu() {
        return device.mtu();
    }

    @Override
    public Pollable readiness() {
        return device.readiness();
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        return device.read(into);
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        boolean isTaken = device.write(frame);
        if (isTaken) {
            taken.lazySet(taken.get() + 1); // One thread at a time writes.
        }
        return isTaken;
    }
}
