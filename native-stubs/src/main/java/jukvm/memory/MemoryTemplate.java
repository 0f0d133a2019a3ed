package jukvm.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's memory was at one moment, for the memory of other guests to begin with: each sees
 * it copy-on-write. It is a file without a name that is sealed, so nobody can change or truncate it
 * under them; beside it may be pages of a file that has one. Pages that were zero take no room.
 *
 * <p>Thread-safe. Source: memfd_create(2), fcntl(2) F_ADD_SEALS.
 */
public final class MemoryTemplate implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int PAGE = GuestMemory.PAGE;

    // In pages: copying more than these takes longer than the faults it spares.
    private static final int MAX_IN_PLACE = 64;

    private static final byte[] ZEROES = new byte[PAGE];

    /**
     * A range of memory.
     *
     * @param start guest-physical address of its first byte
     * @param length in bytes
     */
    public record Run(long start, long length) {}

    private final Fd file;
    private final Mapping view;
    private final long length;
    private final long bytes;
    private final PageRights rights;
    private final @Nullable FilePages pages;
    private boolean closed;

    private MemoryTemplate(
            Fd file, @Nullable FilePages pages, long length, long bytes, PageRights rights) {
        this.file = file;
        this.pages = pages;
        this.view = Mapping.anonymous(length);
        overlayOpen(view, length); // Never written, so it stays a view of the files.
        this.length = length;
        this.bytes = bytes;
        this.rights = rights;
    }

    /**
     * Makes one of memory as it is, with what the guest may not do to which page.
     *
     * @throws HostException if the host has no descriptor or memory for it
     */
    static MemoryTemplate of(GuestMemory memory, PageRights rights) {
        Fd file = Fd.memory("template");
        try {
            long[] reach = {0, 0}; // The end of the last page, and the bytes of all.
            UsedPages.each(
                    memory,
                    gpa -> {
                        write(file, memory, gpa);
                        reach[0] = gpa + PAGE;
                        reach[1] += PAGE;
                    });
            seal(file);
            return new MemoryTemplate(file, null, reach[0], reach[1], rights);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Makes one that is filled by somebody else.
     *
     * @param size of the memory that begins with it, in bytes
     * @param filler is given such memory, all zero, to write into and to protect; it keeps none of
     *     it. What it throws is passed on
     * @param pages that such memory has in place of what the filler left there, null for none; they
     *     are closed with this, and if this cannot be made
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static MemoryTemplate filled(
            long size, Consumer<GuestMemory> filler, @Nullable FilePages pages) {
        try {
            return fill(size, filler, pages);
        } catch (RuntimeException | Error e) {
            if (pages != null) {
                pages.close();
            }
            throw e;
        }
    }

    private static MemoryTemplate fill(
            long size, Consumer<GuestMemory> filler, @Nullable FilePages pages) {
        Fd file = Fd.memory("template");
        try {
            truncate(file, size);
            PageRights rights;
            try (GuestMemory memory = new GuestMemory(file.map(size), true)) {
                filler.accept(memory);
                rights = memory.rights;
            }
            long bytes = 0;
            long end = 0;
            for (Run run : runs(file, pages)) {
                bytes += run.length();
                end = run.start() + run.length();
            }
            truncate(file, end);
            seal(file);
            return new MemoryTemplate(file, pages, end, bytes, rights);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static void truncate(Fd file, long size) {
        check("ftruncate", LIBC.syscall(Libc.SYS_FTRUNCATE, file.number(), size, 0, 0, 0));
    }

    private static void seal(Fd file) {
        check("seal", LIBC.fcntl(file.number(), Libc.F_ADD_SEALS, Libc.F_SEAL_ALL));
    }

    private static List<Run> runs(Fd file, @Nullable FilePages pages) {
        return pages == null ? runs(file) : pages.with(runs(file));
    }

    private static List<Run> runs(Fd file) {
        List<Run> runs = new ArrayList<>();
        long end = 0;
        while (true) {
            long start = LIBC.lseek(file.number(), end, Libc.SEEK_DATA);
            if (start == -Errno.ENXIO) {
                return runs; // There is nothing behind.
            }
            check("lseek", start);
            end = LIBC.lseek(file.number(), start, Libc.SEEK_HOLE);
            check("lseek", end);
            runs.add(new Run(start, end - start));
        }
    }

    private static void write(Fd file, GuestMemory memory, long gpa) {
        long from = memory.mapping().address() + gpa;
        long written = LIBC.pwrite(file.number(), from, PAGE, gpa);
        check("pwrite", written);
        if (written != PAGE) {
            throw new HostException("template", "pwrite: wrote " + written + " bytes", 0, "");
        }
    }

    private static void check(String operation, long result) {
        if (result < 0) {
            throw Errno.exception("template: " + operation, (int) -result);
        }
    }

    /**
     * Replaces the beginning of a mapping by itself.
     *
     * @return false if it is closed
     */
    synchronized boolean overlay(Mapping mapping) {
        if (!closed) {
            overlayOpen(mapping, length);
        }
        return !closed;
    }

    private void overlayOpen(Mapping mapping, long end) {
        mapping.overlay(file, end);
        if (pages != null) {
            pages.overlay(mapping);
        }
    }

    /**
     * Puts the pages that were written since memory began with this template back to what they are
     * here, in place.
     *
     * @param arena of {@link PageScan#ARENA} bytes
     * @return false if they are too many, the host cannot tell which, or this is closed; what was
     *     put back is right nevertheless
     */
    synchronized boolean restoreInPlace(GuestMemory memory, PageScan scan, Mapping arena) {
        int ranges = closed ? -1 : scan.find(memory.mapping(), arena, MAX_IN_PLACE);
        for (int i = 0; i < ranges; i++) {
            long start = PageScan.start(arena, memory.mapping(), i);
            copyTo(memory, start, PageScan.end(arena, memory.mapping(), i));
        }
        return ranges >= 0;
    }

    /** Returns to the host all that a guest can have written of memory that began with this. */
    void discardWritten(Mapping mapping) {
        ProtectedPages readOnly = rights.unwritable();
        long from = 0;
        for (int i = 0; i < readOnly.count(); i++) {
            if (readOnly.start(i) >= GuestMemory.MONITORS) {
                discard(mapping, from, readOnly.start(i));
                from = readOnly.end(i);
            }
        }
        discard(mapping, from, mapping.length());
    }

    private static void discard(Mapping mapping, long from, long to) {
        if (from < to) {
            mapping.discard(from, to - from);
        }
    }

    private void copyTo(GuestMemory memory, long gpa, long end) {
        for (long page = gpa; page < end; page += PAGE) {
            ByteBuffer to = memory.owned(page, PAGE);
            if (page < length) {
                to.put(0, view.window(page, PAGE), 0, PAGE);
            } else {
                to.put(0, ZEROES);
            }
        }
    }

    /**
     * Returns where it holds something, in ascending order: of all else nothing is known but that
     * it is zero.
     *
     * @throws IllegalStateException if it is closed
     */
    public synchronized List<Run> runs() {
        return runs(file, pages);
    }

    /**
     * Shows part of it, which nobody may write.
     *
     * @param start guest-physical address of the first byte
     * @param length in bytes, at most {@link GuestMemory#MAX_BUFFER}
     * @param reader gets it, and does not keep it
     * @throws IllegalStateException if it is closed
     */
    public synchronized void show(long start, int length, Consumer<ByteBuffer> reader) {
        reader.accept(view.window(start, length));
    }

    /** Returns whether a guest of this memory could read all of a range. */
    public boolean isReadable(long start, long length) {
        return rights.unreadable().first(start, length) < 0;
    }

    /** Returns how far it reaches from guest-physical address 0, in bytes; zero beyond it. */
    public long length() {
        return length;
    }

    /** Returns how much memory of the host it takes, in bytes. */
    public long bytes() {
        return bytes;
    }

    PageRights rights() {
        return rights;
    }

    /** Closes it; guests whose memory began with it are not concerned. */
    @Override
    public synchronized void close() {
        closed = true;
        view.close();
        file.close();
        if (pages != null) {
            pages.close();
        }
    }
}
