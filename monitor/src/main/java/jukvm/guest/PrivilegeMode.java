package jukvm.guest;

/** Which {@link jukvm.abi.PrivilegeLevel} is chosen for a guest. */
public enum PrivilegeMode {
    /** Ring 3: it runs natively wherever there is a KVM, and guests have less in their reach. */
    AUTO,
    /** As solo5-hvt runs guests; W^X by read-only memory slots. Some hosts emulate it, slowly. */
    RING_0,
    /** Privileged instructions trapped and emulated; W^X by page tables out of reach. */
    RING_3
}
