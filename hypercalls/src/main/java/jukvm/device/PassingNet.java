package jukvm.device;

import java.util.Optional;
import jukvm.host.Pollable;

/**
 * A network device between a guest and another device, to and from which frames pass. What the
 * guest is told is the other's, unless this has its own.
 */
abstract class PassingNet implements NetDevice {
    final NetDevice device;

    /**
     * @param device stays open for as long as this is, and is not closed with it
     */
    PassingNet(NetDevice device) {
        this.device = device;
    }

    @Override
    public final MacAddress mac() {
        return device.mac();
    }

    @Override
    public final int mtu() {
        return device.mtu();
    }

    @Override
    public Optional<Ipv4Settings> ipv4() {
        return device.ipv4();
    }

    @Override
    public Pollable readiness() {
        return device.readiness();
    }
}
