package jukvm.vm;

import java.util.function.Supplier;

/**
 * What a VM's thread does for one guest. The pool calls {@link #run}, then {@link #deliver}, once
 * each and on that thread; the rest from any thread.
 */
public interface VmJob {
    /** Returns what the VM must be like. */
    VmKind kind();

    /** Returns how the guest starts, which may have been prepared, and is for the next one. */
    GuestStart start();

    /**
     * Runs the guest to its end.
     *
     * @param vm gives the VM, made if there is none; asked once at most
     * @param isKept whether the VM has served another guest before
     * @return whether the VM may serve another guest
     */
    boolean run(Supplier<GuestVm> vm, boolean isKept);

    /** Hands the result over, before the VM is cleaned or closed. */
    void deliver();

    /** Has the guest stopped, because the pool is closed. */
    void cancel();

    /** Returns whether the guest was stopped and its thread is not waited for any more. */
    boolean isAbandoned();
}
