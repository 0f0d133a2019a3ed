package jukvm.bench.result;

/**
 * What idle instances take: each has printed its greeting and waits.
 *
 * @param instances at once
 * @param pssMib proportional set size of an instance, in MiB; of the library, what the JVM grew by,
 *     for each
 * @param availableMib what the host's available memory shrank by, for each, in MiB
 * @param nextMillis how long the next one takes to its greeting, in ms
 */
public record Density(int instances, double pssMib, double availableMib, double nextMillis) {}
