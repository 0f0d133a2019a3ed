package jukvm.monitor;

/**
 * The ring that {@link Ring#AUTO} means on this host, and why.
 *
 * @param ring 0 or 3
 * @param reason what the probe saw, half a sentence
 */
public record RingDecision(int ring, String reason) {}
