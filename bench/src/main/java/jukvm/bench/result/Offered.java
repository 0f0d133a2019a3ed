package jukvm.bench.result;

/**
 * Requests that come as a Poisson process, whether or not those before have been served. Times
 * count from when a request was to come.
 *
 * @param rate requests a second
 * @param seconds for which they came
 * @param count of requests
 * @param median from intended arrival to result, µs
 * @param p99 the same, 99th percentile
 * @param max the longest
 * @param inTimePercent of requests done within 100 ms
 * @param backlog requests not served when the last had come
 * @param failed of the requests
 * @param held whether p99 was below 100 ms, nothing failed and no backlog grew
 */
public record Offered(
        double rate,
        double seconds,
        long count,
        double median,
        double p99,
        double max,
        double inTimePercent,
        long backlog,
        long failed,
        boolean held) {}
