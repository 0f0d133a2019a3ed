package jukvm.monitor;

/**
 * When the phases of a run ended, by {@link System#nanoTime}; 0 for a phase that was not reached.
 *
 * @param requested the run was asked for
 * @param imageRead the image had been read and checked; equal to {@code requested} if that was
 *     before
 * @param shellReady VM and vCPU were there
 * @param laidOut the image, tables and boot info were in guest memory
 * @param entered just before the first KVM_RUN
 * @param firstHypercall the first hypercall arrived
 * @param firstConsoleByte the first console output had been written
 * @param halted the guest had left for the last time
 * @param freed all of it was with the host again; where VMs are kept, nothing of the guest's was in
 *     use any more, and its VM is cleaned or freed after this
 */
public record Timeline(
        long requested,
        long imageRead,
        long shellReady,
        long laidOut,
        long entered,
        long firstHypercall,
        long firstConsoleByte,
        long halted,
        long freed) {
    /**
     * Returns the time from the first KVM_RUN to the guest's end in nanoseconds; 0 if it never ran.
     */
    public long bootToExit() {
        return entered == 0 ? 0 : halted - entered;
    }

    /** Returns the time from the request to the guest's end in nanoseconds. */
    public long startToExit() {
        return halted - requested;
    }
}
