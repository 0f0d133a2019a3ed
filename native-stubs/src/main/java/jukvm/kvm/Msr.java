package jukvm.kvm;

/**
 * A model-specific register and what is in it.
 *
 * @param index its number
 * @param value what it holds
 */
public record Msr(int index, long value) {}
