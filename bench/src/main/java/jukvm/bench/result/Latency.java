package jukvm.bench.result;

/**
 * How long actions took that were asked for one at a time, each from its request.
 *
 * @param hello to the first byte of output
 * @param done to the result being known: the figure that counts
 * @param free to everything being with the host again
 */
public record Latency(Times hello, Times done, Times free) {}
