package jukvm.io;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.libc.Errno;

/**
 * The process that asked for a run. What the run names is opened with that process's rights, in its
 * directory and its namespaces. Used by one thread at a time.
 *
 * <p>Descriptors and errors are numbers here, for somebody else's process may give them: every
 * function returns zero or more, or a negated errno, ENOSYS where the caller cannot do it. Flags,
 * requests and errors are those of Linux on x86-64.
 */
public interface Requester {
    /** Returns this process itself, which may be used from any thread. */
    static Requester self() {
        return ThisProcess.CALLER;
    }

    /**
     * open(2); close-on-exec is added. It waits as long as that does, as for the reader of a pipe.
     *
     * @param path relative to the caller's directory
     * @param mode of a file that is created, before the caller's umask
     * @return a descriptor of this process
     */
    int open(String path, int flags, int mode);

    /**
     * Opens a socket of the caller's network namespace, to ask for its interfaces or ports.
     *
     * @param domain AF_INET or AF_NETLINK
     * @param type SOCK_DGRAM or SOCK_STREAM
     * @return a descriptor of this process
     */
    int socket(int domain, int type);

    /**
     * Connects a stream socket to one that waits at a path.
     *
     * @param path relative to the caller's directory
     * @return a descriptor of this process
     */
    default int connect(String path) {
        return -Errno.ENOSYS;
    }

    /**
     * Makes a stream socket wait at a path that was free, for one peer; it never blocks.
     *
     * @param path relative to the caller's directory
     * @return a descriptor of this process
     */
    default int listen(String path) {
        return -Errno.ENOSYS;
    }

    /** unlink(2). */
    default int unlink(String path) {
        return -Errno.ENOSYS;
    }

    /**
     * Starts a program in the caller's network namespace, found on its PATH, with its rights and
     * environment, a process group of its own and an empty standard input.
     *
     * @param words its name and its arguments
     * @param errors a descriptor of this process that becomes its standard output and error
     * @param other a descriptor of this process that becomes its third
     * @return a descriptor of this process that is readable once the program has ended; see
     *     pidfd_open(2)
     */
    default int start(List<String> words, int errors, int other) {
        return -Errno.ENOSYS;
    }

    /**
     * Returns a descriptor that the caller has inherited as one of this process; of this process
     * itself it is the same number, open or not.
     *
     * @param number in the caller
     */
    int inherited(int number);

    /**
     * Takes back a descriptor that {@link #inherited} returned and nobody wants. This process's own
     * stays open.
     */
    void giveBack(int fd);

    /**
     * ioctl(2) with the caller's rights, for a request about a network interface.
     *
     * @param fd a descriptor of this process
     * @param argument a direct buffer of 48 bytes, read and written: a struct ifreq and what its
     *     ifr_data points at, if that is a pointer
     */
    int ioctl(int fd, long request, ByteBuffer argument);

    /**
     * Has the kernel set memory aside for a file that is in memory, which is charged to the caller
     * and its limits.
     *
     * @param fd a descriptor of this process
     * @param bytes the length of the file
     */
    default int fill(int fd, long bytes) {
        return -Errno.ENOSYS;
    }

    /** Returns whether what runs for the caller is to be charged to it, by {@link #fill}. */
    default boolean isCharged() {
        return false;
    }

    /** Returns the caller's process, 0 if that is not to be seen from here. */
    default long process() {
        return ProcessHandle.current().pid();
    }

    /** Returns how messages to the caller call what runs in this process. */
    default String thisProcess() {
        return Holder.THIS;
    }
}
