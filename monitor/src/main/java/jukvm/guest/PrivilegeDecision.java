package jukvm.guest;

import jukvm.abi.PrivilegeLevel;

/**
 * The ring that {@link PrivilegeMode#AUTO} means on this host, and why.
 *
 * @param ring that it means
 * @param reason what the probe saw, half a sentence
 */
public record PrivilegeDecision(PrivilegeLevel ring, String reason) {}
