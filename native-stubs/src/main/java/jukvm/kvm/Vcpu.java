package jukvm.kvm;

/**
 * A vCPU as whoever runs it sees it: entered, left, and interrupted from other threads.
 *
 * <p>Belongs to the thread that called {@link #attach}; only {@link #kick} may be called from
 * others.
 */
public interface Vcpu {
    /** How {@link #run} came back. */
    enum Return {
        /** The guest left; {@link #exit} says why. */
        EXIT,
        /** A signal came, perhaps a kick. */
        INTERRUPTED,
        /** The guest touched memory that its VM may not touch that way. */
        FAULT
    }

    /** Makes the calling thread the vCPU's: from now on kicks reach it. */
    void attach();

    /** Lets the calling thread go: kicks do nothing from now on. */
    void detach();

    /**
     * Makes the current or next {@link #run} return {@link Return#INTERRUPTED}; from any thread.
     */
    void kick();

    /**
     * Runs the guest until it leaves.
     *
     * @throws jukvm.error.HostException if the kernel cannot run it
     */
    Return run();

    /** Returns the view of why the guest left, valid after {@link #run} returned EXIT. */
    KvmRun exit();
}
