package jukvm.memory;

import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/**
 * The memory of one guest that another process answers for: a file without a name, for all of which
 * that process has had the kernel set memory aside. So it is charged to the control group of that
 * process, whoever uses it, for as long as it is there.
 *
 * <p>That process has seen the file, and may write to the guest's memory or empty it, but not make
 * the file shorter, which would be the end of this one: its length is sealed before. A VM that had
 * such a guest is not for another. Source: memfd_create(2), fcntl(2) F_ADD_SEALS; the kernel's
 * cgroup-v2, Memory Ownership.
 */
public final class ChargedMemory implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private final Fd file;
    private final long size;

    private ChargedMemory(Fd file, long size) {
        this.file = file;
        this.size = size;
    }

    /**
     * Has memory set aside.
     *
     * @param payer whose process it is charged to
     * @param size in bytes, a multiple of {@link GuestMemory#PAGE}
     * @throws HostException if the payer may not have so much, or is gone
     */
    public static ChargedMemory of(Requester payer, long size) {
        Fd file = Fd.memory("guest");
        try {
            check(size, LIBC.syscall(Libc.SYS_FTRUNCATE, file.number(), size, 0, 0, 0));
            check(size, LIBC.fcntl(file.number(), Libc.F_ADD_SEALS, Libc.F_SEAL_LENGTH));
            check(size, payer.fill(file.number(), size));
            return new ChargedMemory(file, size);
        } catch (HostException e) {
            file.close();
            throw e;
        }
    }

    private static void check(long size, long result) {
        if (result < 0) {
            throw Errno.exception(
                    "guest memory of " + (size >> 20) + " MiB, charged to its container",
                    (int) -result);
        }
    }

    /** Returns its size in bytes. */
    public long size() {
        return size;
    }

    /**
     * Becomes what a guest's memory is, until that is cleared. What was in it is gone.
     *
     * @param memory of the same size
     * @throws HostException if the host refuses
     */
    public void becomeThatOf(GuestMemory memory) {
        if (memory.size() != size) {
            throw new IllegalArgumentException(size + " bytes for " + memory.size());
        }
        memory.clear();
        memory.overlaid = size;
        memory.mapping().share(file);
    }

    /** Closes it; a guest that has it is not concerned. */
    @Override
    public void close() {
        file.close();
    }
}
