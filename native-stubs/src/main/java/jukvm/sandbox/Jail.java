package jukvm.sandbox;

import java.util.List;
import jukvm.host.Layer;
import jukvm.libc.Libc;

/**
 * What the calling thread, and the processes that it starts from now on, may do at most: all of
 * their threads have it from their first instruction. It is taken for good. Source: prctl(2),
 * unshare(2), landlock(7).
 */
public final class Jail {
    private static final Libc LIBC = Libc.get();
    private static final int SYS_UNSHARE = 272;
    private static final int CLONE_NEWUTS = 0x04000000;
    private static final int CLONE_NEWIPC = 0x08000000;
    private static final int CLONE_NEWNET = 0x40000000;

    private Jail() {}

    /**
     * Enters it, as far as the host lets the thread. Where it may, the thread has a network of its
     * own in which there is nothing.
     *
     * @param readable files and folders that may be read and executed, beyond the host's libraries
     * @param writable files and folders that may be read, and changed in whatever way
     * @return how far that went
     */
    public static Seal enter(List<String> readable, List<String> writable) {
        Seal seal = new Seal(null);
        // First, since it takes rights that the next gives up.
        LIBC.syscall(SYS_UNSHARE, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, 0, 0, 0, 0);
        seal.add(Layer.NO_NEW_PRIVS, Sandbox.keepPrivileges());
        try (Landlock rules = Landlock.jail(readable, writable)) {
            seal.add(Layer.LANDLOCK, rules.restrict());
        }
        return seal;
    }
}
