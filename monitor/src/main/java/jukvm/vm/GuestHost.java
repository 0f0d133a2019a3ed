package jukvm.vm;

import jukvm.abi.PrivilegeLevel;
import jukvm.guest.PrivilegeMode;

/** What the host decides of the way that a guest runs. Thread-safe. */
public interface GuestHost {
    /**
     * Returns the privilege level that a choice means.
     *
     * @throws jukvm.error.ConfigException if it is not to be had
     */
    PrivilegeLevel resolve(PrivilegeMode choice);

    /**
     * Returns whether guests at a privilege level run on the processor and not in an emulator.
     *
     * @throws jukvm.error.HostException if the host cannot be asked
     */
    boolean runsNatively(PrivilegeLevel privilege);

    /**
     * Returns what of a debugger's debug registers guests meet; probed at the first call.
     *
     * @throws jukvm.error.HostException if the probe cannot be run
     */
    default DebugSupport debugSupport() {
        return DebugSupport.NONE;
    }
}
