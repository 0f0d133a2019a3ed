package jukvm.tests.support;

import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.SwitchPort;
import jukvm.host.Pollable;

/** A network device of a test's own, which is a switch's port in all but its frames. */
public interface PluggedNet extends NetDevice {
    /** Returns the port. */
    SwitchPort port();

    @Override
    default MacAddress mac() {
        return port().mac();
    }

    @Override
    default int mtu() {
        return port().mtu();
    }

    @Override
    default Pollable readiness() {
        return port().readiness();
    }
}
