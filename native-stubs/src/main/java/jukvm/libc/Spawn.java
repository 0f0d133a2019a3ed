package jukvm.libc;

import java.nio.ByteBuffer;
import jukvm.error.HostException;

/**
 * What is done in a new process before it becomes another program. It leads a process group of its
 * own, so that what the terminal sends to the JVM's does not reach it; no signal is blocked or
 * ignored, though the JVM ignores some; it has the three standard streams and no other descriptor,
 * though the JVM may have some open that are not close-on-exec. Source: posix_spawn(3).
 *
 * <p>Used by one thread.
 */
public final class Spawn implements AutoCloseable {
    /** Bytes of memory that it needs. */
    public static final int SIZE = SpawnLibc.ACTIONS_SIZE;

    private static final SpawnLibc SPAWN = SpawnLibc.get();

    // Where a program expects its streams, and the first descriptor that is none of them.
    private static final int FIRST_OTHER = 3;

    // The attributes are the same for all: filled in once, then only read.
    private static final Mapping ATTRIBUTES = attributes();

    private final long actions;

    /**
     * Connects the standard streams, numbers 0 to 2 in this order. The descriptors' own numbers are
     * higher: if the JVM was started without those three, files of its own have taken them.
     *
     * @param memory host address of {@link #SIZE} bytes that it keeps until it is closed
     * @throws HostException if the host has no memory for it
     */
    public Spawn(long memory, Fd in, Fd out, Fd err) {
        actions = memory;
        check("posix_spawn_file_actions_init", SPAWN.actionsInit(actions));
        try {
            connect(in, 0);
            connect(out, 1);
            connect(err, 2);
            int result = SPAWN.actionsAddCloseFrom(actions, FIRST_OTHER);
            check("posix_spawn_file_actions_addclosefrom_np", result);
        } catch (HostException e) {
            close();
            throw e;
        }
    }

    private void connect(Fd fd, int target) {
        int result = SPAWN.actionsAddDup2(actions, fd.number(), target);
        check("posix_spawn_file_actions_adddup2", result);
    }

    /**
     * Starts a program.
     *
     * @param pid host address of where its process id is stored, 32 bits
     * @param path host address of the program's path
     * @param argv host address of its arguments
     * @param environment host address of its environment
     * @return 0 or the negated errno
     */
    public int start(long pid, long path, long argv, long environment) {
        return SPAWN.spawn(pid, path, actions, ATTRIBUTES.address(), argv, environment);
    }

    @Override
    public void close() {
        SPAWN.actionsDestroy(actions);
    }

    private static Mapping attributes() {
        int none = SpawnLibc.ATTRIBUTES_SIZE;
        int all = none + SpawnLibc.SIGSET_SIZE;
        Mapping memory = Mapping.anonymous(all + SpawnLibc.SIGSET_SIZE);
        ByteBuffer at = memory.window(0, memory.length());
        for (int i = 0; i < SpawnLibc.SIGSET_SIZE; i++) {
            at.put(all + i, (byte) -1);
        }
        long attributes = memory.address();
        check("posix_spawnattr_init", SPAWN.attributesInit(attributes));
        check(
                "posix_spawnattr_setsigmask",
                SPAWN.attributesSetSignalMask(attributes, attributes + none));
        check(
                "posix_spawnattr_setsigdefault",
                SPAWN.attributesSetSignalDefault(attributes, attributes + all));
        int flags =
                SpawnLibc.POSIX_SPAWN_SETPGROUP
                        | SpawnLibc.POSIX_SPAWN_SETSIGDEF
                        | SpawnLibc.POSIX_SPAWN_SETSIGMASK;
        check("posix_spawnattr_setflags", SPAWN.attributesSetFlags(attributes, (short) flags));
        return memory;
    }

    private static void check(String operation, int result) {
        if (result < 0) {
            throw Errno.exception(operation, -result);
        }
    }
}
