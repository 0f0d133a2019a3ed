package jukvm.hypercall;

import java.util.Map;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * One guest's hypercalls: what the vCPU loop knows of Solo5. It hands over a port and an address,
 * and learns whether the guest goes on. Belongs to the vCPU's thread.
 */
public interface Hypercalls {
    /**
     * Answers the hypercall of a port.
     *
     * @param port 0 to 65535; hostile
     * @param gpa what the guest wrote to it, 0 to 2^32 - 1; hostile
     * @return true if the guest goes on, false if it has ended with {@link #halt}
     * @throws jukvm.error.GuestException if no hypercall has that port, or the guest broke its
     *     contract
     */
    boolean call(int port, GuestMemory memory, long gpa);

    /** Returns whether a hypercall has this port, or may turn out to. */
    boolean knows(int port);

    /** Returns the hypercall of a port, null if none has it. */
    @Nullable Hypercall kind(int port);

    /** Returns the name of the dialect, as in {@code hvt 2}. */
    String dialect();

    /** Returns whether the guest ends by executing HLT, with status 0. */
    boolean endsByHlt();

    /** Returns the handler of PUTS, which counts what was printed. */
    Puts puts();

    /** Returns the handler of HALT, which knows the exit status. */
    Halt halt();

    /** Returns when the first call came, by {@link System#nanoTime}; 0 if none has. */
    long firstCallAt();

    /** Returns how often each hypercall was called, for those that were. */
    Map<Hypercall, Long> calls();
}
