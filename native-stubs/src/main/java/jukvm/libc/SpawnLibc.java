package jukvm.libc;

/**
 * The libc functions that start a program, apart from {@link Libc} because most who use that start
 * none: they are bound when the first is started.
 *
 * <p>Every function returns 0 or the negated error number. Addresses are host addresses; a wrong
 * one kills the JVM. All functions may be called from any thread.
 *
 * <p>Source: posix_spawn(3); spawn.h of glibc 2.34 and later, on x86-64.
 */
public interface SpawnLibc {
    int ACTIONS_SIZE = 80;
    int ATTRIBUTES_SIZE = 336;
    int SIGSET_SIZE = 128;

    short POSIX_SPAWN_SETPGROUP = 0x2;
    short POSIX_SPAWN_SETSIGDEF = 0x4;
    short POSIX_SPAWN_SETSIGMASK = 0x8;

    /** Returns the process-wide binding, the one that {@link Libc#get} has chosen. */
    static SpawnLibc get() {
        return Holder.CHOSEN;
    }

    /** Returns a binding by the name that {@link Libc#name} gives it. */
    static SpawnLibc of(String name) {
        return name.equals("jnr") ? new JnrSpawnLibc() : new JnaSpawnLibc();
    }

    /** posix_spawn_file_actions_init(3) of {@link #ACTIONS_SIZE} bytes. */
    int actionsInit(long actions);

    /** posix_spawn_file_actions_adddup2(3). */
    int actionsAddDup2(long actions, int fd, int target);

    /** posix_spawn_file_actions_addclosefrom_np(3). */
    int actionsAddCloseFrom(long actions, int from);

    /** posix_spawn_file_actions_destroy(3). */
    int actionsDestroy(long actions);

    /** posix_spawnattr_init(3) of {@link #ATTRIBUTES_SIZE} bytes. */
    int attributesInit(long attributes);

    /** posix_spawnattr_setflags(3). */
    int attributesSetFlags(long attributes, short flags);

    /** posix_spawnattr_setsigmask(3) to a set of {@link #SIGSET_SIZE} bytes. */
    int attributesSetSignalMask(long attributes, long signals);

    /** posix_spawnattr_setsigdefault(3) to a set of {@link #SIGSET_SIZE} bytes. */
    int attributesSetSignalDefault(long attributes, long signals);

    /** posix_spawn(3); stores the pid, 32 bits, at the host address {@code pid}. */
    int spawn(long pid, long path, long actions, long attributes, long argv, long environment);

    /** Loads the binding when it is first needed. */
    final class Holder {
        private static final SpawnLibc CHOSEN = of(Libc.get().name());

        private Holder() {}
    }
}
