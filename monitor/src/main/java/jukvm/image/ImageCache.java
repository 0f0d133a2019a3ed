package jukvm.image;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import org.jspecify.annotations.Nullable;

/**
 * Images that were read before, for as long as their files stay as they were: so guests of one file
 * share one {@link GuestImage}, whose template and kept VMs a monitor knows again. Together with
 * images that are {@linkplain #hold held}, which is to say in use, they take so many bytes; those
 * kept are given up for those to be held. Thread-safe.
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
    private final Map<Key, Entry> images = new LinkedHashMap<>(16, 0.75f, true);
    private long taken; // By those kept, and those held.

    private record Key(String name, HostFile.State state) {}

    /** An image that is kept, held, or both; guarded by the cache. */
    private static final class Entry {
        private @Nullable GuestImage image;
        private long bytes;
        private int holders;
        private boolean isKept;
    }

    /** An image that is in use, or room for one, until it is closed. */
    public final class Held implements AutoCloseable {
        private final Entry entry;
        private boolean closed;

        private Held(Entry entry) {
            this.entry = entry;
        }

        /**
         * Returns the image.
         *
         * @throws IllegalStateException if there is only room for one
         */
        public GuestImage image() {
            synchronized (ImageCache.this) {
                if (entry.image == null) {
                    throw new IllegalStateException("no image");
                }
                return entry.image;
            }
        }

        /** Gives room back that is not needed, but for so many bytes. */
        public void shrinkTo(long bytes) {
            synchronized (ImageCache.this) {
                if (!closed && !entry.isKept && bytes < entry.bytes) {
                    taken -= entry.bytes - bytes;
                    entry.bytes = bytes;
                }
            }
        }

        /** Says that it is not in use any more; what it returned may be kept on. */
        @Override
        public void close() {
            synchronized (ImageCache.this) {
                if (!closed) {
                    closed = true;
                    entry.holders--;
                    giveUpIfUnused(entry);
                }
            }
        }
    }

    /**
     * Makes an empty one.
     *
     * @param capacity how many bytes images that are kept or held have together, unpacked
     */
    public ImageCache(long capacity) {
        this.capacity = capacity;
    }

    /**
     * Returns the image in a file, as {@link GuestImage#read(Requester, String)} does. It is not
     * held; one that there is no room for is read each time.
     *
     * @throws ImageException if it cannot be read or is not a valid guest image
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public GuestImage read(Requester caller, String name) {
        Optional<Held> held = hold(caller, name);
        if (held.isEmpty()) {
            return GuestImage.read(caller, name);
        }
        try (Held image = held.get()) {
            return image.image();
        }
    }

    /**
     * Holds the image in a file, read now or earlier.
     *
     * @return empty if there is no room for it: the capacity, less what is held, is smaller, or the
     *     heap has not so much. Nothing is held then
     * @throws ImageException if it cannot be read or is not a valid guest image
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public Optional<Held> hold(Requester caller, String name) {
        try (HostFile file = ImageFile.open(caller, name)) {
            return hold(name, file);
        }
    }

    /**
     * Holds the image in a file that is open; as {@link #hold(Requester, String)}.
     *
     * @param name of the file
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public Optional<Held> hold(String name, HostFile file) {
        try {
            Key key = new Key(name, file.state());
            Optional<Held> known = find(key);
            return known.isPresent() ? known : read(key, file);
        } catch (HostException e) {
            throw ImageException.unreadable(name + ": cannot read: " + e.reason());
        }
    }

    /**
     * Holds room for an image that is to be read from elsewhere.
     *
     * @param bytes it may have
     * @return empty if there is not so much
     */
    public synchronized Optional<Held> hold(long bytes) {
        if (!makeRoom(bytes)) {
            return Optional.empty();
        }
        Entry entry = new Entry();
        entry.bytes = bytes;
        entry.holders = 1;
        taken += bytes;
        return Optional.of(new Held(entry));
    }

    private boolean makeRoom(long bytes) {
        for (Iterator<Entry> oldest = images.values().iterator();
                taken > capacity - bytes && oldest.hasNext(); ) {
            giveUpIfUnheld(oldest);
        }
        return taken <= capacity - bytes;
    }

    private void giveUpIfUnheld(Iterator<Entry> at) {
        Entry entry = at.next();
        if (entry.holders == 0) {
            at.remove();
            entry.isKept = false;
            giveUpIfUnused(entry);
        }
    }

    private void giveUpIfUnused(Entry entry) {
        if (entry.holders == 0 && !entry.isKept) {
            taken -= entry.bytes;
        }
    }

    private synchronized Optional<Held> find(Key key) {
        Entry entry = images.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        entry.holders++;
        return Optional.of(new Held(entry));
    }

    private Optional<Held> read(Key key, HostFile file) {
        Optional<Held> room = hold(key.state.size());
        if (room.isEmpty()) {
            return room;
        }
        Held held = room.get();
        boolean isRead = false;
        try {
            GuestImage image = GuestImage.parse(key.name, ImageFile.read(key.name, file));
            isRead = fill(held.entry, image, isSettled(file.state()) ? key : null);
            return isRead ? room : Optional.empty();
        } catch (OutOfMemoryError e) {
            giveUpAllUnheld(); // Who takes the heap it is not for us to know.
            return Optional.empty();
        } finally {
            if (!isRead) {
                held.close();
            }
        }
    }

    private synchronized void giveUpAllUnheld() {
        for (Iterator<Entry> each = images.values().iterator(); each.hasNext(); ) {
            giveUpIfUnheld(each);
        }
    }

    // False if there is no room for it, unpacked.
    private synchronized boolean fill(Entry entry, GuestImage image, @Nullable Key key) {
        long more = Math.max(0, image.size() - entry.bytes);
        if (!makeRoom(more)) {
            return false;
        }
        taken += more;
        entry.bytes += more;
        entry.image = image;
        if (key == null) {
            return true;
        }
        entry.isKept = true;
        Entry other = images.put(key, entry); // Of another who has read it at the same time.
        if (other != null) {
            other.isKept = false;
            giveUpIfUnused(other);
        }
        if (images.size() > COUNT) {
            Entry oldest = images.remove(images.keySet().iterator().next());
            if (oldest != null) {
                oldest.isKept = false;
                giveUpIfUnused(oldest);
            }
        }
        return true;
    }

    private static boolean isSettled(HostFile.State state) {
        Instant now = Instant.now();
        long nanos = now.getEpochSecond() * 1_000_000_000 + now.getNano();
        return nanos - Math.max(state.modified(), state.changed()) > SETTLED_NANOS;
    }
}
