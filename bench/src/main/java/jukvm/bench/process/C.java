package jukvm.bench.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import jukvm.error.HostException;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libc that only measuring needs, by their own names, bound by JNA. Those of
 * {@code posix_spawn} return an error number, the others -1 and leave it to {@link #check}.
 * Addresses are host addresses; a wrong one kills the JVM. All may be called from any thread.
 *
 * <p>Source: posix_spawn(3) and section 2 of the manual; glibc 2.34 and later, on x86-64.
 */
final class C {
    static final int ACTIONS_SIZE = 80;
    static final int ATTRIBUTES_SIZE = 336;
    static final int SIGSET_SIZE = 128;
    static final short POSIX_SPAWN_SETPGROUP = 0x2;
    static final short POSIX_SPAWN_SETSIGDEF = 0x4;
    static final short POSIX_SPAWN_SETSIGMASK = 0x8;

    static final int O_RDONLY = 0;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int MFD_CLOEXEC = 1;
    static final int EPERM = 1;
    static final int EINTR = 4;

    static {
        Native.register(C.class, "c");
    }

    private C() {}

    /** Returns a result, or throws if it is -1. */
    static int check(String operation, int result) {
        return check(operation, result, "");
    }

    /** Returns a result, or throws if it is -1, with what brings it about if EPERM was refused. */
    static int check(String operation, int result, String ifNotPermitted) {
        if (result < 0) {
            int errno = Native.getLastError();
            throw refused(operation, errno, errno == EPERM ? ifNotPermitted : "");
        }
        return result;
    }

    /** Throws unless an error number is 0. */
    static void checkNumber(String operation, int errno) {
        if (errno != 0) {
            throw refused(operation, errno, "");
        }
    }

    private static HostException refused(String operation, int errno, String remedy) {
        return new HostException(operation, strerror(errno), errno, remedy);
    }

    static native String strerror(int errno);

    static native int posix_spawn_file_actions_init(Memory actions);

    static native int posix_spawn_file_actions_adddup2(Memory actions, int fd, int target);

    static native int posix_spawn_file_actions_addclosefrom_np(Memory actions, int from);

    static native int posix_spawn_file_actions_destroy(Memory actions);

    static native int posix_spawnattr_init(Memory attributes);

    static native int posix_spawnattr_setflags(Memory attributes, short flags);

    static native int posix_spawnattr_setsigmask(Memory attributes, Memory signals);

    static native int posix_spawnattr_setsigdefault(Memory attributes, Memory signals);

    static native int posix_spawn(
            int[] pid, Pointer path, Memory actions, Memory attributes, Pointer argv, Pointer env);

    static native int pipe2(int[] ends, int flags);

    static native int memfd_create(String name, int flags);

    static native int open(String path, int flags);

    static native int close(int fd);

    static native int read(int fd, long address, long length);

    static native int pread(int fd, Pointer to, long length, long offset);

    static native int ioctl(int fd, long request, int[] argument);

    static native int poll(Memory descriptors, long count, int millis);

    static native int kill(int pid, int signal);

    static native int waitpid(int pid, int[] status, int options);

    static native int syscall(long number, int pid, int flags);

    static native int fdatasync(int fd);

    static native int posix_fadvise(int fd, long offset, long length, int advice);

    static native int unshare(int flags);

    static native int setns(int fd, int type);

    static native int mount(
            @Nullable String source,
            String target,
            @Nullable String type,
            long flags,
            @Nullable Pointer data);

    static native int umount2(String target, int flags);
}
