package jukvm.guest;

import jukvm.abi.PrivilegeLevel;

/**
 * The ring that {@link Ring#AUTO} means on this host, and why.
 *
 * @param ring that it means
 * @param reason what the probe saw, half a sentence
 */
public record RingDecision(PrivilegeLevel ring, String reason) {}
