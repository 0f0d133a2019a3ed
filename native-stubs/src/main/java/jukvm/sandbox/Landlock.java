package jukvm.sandbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Rights to files by their place, for the calling thread and those that it starts. Source:
 * landlock(7), linux/landlock.h.
 *
 * <pre>
 * landlock_ruleset_attr         handled_access_fs u64 @0   handled_access_net u64 @8   scoped u64 @16
 * landlock_path_beneath_attr    allowed_access u64 @0   parent_fd i32 @8   (packed)
 * </pre>
 */
final class Landlock {
    private static final Libc LIBC = Libc.get();

    private static final int SYS_CREATE_RULESET = 444;
    private static final int SYS_ADD_RULE = 445;
    private static final int SYS_RESTRICT_SELF = 446;
    private static final int VERSION = 1;
    private static final int PATH_BENEATH = 1;
    private static final int RULESET = 24;
    private static final int NET = 8;
    private static final int SCOPED = 16;
    private static final int PARENT = 8;

    // What each version of the interface knows is refused, unless a rule allows it.
    private static final long EXECUTE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    private static final long REMOVE_FILE = 1 << 5;
    private static final long FIRST = (1 << 13) - 1;
    private static final long REFER = 1 << 13;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;
    private static final long BIND_AND_CONNECT_TCP = 3;
    private static final long ABSTRACT_UNIX_SOCKET = 1;
    private static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;
    private static final int WITH_REFER = 2;
    private static final int WITH_TRUNCATE = 3;
    private static final int WITH_NET = 4;
    private static final int WITH_IOCTL_DEV = 5;
    private static final int WITH_SCOPES = 6;

    // What a JVM may still read: libraries, how it is configured, what the host is and does. The
    // kernel
    // takes no rights to folders for a file: those that are files on every host are asked for as
    // such.
    private static final List<String> FOLDERS =
            List.of(
                    "/lib",
                    "/lib64",
                    "/usr/lib",
                    "/usr/lib64",
                    "/usr/share/zoneinfo",
                    "/proc",
                    "/sys");

    private static final List<String> FILES =
            List.of(
                    "/etc/ld.so.cache",
                    "/etc/localtime",
                    "/etc/timezone",
                    "/dev/null",
                    "/dev/zero",
                    "/dev/random",
                    "/dev/urandom");

    private Landlock() {}

    /** Returns why the host has none, empty if it has. */
    static String isMissing() {
        return Sandbox.failure("landlock", version());
    }

    private static long version() {
        return LIBC.syscall(SYS_CREATE_RULESET, 0, 0, VERSION, 0, 0);
    }

    /**
     * Restricts the calling thread. Descriptors that are open keep their rights.
     *
     * @param readable what may be read beyond the host's libraries
     * @return what failed, empty if nothing did
     */
    static String restrict(Set<Use> uses, List<String> readable) {
        boolean isForAll = uses.contains(Use.WRITING);
        List<Place> places = new ArrayList<>();
        if (!isForAll) {
            addHost(places, READ_FILE | READ_DIR);
            readable.forEach(path -> places.add(new Place(path, READ_FILE | READ_DIR)));
        }
        long version = version();
        long files = isForAll ? 0 : all(version);
        if (uses.contains(Use.LISTENING)) {
            files &= ~REMOVE_FILE;
        }
        return restrict(version, files, places);
    }

    /**
     * Restricts the calling thread, and the processes that it starts.
     *
     * @param readable what may be read and executed, beyond the host's libraries
     * @param writable what may be changed in whatever way
     * @return what failed, empty if nothing did
     */
    static String jail(List<String> readable, List<String> writable) {
        long version = version();
        long all = all(version);
        List<Place> places = new ArrayList<>();
        addHost(places, READ_FILE | READ_DIR | EXECUTE);
        readable.forEach(path -> places.add(new Place(path, READ_FILE | READ_DIR | EXECUTE)));
        writable.forEach(path -> places.add(new Place(path, all)));
        return restrict(version, all, places);
    }

    private record Place(String path, long rights) {}

    private static void addHost(List<Place> places, long rights) {
        FOLDERS.forEach(path -> places.add(new Place(path, rights)));
        FILES.forEach(path -> places.add(new Place(path, READ_FILE)));
    }

    private static String restrict(long version, long files, List<Place> places) {
        if (version < 0) {
            return Sandbox.failure("landlock", version);
        }
        try (Mapping arena = Mapping.anonymous(RULESET)) {
            ByteBuffer at = arena.window(0, RULESET);
            at.putLong(0, files);
            at.putLong(NET, version >= WITH_NET ? BIND_AND_CONNECT_TCP : 0);
            at.putLong(SCOPED, version >= WITH_SCOPES ? ABSTRACT_UNIX_SOCKET : 0);
            long size = version >= WITH_SCOPES ? RULESET : version >= WITH_NET ? SCOPED : NET;
            int rules = (int) LIBC.syscall(SYS_CREATE_RULESET, arena.address(), size, 0, 0, 0);
            if (rules < 0) {
                return Sandbox.failure("landlock", rules);
            }
            for (Place place : places) {
                allow(rules, place, arena);
            }
            long result = Sandbox.seal(SYS_RESTRICT_SELF, rules, 0, 0, 0);
            LIBC.close(rules);
            return Sandbox.failure("landlock", result);
        }
    }

    private static long all(long version) {
        long all = FIRST;
        all |= version >= WITH_REFER ? REFER : 0;
        all |= version >= WITH_TRUNCATE ? TRUNCATE : 0;
        all |= version >= WITH_IOCTL_DEV ? IOCTL_DEV : 0;
        return all;
    }

    // What is not there cannot be read, either.
    private static void allow(int rules, Place place, Mapping arena) {
        int fd = LIBC.open(place.path, Libc.O_PATH | Libc.O_CLOEXEC);
        if (fd < 0) {
            return;
        }
        ByteBuffer at = arena.window(0, RULESET);
        at.putLong(0, place.rights).putInt(PARENT, fd);
        if (add(rules, arena) == -Errno.EINVAL) { // It is no folder.
            at.putLong(0, place.rights & OF_FILES);
            add(rules, arena);
        }
        LIBC.close(fd);
    }

    private static int add(int rules, Mapping arena) {
        return (int) LIBC.syscall(SYS_ADD_RULE, rules, PATH_BENEATH, arena.address(), 0, 0);
    }
}
