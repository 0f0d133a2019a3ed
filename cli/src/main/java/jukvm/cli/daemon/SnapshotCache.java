package jukvm.cli.daemon;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.io.HostFile;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;

/**
 * Snapshots that were opened before, for as long as their files stay as they were: so clones of one
 * file share its memory and find VMs that were made ready for them. As much as kept VMs may have,
 * those used last; what is in use stays whatever it takes. Thread-safe.
 *
 * <p>A file is taken for unchanged if device, inode, size and the times of its last changes are the
 * same. Snapshots are written whole and then named, so that one is never changed by its writer.
 */
final class SnapshotCache implements AutoCloseable {
    private static final int COUNT = 16;

    private final Monitor monitor;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(String name, HostFile.State state) {}

    private static final class Entry {
        private final Snapshot snapshot;
        private int holders;
        private boolean isKept = true;

        Entry(Snapshot snapshot) {
            this.snapshot = snapshot;
        }
    }

    /** A snapshot that is in use, until it is closed. */
    final class Held implements AutoCloseable {
        private final Entry entry;

        private Held(Entry entry) {
            this.entry = entry;
        }

        Snapshot snapshot() {
            return entry.snapshot;
        }

        /** Says that no further clone is started; once. */
        @Override
        public void close() {
            synchronized (SnapshotCache.this) {
                entry.holders--;
                closeIfUnused(entry);
                makeRoom();
            }
        }
    }

    /** Makes an empty one, of snapshots that a monitor opens. */
    SnapshotCache(Monitor monitor) {
        this.monitor = monitor;
    }

    /**
     * Holds the snapshot in a file.
     *
     * @param name of the file
     * @throws jukvm.error.JukvmException as {@link Monitor#openSnapshot} does
     */
    Held hold(String name, HostFile file) {
        Key key = new Key(name, file.state());
        synchronized (this) {
            Entry known = entries.get(key);
            if (known != null) {
                return held(known);
            }
        }
        Entry opened = new Entry(monitor.openSnapshot(name, file));
        synchronized (this) {
            Entry other = entries.put(key, opened); // Of another who has opened it meanwhile.
            if (other != null) {
                other.isKept = false;
                closeIfUnused(other);
            }
            Held held = held(opened);
            makeRoom();
            return held;
        }
    }

    private Held held(Entry entry) {
        entry.holders++;
        return new Held(entry);
    }

    private static void closeIfUnused(Entry entry) {
        if (entry.holders == 0 && !entry.isKept) {
            entry.snapshot.close();
        }
    }

    // Begins with those that were not used for longest.
    private void makeRoom() {
        long bytes = entries.values().stream().mapToLong(entry -> entry.snapshot.bytes()).sum();
        for (Iterator<Entry> oldest = entries.values().iterator();
                oldest.hasNext() && (entries.size() > COUNT || bytes > Monitor.DEFAULT_KEEP); ) {
            Entry entry = oldest.next();
            if (entry.holders == 0) {
                oldest.remove();
                bytes -= entry.snapshot.bytes();
                entry.isKept = false;
                closeIfUnused(entry);
            }
        }
    }

    /** Closes all; no client is left. */
    @Override
    public synchronized void close() {
        entries.values().forEach(entry -> entry.snapshot.close());
        entries.clear();
    }
}
