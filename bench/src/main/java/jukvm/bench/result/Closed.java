package jukvm.bench.result;

/**
 * Workers that each ask for an action as soon as the last is done.
 *
 * @param workers how many
 * @param perSecond verified actions that ended in a second, cleaning included
 * @param median from request to result, µs
 * @param p99 the same, 99th percentile
 */
public record Closed(int workers, double perSecond, double median, double p99) {}
