package jukvm.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.NativeStrings;

/**
 * The standard output of a child, a pipe, and its standard error, a file in memory that it can fill
 * without anybody reading. What the child writes is hostile. Used by one thread.
 */
final class ChildStreams implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    // The first page is for the structs of the child's calls; then what was read and is kept, and
    // where the rest is read to. Only what is touched takes memory.
    private static final int OUTPUT = 4096;
    private static final int ERRORS = OUTPUT + Child.OUTPUT;
    private static final int REST = ERRORS + Child.ERRORS;
    private static final int REST_SIZE = 1 << 16;
    private static final int ARENA = REST + REST_SIZE;

    // Where pipe2 puts two descriptors, and ioctl a count.
    private static final int SCRATCH = 2048;

    private static final NativeStrings NAME = NativeStrings.of(List.of(List.of("stderr")));

    private final Mapping arena;
    private final ByteBuffer at;
    private final Fd reader;
    private final Fd writer;
    private final Fd errors;

    private int kept;
    private long length;
    private long firstByte;
    private boolean ended;

    private ChildStreams(Mapping arena, ByteBuffer at, Fd errors) {
        this.arena = arena;
        this.at = at;
        this.errors = errors;
        int result = (int) LIBC.syscall(Libc.SYS_PIPE2, scratch(), Libc.O_CLOEXEC, 0, 0, 0);
        if (result < 0) {
            throw Errno.exception("pipe2", -result);
        }
        this.reader = Fd.of(at.getInt(SCRATCH), "stdout", "pipe2");
        this.writer = Fd.of(at.getInt(SCRATCH + Integer.BYTES), "stdout", "pipe2");
    }

    /**
     * Opens both.
     *
     * @throws HostException if the host has no descriptors or memory for them
     */
    static ChildStreams open() {
        Mapping arena = Mapping.anonymous(ARENA);
        try {
            long name = NAME.first(0);
            long result = LIBC.syscall(Libc.SYS_MEMFD_CREATE, name, Libc.MFD_CLOEXEC, 0, 0, 0);
            Fd errors = Fd.of((int) result, "stderr", "memfd_create");
            try {
                return new ChildStreams(arena, arena.window(0, ARENA), errors);
            } catch (HostException e) {
                errors.close();
                throw e;
            }
        } catch (HostException e) {
            arena.close();
            throw e;
        }
    }

    /** Returns memory for the structs of calls: 2 KiB at its start are free. */
    ByteBuffer at() {
        return at;
    }

    /** Returns the host address of that memory. */
    long address() {
        return arena.address();
    }

    private long scratch() {
        return arena.address() + SCRATCH;
    }

    /** Returns where the child's output is read. */
    Fd reader() {
        return reader;
    }

    /** Returns where the child writes its output; closed here once the child has it. */
    Fd writer() {
        return writer;
    }

    /** Returns where the child writes its errors. */
    Fd errors() {
        return errors;
    }

    /**
     * Reads some output when there is some or it has ended, which it notes.
     *
     * @throws HostException if the host cannot read
     */
    void read() {
        int room = Child.OUTPUT - kept;
        long to = arena.address() + (room > 0 ? OUTPUT + kept : REST);
        long result;
        do {
            result = LIBC.read(reader.number(), to, room > 0 ? room : REST_SIZE);
        } while (result == -Errno.EINTR);
        if (result < 0) {
            throw Errno.exception("stdout: read", (int) -result);
        }
        if (firstByte == 0 && result > 0) {
            firstByte = System.nanoTime();
        }
        ended = result == 0;
        length += result;
        kept += room > 0 ? (int) result : 0;
    }

    /**
     * Reads what there is and no more, so that a descendant who goes on writing cannot keep us.
     *
     * @throws HostException if the host cannot read
     */
    void drain() {
        reader.ioctl("FIONREAD", Libc.FIONREAD, scratch());
        long end = length + at.getInt(SCRATCH);
        while (length < end && !ended) {
            read();
        }
    }

    /** Returns whether nobody has the pipe open for writing any more. */
    boolean ended() {
        return ended;
    }

    /** Returns {@link System#nanoTime} of the first byte of output, 0 if there was none yet. */
    long firstByte() {
        return firstByte;
    }

    /** Returns how many bytes of output were read. */
    long length() {
        return length;
    }

    /** Returns the output that was kept. */
    String output() {
        return text(OUTPUT, kept);
    }

    /** Returns the beginning of what was written to the standard error. */
    String errorText() {
        long to = arena.address() + ERRORS;
        long count = LIBC.pread(errors.number(), to, Child.ERRORS, 0);
        return text(ERRORS, (int) Math.max(count, 0));
    }

    private String text(int offset, int count) {
        byte[] bytes = new byte[count];
        at.get(offset, bytes);
        return new String(bytes, UTF_8);
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
        errors.close();
        arena.close();
    }
}
