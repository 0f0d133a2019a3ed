package jukvm.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.stream.NonBlockingOutput;

/**
 * Two ends of something that bytes pass through, as a command gets one end of it from whoever
 * starts it: neither is opened with O_NONBLOCK. Source: linux/tty ioctls, asm-generic/ioctls.h.
 */
public record Endpoints(Fd written, Fd read) implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int SYS_SOCKETPAIR = 53;
    private static final int SYS_MKNOD = 133;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int S_IFIFO = 0x1000;
    private static final int READ_AND_WRITE = 0600;
    private static final long TIOCSPTLCK = 0x40045431L;

    /** Kinds of it. */
    public enum Kind {
        PIPE,
        FIFO,
        TERMINAL,
        SOCKET
    }

    public static Endpoints of(Kind kind, Path dir) {
        return switch (kind) {
            case PIPE -> pair(Libc.SYS_PIPE2, Libc.O_CLOEXEC);
            case FIFO -> fifo(dir.resolve("fifo").toString());
            case TERMINAL -> terminal();
            case SOCKET -> socketPair();
        };
    }

    private static Endpoints pair(long call, int flags) {
        try (Mapping pair = Mapping.anonymous(Long.BYTES)) {
            check(LIBC.syscall(call, pair.address(), flags, 0, 0, 0));
            return ends(pair);
        }
    }

    private static Endpoints socketPair() {
        try (Mapping pair = Mapping.anonymous(Long.BYTES)) {
            check(LIBC.syscall(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, pair.address(), 0));
            return ends(pair);
        }
    }

    private static Endpoints ends(Mapping pair) {
        ByteBuffer at = pair.window(0, Long.BYTES);
        return new Endpoints(
                Fd.of(at.getInt(4), "written", "open"), Fd.of(at.getInt(0), "read", "open"));
    }

    private static Endpoints fifo(String path) {
        byte[] name = (path + '\0').getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (Mapping text = Mapping.anonymous(name.length)) {
            text.window(0, name.length).put(name);
            check(LIBC.syscall(SYS_MKNOD, text.address(), S_IFIFO | READ_AND_WRITE, 0, 0, 0));
        }
        Fd read = Fd.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
        return new Endpoints(Fd.open(path, Libc.O_WRONLY), read);
    }

    private static Endpoints terminal() {
        Fd master = Fd.open("/dev/ptmx", Libc.O_RDWR | Libc.O_NOCTTY);
        try (Mapping number = Mapping.anonymous(Integer.BYTES)) {
            master.ioctl("TIOCSPTLCK", TIOCSPTLCK, number.address());
            master.ioctl("TIOCGPTN", NonBlockingOutput.TIOCGPTN, number.address());
            int index = number.window(0, Integer.BYTES).getInt(0);
            return new Endpoints(Fd.open("/dev/pts/" + index, Libc.O_RDWR | Libc.O_NOCTTY), master);
        }
    }

    private static void check(long result) {
        if (result < 0) {
            throw new IllegalStateException("errno " + -result);
        }
    }

    /** Returns the flags that whoever has the written end shares. */
    public int flags() {
        return LIBC.fcntl(written.number(), Libc.F_GETFL, 0);
    }

    /** Returns how many bytes wait to be read. */
    public int waiting() {
        try (Mapping count = Mapping.anonymous(Integer.BYTES)) {
            read.ioctl("FIONREAD", Libc.FIONREAD, count.address());
            return count.window(0, Integer.BYTES).getInt(0);
        }
    }

    /** Reads what there is, up to a number of bytes; waits for the first. */
    public int take(Mapping into, int length) {
        return (int) LIBC.read(read.number(), into.address(), length);
    }

    @Override
    public void close() {
        written.close();
        read.close();
    }
}
