package jukvm.daemon;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Whether the process of a client is stopped, which it cannot tell by itself after a SIGSTOP. Of
 * one that cannot be seen from here it is not known. Used by one thread at a time. Source:
 * proc_pid_stat(5).
 */
final class ClientState implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    // Number, name in parentheses of at most 64 bytes, and state.
    private static final int LONGEST = 128;
    private static final int AFTER_NAME = 2;

    private final Fd file;
    private final Mapping arena = Mapping.anonymous(LONGEST);

    private ClientState(Fd file) {
        this.file = file;
    }

    /**
     * Returns that of a process that is there now.
     *
     * @throws HostException if it cannot be seen
     */
    static ClientState of(int pid) {
        // The open file stays that of this process, whoever has the number later.
        return new ClientState(Fd.open("/proc/" + pid + "/stat", Libc.O_RDONLY));
    }

    /** Returns whether it is stopped; not if it has ended. */
    boolean isStopped() {
        long length = LIBC.pread(file.number(), arena.address(), LONGEST, 0);
        ByteBuffer at = arena.window(0, LONGEST);
        int end = (int) length - 1 - AFTER_NAME;
        while (end >= 0 && at.get(end) != ')') {
            end--;
        }
        return end >= 0 && at.get(end + AFTER_NAME) == 'T';
    }

    @Override
    public void close() {
        file.close();
        arena.close();
    }
}
