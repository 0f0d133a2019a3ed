package jukvm.libc;

import com.sun.jna.Native;

/** Starting programs through JNA. */
final class JnaSpawnLibc implements SpawnLibc {
    @Override
    public int actionsInit(long actions) {
        return -C.posix_spawn_file_actions_init(actions);
    }

    @Override
    public int actionsAddDup2(long actions, int fd, int target) {
        return -C.posix_spawn_file_actions_adddup2(actions, fd, target);
    }

    @Override
    public int actionsAddCloseFrom(long actions, int from) {
        return -C.posix_spawn_file_actions_addclosefrom_np(actions, from);
    }

    @Override
    public int actionsDestroy(long actions) {
        return -C.posix_spawn_file_actions_destroy(actions);
    }

    @Override
    public int attributesInit(long attributes) {
        return -C.posix_spawnattr_init(attributes);
    }

    @Override
    public int attributesSetFlags(long attributes, short flags) {
        return -C.posix_spawnattr_setflags(attributes, flags);
    }

    @Override
    public int attributesSetSignalMask(long attributes, long signals) {
        return -C.posix_spawnattr_setsigmask(attributes, signals);
    }

    @Override
    public int attributesSetSignalDefault(long attributes, long signals) {
        return -C.posix_spawnattr_setsigdefault(attributes, signals);
    }

    @Override
    public int spawn(
            long pid, long path, long actions, long attributes, long argv, long environment) {
        return -C.posix_spawn(pid, path, actions, attributes, argv, environment);
    }

    /** The natives, with C's names. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        static native int posix_spawn_file_actions_init(long actions);

        static native int posix_spawn_file_actions_adddup2(long actions, int fd, int target);

        static native int posix_spawn_file_actions_addclosefrom_np(long actions, int from);

        static native int posix_spawn_file_actions_destroy(long actions);

        static native int posix_spawnattr_init(long attributes);

        static native int posix_spawnattr_setflags(long attributes, short flags);

        static native int posix_spawnattr_setsigmask(long attributes, long signals);

        static native int posix_spawnattr_setsigdefault(long attributes, long signals);

        static native int posix_spawn(
                long pid, long path, long actions, long attributes, long argv, long environment);
    }
}
