package jukvm.bench.process;

import com.sun.jna.Memory;

/**
 * What is done in a new process before it becomes another program; not by the JDK, whose helper
 * process takes a millisecond. It leads a process group of its own, so that what the terminal sends
 * to the JVM's does not reach it; no signal is blocked or ignored, though the JVM ignores some; it
 * has the three standard streams and no other descriptor, though the JVM may have some that are not
 * close-on-exec. Used by one thread. Source: posix_spawn(3).
 */
final class Spawn implements AutoCloseable {
    // The first descriptor that is no standard stream.
    private static final int FIRST_OTHER = 3;

    // The same for all: opened or filled in once, then only read.
    private static final int NOTHING =
            C.check("/dev/null: open", C.open("/dev/null", C.O_RDONLY | C.O_CLOEXEC));
    private static final Memory ATTRIBUTES = attributes();

    private final Memory actions = new Memory(C.ACTIONS_SIZE);

    /**
     * Connects the standard streams, the input to nothing. The descriptors' own numbers are higher:
     * if the JVM was started without those three, files of its own have taken them.
     */
    Spawn(int out, int errors) {
        C.checkNumber("posix_spawn", C.posix_spawn_file_actions_init(actions));
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, NOTHING, 0));
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, out, 1));
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, errors, 2));
        C.checkNumber(
                "closefrom", C.posix_spawn_file_actions_addclosefrom_np(actions, FIRST_OTHER));
    }

    private static Memory attributes() {
        Memory attributes = new Memory(C.ATTRIBUTES_SIZE);
        try (Memory signals = new Memory(C.SIGSET_SIZE)) {
            C.checkNumber("posix_spawnattr_init", C.posix_spawnattr_init(attributes));
            signals.clear();
            C.checkNumber("signals", C.posix_spawnattr_setsigmask(attributes, signals));
            signals.setMemory(0, C.SIGSET_SIZE, (byte) -1);
            C.checkNumber("signals", C.posix_spawnattr_setsigdefault(attributes, signals));
        }
        int flags = C.POSIX_SPAWN_SETPGROUP | C.POSIX_SPAWN_SETSIGDEF | C.POSIX_SPAWN_SETSIGMASK;
        C.checkNumber("flags", C.posix_spawnattr_setflags(attributes, (short) flags));
        return attributes;
    }

    /** Starts a program; returns its process id. */
    int start(Program program) {
        int[] pid = new int[1];
        C.checkNumber("posix_spawn " + program, program.start(pid, actions, ATTRIBUTES));
        return pid[0];
    }

    @Override
    public void close() {
        C.posix_spawn_file_actions_destroy(actions);
        actions.close();
    }
}
