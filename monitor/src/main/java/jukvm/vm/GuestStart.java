package jukvm.vm;

import jukvm.kvm.KvmVcpu;
import jukvm.memory.ChargedMemory;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;

/**
 * How a guest starts in a VM: what of it is the same for all guests of its {@link TemplateKey}, and
 * can be done before one comes, and what is its own.
 */
public interface GuestStart {
    /** Returns what it has in common with other guests. */
    TemplateKey key();

    /** Returns what memory is to begin with, null for zeroes. */
    @Nullable MemoryTemplate template();

    /** Returns what memory another process answers for; null if it is the monitor's own. */
    @Nullable ChargedMemory charged();

    /** Returns what its page tables follow from. */
    PageTableKey tables();

    /**
     * Lays out in memory, which is all zero, what a template holds.
     *
     * @throws IllegalStateException if the snapshot it goes on from is closed
     */
    void layOut(GuestMemory memory);

    /**
     * Sets the registers of a vCPU that is as new.
     *
     * @return false if the snapshot it goes on from is closed
     */
    boolean setRegisters(KvmVcpu vcpu);

    /** Has the host back the pages that such a guest touches at once. */
    void populate(GuestMemory memory);

    /** Writes what is of this guest alone. */
    void writeOwn(GuestVm vm);

    /** Returns what the vCPU loop goes on with, null if it begins at the first instruction. */
    @Nullable ResumePoint resume();
}
