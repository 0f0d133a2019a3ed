package jukvm.hypercall;

import jukvm.memory.GuestMemory;

/** Answers one hypercall of one guest, on its vCPU's thread. */
@FunctionalInterface
public interface HypercallHandler {
    /**
     * Answers a call.
     *
     * @param memory of the guest that called
     * @param gpa guest-physical address of the struct of arguments, 0 to 2^32 - 1; hostile
     * @return true if the guest goes on, false if it asked to end
     * @throws jukvm.error.GuestException if the guest broke the contract
     */
    boolean handle(GuestMemory memory, long gpa);

    /**
     * Returns what a call passes, in words, for a trace: before it is answered. Printable ASCII.
     *
     * @param gpa as of {@link #handle}; hostile
     * @throws jukvm.error.GuestException if the struct is outside guest memory
     */
    default String arguments(GuestMemory memory, long gpa) {
        return "";
    }

    /**
     * Returns what a call was told, in words, for a trace: once it was answered. Printable ASCII;
     * empty if it is told nothing.
     *
     * @param gpa as of {@link #handle}; hostile
     * @throws jukvm.error.GuestException if the struct is outside guest memory
     */
    default String result(GuestMemory memory, long gpa) {
        return "";
    }
}
