package jukvm.image;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.io.Caller;
import jukvm.io.HostFile;
import org.jspecify.annotations.Nullable;

/**
 * Images that were read before, for as long as their files stay as they were: so guests of one file
 * share one {@link GuestImage}, whose template and kept VMs a monitor knows again. Thread-safe.
 *
 * <p>Each file is opened all the same, with the caller's rights. It is taken for unchanged if
 * device, inode, size and the times of its last changes are the same, unless it had changed just
 * before it was read: clocks of file systems are coarse. Bytes that are changed through a shared
 * mapping that was there before are not noticed; replace images, do not edit them.
 */
public final class ImageCache {
    private static final long SETTLED_NANOS = Duration.ofSeconds(2).toNanos();
    private static final int COUNT = 64;

    private final long capacity;
    private final Map<Key, GuestImage> images = new LinkedHashMap<>(16, 0.75f, true);
    private long kept;

    private record Key(String name, HostFile.State state) {}

    /**
     * Makes an empty one.
     *
     * @param capacity how many bytes kept images have together, unpacked; one that is larger is
     *     read each time
     */
    public ImageCache(long capacity) {
        this.capacity = capacity;
    }

    /**
     * Returns the image in a file, as {@link GuestImage#read(Caller, String)} does.
     *
     * @throws ImageException if it cannot be read or is not a valid guest image
     */
    public GuestImage read(Caller caller, String name) {
        try (HostFile file = ImageFile.open(caller, name)) {
            Key key = new Key(name, file.state());
            GuestImage known = find(key);
            if (known != null) {
                return known;
            }
            GuestImage image = GuestImage.parse(name, ImageFile.read(name, file));
            if (isSettled(file.state())) {
                keep(key, image);
            }
            return image;
        } catch (HostException e) {
            throw ImageException.unreadable(name + ": cannot read: " + e.reason());
        }
    }

    private static boolean isSettled(HostFile.State state) {
        Instant now = Instant.now();
        long nanos = now.getEpochSecond() * 1_000_000_000 + now.getNano();
        return nanos - Math.max(state.modified(), state.changed()) > SETTLED_NANOS;
    }

    private synchronized @Nullable GuestImage find(Key key) {
        return images.get(key);
    }

    private synchronized void keep(Key key, GuestImage image) {
        if (image.size() > capacity) {
            return;
        }
        if (images.put(key, image) == null) {
            kept += image.size();
        }
        Iterator<GuestImage> oldest = images.values().iterator();
        while (kept > capacity || images.size() > COUNT) {
            kept -= oldest.next().size();
            oldest.remove();
        }
    }
}
