package jukvm.x86;

/**
 * What the emulator knows of a ring-3 guest that its vCPU does not: the tables it believes to have
 * loaded. All of it is the guest's, hence hostile.
 */
public record EmulatorState(
        long kernelGsBase, long gdt, long gdtLimit, long idt, long idtLimit, long tss) {}
