package jukvm.bench.result;

import java.util.List;

/**
 * Actions whose image is fetched over HTTP and started, nothing of it cached.
 *
 * @param id of the system
 * @param title for people
 * @param how what is fetched and done with it
 * @param bytes fetched for each action
 * @param network what lies between: shaped, or loopback as it is
 * @param done from asking for the image to the result
 * @param fetch of that, until the image was here and ready to start; median µs, 0 where a system
 *     does not tell
 * @param failed actions
 * @param failures what was wrong with them
 */
public record Fetch(
        String id,
        String title,
        String how,
        long bytes,
        String network,
        Times done,
        double fetch,
        long failed,
        List<SystemResult.Failure> failures) {}
