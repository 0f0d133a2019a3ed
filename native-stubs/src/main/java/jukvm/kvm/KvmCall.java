package jukvm.kvm;

import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/** Calls KVM, with {@link Patience}, and says which limit to raise where it refuses. */
final class KvmCall {
    private static final Libc LIBC = Libc.get();

    private KvmCall() {}

    /**
     * Calls ioctl(2).
     *
     * @param operation the request's name, for messages
     * @return the result, zero or more
     * @throws HostException if the kernel refuses, or could not for a second; with what to do
     */
    static int ioctl(Fd fd, String operation, long request, long argument) {
        int result = LIBC.ioctl(fd.number(), request, argument);
        if (result < 0) {
            Patience patience = new Patience();
            while (result < 0 && patience.allows(-result)) {
                result = LIBC.ioctl(fd.number(), request, argument);
            }
        }
        if (result < 0) {
            throw failure(fd.name() + ": " + operation, -result);
        }
        return result;
    }

    /** Returns the exception for a call that KVM refused, with what to do where that is known. */
    static HostException failure(String operation, int errno) {
        return Errno.exception(operation, errno, remedy(errno));
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.EAGAIN ->
                    "KVM makes a thread for each VM, and the host allows no further one: raise"
                            + " ulimit -u or the container's pids.max.";
            case Errno.EINTR ->
                    "Signals kept interrupting it: stop what sends them to this process, a"
                            + " profiler for instance.";
            case Errno.EMFILE -> "Raise the limit on open files (ulimit -n).";
            case Errno.ENFILE -> "Raise the host's limit on open files (sysctl fs.file-max).";
            case Errno.ENOMEM ->
                    "The kernel has no memory for it: raise the container's memory.max, or run"
                            + " fewer guests.";
            case Errno.EPERM, Errno.EACCES, Errno.ENOSYS ->
                    "A seccomp filter or a security module forbids it: allow this container the"
                            + " ioctls of KVM.";
            case Errno.EBUSY ->
                    "Another hypervisor has the processor's virtualisation: stop it, or unload its"
                            + " module.";
            case Errno.EIO -> "KVM has given this VM up: dmesg says why.";
            default -> "";
        };
    }
}
