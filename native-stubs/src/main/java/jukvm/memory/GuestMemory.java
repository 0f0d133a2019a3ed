package jukvm.memory;

import java.nio.ByteBuffer;
import java.util.Objects;
import jukvm.error.GuestException;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one guest, by guest-physical address from 0.
 *
 * <p>Little-endian, zero when allocated, backed by the host only where it is touched. The host may
 * read and write it all its life: that the guest may not write a page is kept here ({@link
 * #protect}) and enforced by its VM, never by the host's mapping: its mistake would be the JVM's.
 *
 * <p>Used by one thread at a time: the one that lays the guest out, then the one that runs it. A
 * buffer handed out is valid until the next one is asked for; so that a hypercall allocates
 * nothing, it is the same object each time, with another position and limit.
 */
public final class GuestMemory implements AutoCloseable {
    /** The largest guest, in bytes: hypercalls pass 32-bit addresses. */
    public static final long MAX_SIZE = 4L << 30;

    /** The longest buffer, in bytes. */
    public static final long MAX_BUFFER = 1L << 30;

    /** The page size of guest and host, in bytes. */
    public static final int PAGE = 4096;

    // A 32-bit offset gone wrong in either direction ends in the guard.
    private static final long GUARD_BEFORE = 2L << 30;
    private static final long GUARDED_AFTER = 6L << 30;

    private final Mapping mapping;
    private final boolean isOwner;
    private final long size;
    private final Windows windows;
    // Below it the monitor itself writes, and the processor: frames of traps, marks in page tables.
    static final long MONITORS = 1L << 20;
    private @Nullable MemoryTemplate template;
    long overlaid; // Bytes from 0 that are a file's.
    private @Nullable Mapping scanned;
    private AccessWatch watch = AccessWatch.NOBODY;
    PageRights rights = PageRights.ALL;

    /** Makes guest memory of a mapping, which it closes if it is the owner. */
    GuestMemory(Mapping mapping, boolean isOwner) {
        this.mapping = mapping;
        this.isOwner = isOwner;
        this.size = mapping.length();
        this.windows = new Windows(mapping);
    }

    /**
     * Allocates memory for a guest.
     *
     * @param size in bytes, a multiple of {@link #PAGE}, at most {@link #MAX_SIZE}
     * @throws jukvm.error.HostException if the host has no memory or address space for it
     */
    public static GuestMemory allocate(long size) {
        if (size <= 0 || size > MAX_SIZE || size % PAGE != 0) {
            throw new IllegalArgumentException("guest memory of " + size + " bytes");
        }
        return new GuestMemory(Mapping.guarded(size, GUARD_BEFORE, GUARDED_AFTER), true);
    }

    /**
     * Returns the same memory, with the same rights, for a second thread, which ends before this is
     * closed.
     */
    public GuestMemory forSecondThread() {
        GuestMemory same = new GuestMemory(mapping, false);
        same.rights = rights;
        return same;
    }

    /** Returns the size in bytes. */
    public long size() {
        return size;
    }

    /**
     * Notes that the guest may not write a range: {@link #writable} refuses it from now on.
     *
     * @param gpa guest-physical address of the first byte, at or above the end of all ranges
     *     protected so far
     * @param length in bytes
     */
    public void protect(long gpa, long length) {
        PageRights.requireRange(gpa, length, size);
        rights = rights.withoutWriting(gpa, length);
    }

    /**
     * Notes that the guest may not read a range below 1 MiB, at or above the end of all ranges
     * hidden so far: {@link #readable} refuses it from now on.
     */
    public void hide(long gpa, long length) {
        PageRights.requireRange(gpa, length, Math.min(size, MONITORS));
        rights = rights.withoutReading(gpa, length);
    }

    /**
     * Returns a view of guest memory for the host to read: what lies between position and limit.
     *
     * @param gpa guest-physical address of the first byte; hostile
     * @param length in bytes, at most {@link #MAX_BUFFER}; hostile
     * @throws GuestException if any byte is outside guest memory or the monitor's own, or the view
     *     is too long
     */
    public ByteBuffer readable(long gpa, long length) {
        beforeRead(gpa, length);
        return view(gpa, length);
    }

    /**
     * Returns a view of guest memory for the host to write on the guest's behalf, between position
     * and limit.
     *
     * @param gpa guest-physical address of the first byte; hostile
     * @param length in bytes, at most {@link #MAX_BUFFER}; hostile
     * @throws GuestException if any byte is outside guest memory or in a page the guest may not
     *     write, or the view is too long
     */
    public ByteBuffer writable(long gpa, long length) {
        beforeWrite(gpa, length);
        return view(gpa, length);
    }

    /**
     * Returns a buffer over guest memory, from its index 0, for the monitor's own use: image,
     * tables, boot info, trap frames. The guest's rights do not matter here.
     *
     * @param gpa guest-physical address of the first byte; not chosen by the guest
     * @param length in bytes, at most {@link #MAX_BUFFER}
     */
    public ByteBuffer owned(long gpa, long length) {
        checkBounds(gpa, length);
        checkLength(gpa, length);
        return windows.slice(gpa, (int) length);
    }

    /**
     * Returns the byte at {@code gpa}, 0 to 255.
     *
     * @throws GuestException if it is outside guest memory or the monitor's own
     */
    public int u8(long gpa) {
        beforeRead(gpa, Byte.BYTES);
        return windows.of(gpa).get(Windows.offset(gpa)) & 0xff;
    }

    /**
     * Returns the 16-bit value at {@code gpa}, 0 to 65535.
     *
     * @throws GuestException if any byte is outside guest memory or the monitor's own
     */
    public int u16(long gpa) {
        beforeRead(gpa, Short.BYTES);
        return windows.of(gpa).getShort(Windows.offset(gpa)) & 0xffff;
    }

    /**
     * Returns the 32-bit value at {@code gpa}, sign and all.
     *
     * @throws GuestException if any byte is outside guest memory or the monitor's own
     */
    public int u32(long gpa) {
        beforeRead(gpa, Integer.BYTES);
        return windows.of(gpa).getInt(Windows.offset(gpa));
    }

    /**
     * Returns the 64-bit value at {@code gpa}, sign and all.
     *
     * @throws GuestException if any byte is outside guest memory or the monitor's own
     */
    public long u64(long gpa) {
        beforeRead(gpa, Long.BYTES);
        return windows.of(gpa).getLong(Windows.offset(gpa));
    }

    /**
     * Stores a 32-bit value at {@code gpa} on the guest's behalf.
     *
     * @throws GuestException if any byte is outside guest memory or not the guest's to write
     */
    public void putU32(long gpa, int value) {
        beforeWrite(gpa, Integer.BYTES);
        windows.of(gpa).putInt(Windows.offset(gpa), value);
    }

    /**
     * Stores a 64-bit value at {@code gpa} on the guest's behalf.
     *
     * @throws GuestException if any byte is outside guest memory or not the guest's to write
     */
    public void putU64(long gpa, long value) {
        beforeWrite(gpa, Long.BYTES);
        windows.of(gpa).putLong(Windows.offset(gpa), value);
    }

    /**
     * Refuses a range that the host will read, before anything is done.
     *
     * @param gpa guest-physical address of the first byte; hostile
     * @param length in bytes; hostile
     * @throws GuestException if any byte is outside guest memory or the monitor's own
     */
    public void requireReadable(long gpa, long length) {
        checkBounds(gpa, length);
        if (gpa < MONITORS) {
            rights.unreadable().refuse(gpa, length, ", the guest may not read 0x");
        }
    }

    private void beforeRead(long gpa, long length) {
        requireReadable(gpa, length);
        watch.reads(gpa, length);
    }

    /**
     * Refuses a range that the host will write on the guest's behalf, before anything is done.
     *
     * @param gpa guest-physical address of the first byte; hostile
     * @param length in bytes; hostile
     * @throws GuestException if any byte is outside guest memory or not the guest's to write
     */
    public void requireWritable(long gpa, long length) {
        checkBounds(gpa, length);
        rights.unwritable().refuse(gpa, length, ", the guest may not write 0x");
    }

    private void beforeWrite(long gpa, long length) {
        requireWritable(gpa, length);
        watch.writes(gpa, length);
    }

    /** Tells of what is read and written for the guest from now on. */
    public void watch(AccessWatch told) {
        watch = told;
    }

    /** Returns whether every byte of the range is inside guest memory. */
    public boolean contains(long gpa, long length) {
        // No overflow: a length above the size makes the end negative, below every valid address.
        return length >= 0 && gpa >= 0 && gpa <= size - length;
    }

    /** Returns whether the guest may read every byte of the range. */
    public boolean isReadable(long gpa, long length) {
        return contains(gpa, length) && rights.unreadable().first(gpa, length) < 0;
    }

    /** Returns whether the guest may write every byte of the range. */
    public boolean isWritable(long gpa, long length) {
        return contains(gpa, length) && rights.unwritable().first(gpa, length) < 0;
    }

    private void checkBounds(long gpa, long length) {
        if (!contains(gpa, length)) {
            String access = ProtectedPages.invalidAccess(gpa, length);
            throw new GuestException(access + ", memory=0x" + Long.toHexString(size));
        }
    }

    private ByteBuffer view(long gpa, long length) {
        checkLength(gpa, length);
        return windows.view(gpa, (int) length);
    }

    private static void checkLength(long gpa, long length) {
        if (length > MAX_BUFFER) {
            String access = ProtectedPages.invalidAccess(gpa, length);
            throw new GuestException(access + ", longer than " + MAX_BUFFER + " bytes");
        }
    }

    /**
     * Makes all of it zero and the guest's to write, and returns to the host what backed it.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    public void clear() {
        windows.requireOpen();
        if (overlaid > 0) {
            mapping.blank(overlaid);
            overlaid = 0;
            template = null;
        }
        mapping.discard(0, size);
        rights = PageRights.ALL;
    }

    /**
     * Makes a template of it as it is, for other memory of the same size to begin with, but for
     * what the guest may not do from an address on: that is each memory's own.
     *
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public MemoryTemplate template(long rightsEnd) {
        windows.requireOpen();
        return MemoryTemplate.of(this, rights.below(rightsEnd));
    }

    /**
     * Makes it what a template is, copy-on-write, with the same pages the guest may not write. What
     * was in it is gone.
     *
     * @return false if the template is closed; it is all zero then
     * @throws jukvm.error.HostException if the host refuses
     */
    public boolean begin(MemoryTemplate with) {
        clear();
        if (!with.overlay(mapping)) {
            return false;
        }
        template = with;
        overlaid = with.length();
        rights = with.rights();
        return true;
    }

    /**
     * Has the host back a range before it is touched, where that will be soon and time is short.
     *
     * @param gpa of the first byte, a multiple of {@link #PAGE}
     * @param length in bytes
     */
    public void populate(long gpa, long length) {
        windows.requireOpen();
        if (contains(gpa, length)) {
            mapping.populate(gpa, length);
        }
    }

    /** Returns the template that it began with, null if none. */
    public @Nullable MemoryTemplate begunWith() {
        return template;
    }

    /**
     * Makes it again what the template was that it began with. Pages that the guest could not write
     * nobody has. A few others are put back in place, which spares the next guest the faults on
     * them; more are returned to the host.
     *
     * @param scan finds those pages
     * @return whether they were put back in place
     * @throws jukvm.error.HostException if the host refuses
     */
    public boolean restore(PageScan scan) {
        windows.requireOpen();
        MemoryTemplate begun = Objects.requireNonNull(template, "it began with no template");
        rights = begun.rights();
        if (scanned == null) {
            scanned = Mapping.anonymous(PageScan.ARENA);
        }
        boolean isInPlace = begun.restoreInPlace(this, scan, scanned);
        if (!isInPlace) {
            begun.discardWritten(mapping);
        }
        return isInPlace;
    }

    /**
     * Returns how much memory of the host it has to itself, in bytes: pages that were written, in
     * memory or swapped out. What it shares with its template, or only reads as zero, is not among
     * it. From any thread, also while it is being closed, when it may be any number.
     *
     * @param scan counts the pages
     * @throws jukvm.error.HostException if the host cannot tell
     */
    public long touched(PageScan scan) {
        return scan.count(mapping);
    }

    /** Returns the mapping, for the VM that shows it to the guest. */
    @SuppressWarnings("exports") // Only this module can name the type: no address leaves it.
    public Mapping mapping() {
        return mapping;
    }

    /** Returns the memory to the host. Closing twice is harmless; any later use throws. */
    @Override
    public void close() {
        windows.close();
        if (scanned != null) {
            scanned.close();
        }
        if (isOwner) {
            mapping.close();
        }
    }
}
