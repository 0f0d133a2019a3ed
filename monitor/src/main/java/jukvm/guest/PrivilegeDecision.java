package jukvm.guest;

import jukvm.abi.PrivilegeLevel;

/**
 * The ring that {@link PrivilegeMode#AUTO} means on this host, and why.
 *
 * @param level that it means
 * @param reason what the probe saw, half a sentence
 */
public record PrivilegeDecision(PrivilegeLevel level, String reason) {}
