package jukvm.guest;

/** Which {@link jukvm.abi.PrivilegeLevel} is chosen for a guest. */
public enum PrivilegeMode {
    /** Ring 0 where the host's KVM runs it natively, ring 3 elsewhere. */
    AUTO,
    /** As solo5-hvt runs guests; W^X by read-only memory slots. */
    RING_0,
    /** Privileged instructions trapped and emulated; W^X by page tables out of reach. */
    RING_3
}
