package jukvm.vm;

import jukvm.memory.GuestMemory;

/** What a VM's thread has for the guest that it serves. Belongs to that thread. */
public interface VmSource {
    /**
     * Returns the VM, made if there is none.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    GuestVm vm();

    /**
     * Returns the VM with memory that a guest was parked with, which is the thread's from now on.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    GuestVm vm(GuestMemory parked);

    /**
     * Takes the memory of the VM, whose guest is parked; the VM has other memory then.
     *
     * @throws jukvm.error.HostException if the host has no other; nothing has changed
     */
    GuestMemory takeMemory();
}
