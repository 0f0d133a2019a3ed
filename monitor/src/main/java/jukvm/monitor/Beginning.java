package jukvm.monitor;

import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;

/**
 * How a guest begins on a shell: what of it is the same for all guests of its {@link TemplateKey},
 * and can be done before one comes, and what is its own.
 */
interface Beginning {
    /** Returns what memory is to begin with, null for zeroes. */
    @Nullable MemoryTemplate template();

    /**
     * Lays out in memory, which is all zero, what a template holds.
     *
     * @throws IllegalStateException if what the guest goes on from is closed
     */
    void layOut(GuestMemory memory);

    /**
     * Sets the registers of a vCPU that is as new.
     *
     * @return false if what the guest goes on from is closed
     */
    boolean setRegisters(VmShell shell);

    /** Has the host back the pages that such a guest touches at once. */
    void populate(GuestMemory memory);

    /** Writes what is of this guest alone. */
    void writeOwn(VmShell shell);

    /** Tells the loop where to go on, if that is not at the first instruction. */
    void resume(VcpuLoop loop);
}
