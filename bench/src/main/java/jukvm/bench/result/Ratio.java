package jukvm.bench.result;

/**
 * How much better one system is than another.
 *
 * @param what {@code latency}, from request to result, or {@code throughput}, at the peak
 * @param of id of the better one, if the value is above 1
 * @param against id of the other
 * @param value the other's median over this one's for latency, the other way round for throughput
 * @param low lower end of the 95 % confidence interval
 * @param high upper end of it
 */
public record Ratio(
        String what, String of, String against, double value, double low, double high) {}
