package jukvm.vm;

/**
 * What a VM's thread does for one guest. The pool calls {@link #run}, then {@link #deliver}, on
 * that thread: once, and once more for each time that the guest was parked. The rest is called from
 * any thread.
 */
public interface VmJob {
    /** Returns what the VM must be like. */
    VmKind kind();

    /** Returns how the guest starts, which may have been prepared, and is for the next one. */
    GuestStart start();

    /**
     * Runs the guest to its end, or until it is parked.
     *
     * @param source of its VM
     * @param isKept whether the VM has served another guest before
     * @return whether the VM may serve another guest
     */
    boolean run(VmSource source, boolean isKept);

    /** Hands the result over, or lets a parked guest go on, before the VM is cleaned or closed. */
    void deliver();

    /** Has the guest stopped, because the pool is closed. */
    void cancel();

    /** Returns whether the guest was stopped and its thread is not waited for any more. */
    boolean isAbandoned();
}
