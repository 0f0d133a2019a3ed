package jukvm.libc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.HostException;

/**
 * A mapping of host memory, unmapped on close.
 *
 * <p>Buffers taken from it must not be used after {@link #close()}: the JVM would die. Owners drop
 * theirs first.
 */
public final class Mapping implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int PAGE = 4096;

    private final long address;
    private final long length;
    private final long guarded;
    private final long guardedLength;
    private boolean closed;

    private Mapping(long address, long length, long guarded, long guardedLength) {
        this.address = address;
        this.length = length;
        this.guarded = guarded;
        this.guardedLength = guardedLength;
    }

    /**
     * Maps zeroed private memory, backed only where it is touched.
     *
     * @param length in bytes
     * @throws HostException if the host has no address space or memory for it
     */
    public static Mapping anonymous(long length) {
        int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        long address = map(0, length, Libc.PROT_READ_WRITE, flags, -1);
        return new Mapping(address, length, address, length);
    }

    /**
     * Maps zeroed private memory inside a reserved area that faults on every access, so that an
     * offset gone wrong meets the guard and not the heap.
     *
     * @param length of the usable part, in bytes
     * @param before bytes of guard below it
     * @param after bytes from its start to the end of the guard above it; at least {@code length}
     * @throws HostException if the host has no address space or memory for it
     */
    public static Mapping guarded(long length, long before, long after) {
        int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        requireData(length, flags);
        long area = map(0, before + after, Libc.PROT_NONE, flags, -1);
        long inside = area + before;
        long mapped =
                LIBC.mmap(inside, length, Libc.PROT_READ_WRITE, flags | Libc.MAP_FIXED, -1, 0);
        if (mapped < 0) {
            LIBC.munmap(area, before + after);
            throw refused(length, mapped);
        }
        return new Mapping(inside, length, area, before + after);
    }

    // The kernel does not count what takes the place of other pages against the limit on data; the
    // JVM would be refused the next memory of its own instead, and die.
    private static void requireData(long length, int flags) {
        if (LimitOnData.IS_SET) {
            LIBC.munmap(map(0, length, Libc.PROT_READ_WRITE, flags, -1), length);
        }
    }

    /**
     * Maps {@code length} bytes that a descriptor shares with the kernel.
     *
     * @throws HostException if the kernel refuses
     */
    static Mapping shared(int fd, long length) {
        long address = map(0, length, Libc.PROT_READ_WRITE, Libc.MAP_SHARED, fd);
        return new Mapping(address, length, address, length);
    }

    private static long map(long address, long length, int protection, int flags, int fd) {
        long mapped = LIBC.mmap(address, length, protection, flags, fd, 0);
        if (mapped < 0) {
            throw refused(length, mapped);
        }
        return mapped;
    }

    private static HostException refused(long length, long result) {
        return Errno.exception("mmap of " + length + " bytes", (int) -result, remedy());
    }

    // Which of the limits was met the kernel does not say; one that is not set was not.
    private static String remedy() {
        StringBuilder set = new StringBuilder();
        Pattern memory = Pattern.compile("^Max (data size|address space) +(\\d+) ");
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                Matcher limit = memory.matcher(line);
                if (limit.find()) {
                    long kibibytes = Long.parseLong(limit.group(2)) >> 10;
                    boolean isOfData = limit.group(1).equals("data size");
                    set.append(set.isEmpty() ? " that this process has: " : ", ")
                            .append(isOfData ? "data (ulimit -d " : "address space (ulimit -v ")
                            .append(kibibytes)
                            .append(" KiB)");
                }
            }
        } catch (IOException e) {
            // Then all are named.
        }
        return set.isEmpty()
                ? "Free memory, or raise the limits on address space (ulimit -v), data (ulimit -d)"
                        + " and mappings (vm.max_map_count)."
                : "Free memory, or raise the limits" + set + ".";
    }

    /**
     * Returns to the host what backs part of private memory: it is again what the file under it
     * holds, or zero where there is none.
     *
     * @param offset of the first byte, a multiple of the page size
     * @param count in bytes
     * @throws HostException if the host refuses
     */
    public void discard(long offset, long count) {
        long result =
                LIBC.syscall(Libc.SYS_MADVISE, address + offset, count, Libc.MADV_DONTNEED, 0, 0);
        if (result < 0) {
            throw Errno.exception("madvise of " + count + " bytes", (int) -result);
        }
    }

    /**
     * Backs part of private memory before it is touched, if the host can: Linux 5.14.
     *
     * @param offset of the first byte, a multiple of the page size
     * @param count in bytes
     */
    public void populate(long offset, long count) {
        // A host that cannot, or has no memory to spare, backs it when it is touched.
        LIBC.syscall(Libc.SYS_MADVISE, address + offset, count, Libc.MADV_POPULATE_WRITE, 0, 0);
    }

    /**
     * Replaces the beginning of private memory by a private, copy-on-write view of a file.
     *
     * @param file of at least {@code count} bytes that nobody can write, shrink or grow any more
     * @param count in bytes, a multiple of the page size
     * @throws HostException if the host refuses; what was there may be gone then
     */
    public void overlay(Fd file, long count) {
        overlay(0, count, file, 0);
    }

    /**
     * Replaces part of private memory by a private, copy-on-write view of part of a file.
     *
     * @param offset of the first byte here, a multiple of the page size
     * @param count in bytes, a multiple of the page size
     * @param file that nobody can write, shrink or grow as long as this lasts
     * @param from which byte of it on, a multiple of the page size
     * @throws HostException if the host refuses; what was there may be gone then
     */
    public void overlay(long offset, long count, Fd file, long from) {
        int flags = Libc.MAP_PRIVATE | Libc.MAP_FIXED | Libc.MAP_NORESERVE;
        replace(offset, count, flags, file.number(), from);
    }

    /**
     * Replaces private memory by what is written to a file: others see it, and what they write is
     * here.
     *
     * @param file at least as long as this, which nobody can shrink any more
     * @throws HostException if the host refuses; what was there may be gone then
     */
    public void share(Fd file) {
        replace(0, length, Libc.MAP_SHARED | Libc.MAP_FIXED, file.number(), 0);
    }

    /**
     * Replaces the beginning of private memory by zeroed memory.
     *
     * @param count in bytes, a multiple of the page size
     * @throws HostException if the host refuses; what was there may be gone then
     */
    public void blank(long count) {
        int anonymous = Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        replace(0, count, Libc.MAP_PRIVATE | Libc.MAP_FIXED | anonymous, -1, 0);
    }

    private void replace(long offset, long count, int flags, int fd, long from) {
        if (closed || offset < 0 || count > length - offset) {
            throw new IllegalArgumentException(
                    "offset=" + offset + " count=" + count + " length=" + length);
        }
        long at = address + offset;
        long mapped = LIBC.mmap(at, count, Libc.PROT_READ_WRITE, flags, fd, from);
        if (mapped < 0) {
            throw refused(count, mapped);
        }
    }

    /**
     * Returns how much of it the host has in memory, in bytes; from any thread.
     *
     * @param pages where the kernel puts a byte for each page
     * @throws HostException if the host cannot tell, as when it was unmapped meanwhile
     */
    public long resident(Mapping pages) {
        long result = LIBC.syscall(Libc.SYS_MINCORE, address, length, pages.address, 0, 0);
        if (result < 0) {
            throw Errno.exception("mincore of " + length + " bytes", (int) -result);
        }
        ByteBuffer each = pages.window(0, length / PAGE);
        long resident = 0;
        while (each.hasRemaining()) {
            resident += each.get() & 1;
        }
        return resident * PAGE;
    }

    /** Returns the host address of the first byte. */
    public long address() {
        return address;
    }

    /** Returns the length in bytes. */
    public long length() {
        return length;
    }

    /**
     * Returns a little-endian buffer over part of the mapping.
     *
     * @param offset of the first byte
     * @param count in bytes, at most 2 GiB - 1
     */
    public ByteBuffer window(long offset, long count) {
        if (closed) {
            throw new IllegalStateException("mapping is closed");
        }
        if (offset < 0 || count < 0 || count > Integer.MAX_VALUE || offset > length - count) {
            throw new IllegalArgumentException(
                    "offset=" + offset + " count=" + count + " length=" + length);
        }
        return LIBC.buffer(address + offset, (int) count);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LIBC.munmap(guarded, guardedLength);
        }
    }

    /** Asked once, with the first memory of a guest. Source: prlimit(2), struct rlimit. */
    private static final class LimitOnData {
        static final boolean IS_SET = isSet();

        private static final int RLIMIT_DATA = 2;
        private static final int RLIMIT = 16;
        private static final long RLIM_INFINITY = -1;

        private static boolean isSet() {
            try (Mapping limit = anonymous(RLIMIT)) {
                LIBC.syscall(Libc.SYS_PRLIMIT64, 0, RLIMIT_DATA, 0, limit.address, 0);
                long soft = limit.window(0, RLIMIT).getLong(0);
                return soft != 0 && soft != RLIM_INFINITY;
            }
        }
    }
}
