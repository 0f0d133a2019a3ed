package jukvm.guest;

/**
 * Whether this host's KVM runs guests at ring 0 on the processor, or emulates their instructions.
 *
 * @param isNative whether on the processor
 * @param seen what the probe saw, half a sentence
 */
public record Ring0Support(boolean isNative, String seen) {}
