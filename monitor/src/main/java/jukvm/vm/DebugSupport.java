package jukvm.vm;

import jukvm.abi.PrivilegeLevel;

/**
 * What of a debugger's debug registers a host's KVM has its guests meet. One that has
 * virtualisation of the processor's has all of it; one that emulates ring 0 looks at instructions
 * there.
 *
 * @param instructions whether instructions are found, at ring 0
 * @param data whether reads and writes of data are
 */
public record DebugSupport(boolean instructions, boolean data) {
    /** That of a host where nothing is found. */
    public static final DebugSupport NONE = new DebugSupport(false, false);

    /** Returns what of it a guest at a privilege level meets. */
    public DebugSupport at(PrivilegeLevel privilege) {
        // Who looks at ring 0 alone does it in an emulator, which has no data.
        return privilege == PrivilegeLevel.RING_0 ? this : new DebugSupport(data, data);
    }
}
