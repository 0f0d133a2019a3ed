package jukvm.libc;

import jnr.ffi.LibraryLoader;

/** Starting programs through jnr-ffi. */
final class JnrSpawnLibc implements SpawnLibc {
    private final C c = LibraryLoader.create(C.class).load("c");

    @Override
    public int actionsInit(long actions) {
        return -c.posix_spawn_file_actions_init(actions);
    }

    @Override
    public int actionsAddDup2(long actions, int fd, int target) {
        return -c.posix_spawn_file_actions_adddup2(actions, fd, target);
    }

    @Override
    public int actionsAddCloseFrom(long actions, int from) {
        return -c.posix_spawn_file_actions_addclosefrom_np(actions, from);
    }

    @Override
    public int actionsDestroy(long actions) {
        return -c.posix_spawn_file_actions_destroy(actions);
    }

    @Override
    public int attributesInit(long attributes) {
        return -c.posix_spawnattr_init(attributes);
    }

    @Override
    public int attributesSetFlags(long attributes, short flags) {
        return -c.posix_spawnattr_setflags(attributes, flags);
    }

    @Override
    public int attributesSetSignalMask(long attributes, long signals) {
        return -c.posix_spawnattr_setsigmask(attributes, signals);
    }

    @Override
    public int attributesSetSignalDefault(long attributes, long signals) {
        return -c.posix_spawnattr_setsigdefault(attributes, signals);
    }

    @Override
    public int spawn(
            long pid, long path, long actions, long attributes, long argv, long environment) {
        return -c.posix_spawn(pid, path, actions, attributes, argv, environment, 0);
    }

    /**
     * The natives, with C's names; public because jnr-ffi implements it in another package.
     *
     * <p>posix_spawn has six parameters, the last of which would arrive as garbage, as {@link
     * JnrLibc} says: hence a seventh, which nobody reads.
     */
    public interface C {
        int posix_spawn_file_actions_init(long actions);

        int posix_spawn_file_actions_adddup2(long actions, int fd, int target);

        int posix_spawn_file_actions_addclosefrom_np(long actions, int from);

        int posix_spawn_file_actions_destroy(long actions);

        int posix_spawnattr_init(long attributes);

        int posix_spawnattr_setflags(long attributes, short flags);

        int posix_spawnattr_setsigmask(long attributes, long signals);

        int posix_spawnattr_setsigdefault(long attributes, long signals);

        int posix_spawn(
                long pid,
                long path,
                long actions,
                long attributes,
                long argv,
                long environment,
                long unused);
    }
}
