package jukvm.isolation;

import java.util.Map;
import java.util.WeakHashMap;
import jukvm.image.GuestImage;

/** Numbers by which workers know guests and images; each is given once. Thread-safe. */
final class Numbers {
    private final Map<GuestImage, Long> images = new WeakHashMap<>();
    private long last;

    /** Returns one that was not given yet. */
    synchronized long next() {
        return ++last;
    }

    /** Returns that of an image, the same each time. */
    synchronized long of(GuestImage image) {
        return images.computeIfAbsent(image, unused -> next());
    }
}
