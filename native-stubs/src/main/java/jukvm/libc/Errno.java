package jukvm.libc;

import jukvm.error.HostException;

/** The errors of the host by number. Source: errno(3), Linux on x86-64. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOLCK = 37;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EPROTOTYPE = 91;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;

    private Errno() {}

    /** Returns the name and text of an error, as in {@code ENOENT (No such file or directory)}. */
    public static String describe(int errno) {
        return switch (errno) {
            case 1 -> "EPERM (Operation not permitted)";
            case 2 -> "ENOENT (No such file or directory)";
            case 3 -> "ESRCH (No such process)";
            case 4 -> "EINTR (Interrupted system call)";
            case 5 -> "EIO (Input/output error)";
            case 6 -> "ENXIO (No such device or address)";
            case 7 -> "E2BIG (Argument list too long)";
            case 8 -> "ENOEXEC (Exec format error)";
            case 9 -> "EBADF (Bad file descriptor)";
            case 10 -> "ECHILD (No child processes)";
            case 11 -> "EAGAIN (Resource temporarily unavailable)";
            case 12 -> "ENOMEM (Cannot allocate memory)";
            case 13 -> "EACCES (Permission denied)";
            case 14 -> "EFAULT (Bad address)";
            case 16 -> "EBUSY (Device or resource busy)";
            case 17 -> "EEXIST (File exists)";
            case 19 -> "ENODEV (No such device)";
            case 20 -> "ENOTDIR (Not a directory)";
            case 21 -> "EISDIR (Is a directory)";
            case 22 -> "EINVAL (Invalid argument)";
            case 23 -> "ENFILE (Too many open files in system)";
            case 24 -> "EMFILE (Too many open files)";
            case 25 -> "ENOTTY (Inappropriate ioctl for device)";
            case 26 -> "ETXTBSY (Text file busy)";
            case 27 -> "EFBIG (File too large)";
            case 28 -> "ENOSPC (No space left on device)";
            case 29 -> "ESPIPE (Illegal seek)";
            case 30 -> "EROFS (Read-only file system)";
            case 32 -> "EPIPE (Broken pipe)";
            case 36 -> "ENAMETOOLONG (File name too long)";
            case 37 -> "ENOLCK (No locks available)";
            case 38 -> "ENOSYS (Function not implemented)";
            case 40 -> "ELOOP (Too many levels of symbolic links)";
            case 61 -> "ENODATA (No data available)";
            case 71 -> "EPROTO (Protocol error)";
            case 75 -> "EOVERFLOW (Value too large for defined data type)";
            case 77 -> "EBADFD (File descriptor in bad state)";
            case 84 -> "EILSEQ (Invalid or incomplete multibyte or wide character)";
            case 91 -> "EPROTOTYPE (Protocol wrong type for socket)";
            case 95 -> "EOPNOTSUPP (Operation not supported)";
            case 97 -> "EAFNOSUPPORT (Address family not supported by protocol)";
            case 98 -> "EADDRINUSE (Address already in use)";
            case 99 -> "EADDRNOTAVAIL (Cannot assign requested address)";
            case 100 -> "ENETDOWN (Network is down)";
            case 104 -> "ECONNRESET (Connection reset by peer)";
            case 105 -> "ENOBUFS (No buffer space available)";
            case 110 -> "ETIMEDOUT (Connection timed out)";
            case 111 -> "ECONNREFUSED (Connection refused)";
            case 116 -> "ESTALE (Stale file handle)";
            case 121 -> "EREMOTEIO (Remote I/O error)";
            case 122 -> "EDQUOT (Disk quota exceeded)";
            case 123 -> "ENOMEDIUM (No medium found)";
            default -> "errno " + errno;
        };
    }

    /** Returns the text of an error alone, as in {@code No such file or directory}. */
    public static String text(int errno) {
        String described = describe(errno);
        int at = described.indexOf('(') + 1;
        return at == 0 ? described : described.substring(at, described.lastIndexOf(')'));
    }

    /** Returns the exception for an operation that the kernel refused. */
    public static HostException exception(String operation, int errno) {
        String remedy = errno == EMFILE ? "Raise the limit on open files (ulimit -n)." : "";
        return exception(operation, errno, remedy);
    }

    /** Returns the exception for an operation that the kernel refused, with what to do. */
    public static HostException exception(String operation, int errno, String remedy) {
        return new HostException(operation, describe(errno), errno, remedy);
    }
}
