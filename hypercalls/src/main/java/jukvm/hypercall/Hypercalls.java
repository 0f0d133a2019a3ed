package jukvm.hypercall;

import jukvm.memory.GuestMemory;

/**
 * Answers hypercalls: all that the vCPU loop knows of Solo5, and what decorators wrap. Belongs to
 * the vCPU's thread.
 */
@FunctionalInterface
public interface Hypercalls {
    /**
     * Answers the hypercall of a port.
     *
     * @param port 0 to 65535; hostile
     * @param gpa what the guest wrote to it, 0 to 2^32 - 1; hostile
     * @return true if the guest goes on, false if it has ended with {@link Halt}
     * @throws jukvm.error.GuestException if no hypercall has that port, or the guest broke its
     *     contract
     */
    boolean call(int port, GuestMemory memory, long gpa);
}
