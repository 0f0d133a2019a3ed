package jukvm.sandbox;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A set of rules that give rights to files by their place, for the calling thread and those that it
 * starts. Used by one thread at a time. Source: landlock(7), linux/landlock.h.
 *
 * <pre>
 * landlock_ruleset_attr         handled_access_fs u64 @0   handled_access_net u64 @8   scoped u64 @16
 * landlock_path_beneath_attr    allowed_access u64 @0   parent_fd i32 @8   (packed)
 * </pre>
 */
final class Landlock implements AutoCloseable {
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

    // What the kernel made of it: its descriptor, or a negated errno.
    private final int rules;

    private Landlock(long version, long files) {
        rules = version < 0 ? (int) version : create(version, files);
    }

    /** Returns why the host has none, empty if it has. */
    static String isMissing() {
        return Sandbox.failure("landlock", version());
    }

    private static long version() {
        return LIBC.syscall(SYS_CREATE_RULESET, 0, 0, VERSION, 0, 0);
    }

    /**
     * Makes the rules of a process that is to be sealed.
     *
     * @param readable what may be read beyond the host's libraries
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    static Landlock of(Set<Use> uses, List<String> readable) {
        long version = version();
        boolean isForAll = uses.contains(Use.WRITING);
        long files = isForAll ? 0 : all(version);
        if (uses.contains(Use.LISTENING)) {
            files &= ~REMOVE_FILE;
        }
        Landlock made = new Landlock(version, files);
        if (!isForAll) {
            made.allowHost(READ_FILE | READ_DIR);
            made.allow(readable, READ_FILE | READ_DIR);
        }
        return made;
    }

    /**
     * Makes the rules of a thread and the processes that it starts.
     *
     * @param readable what may be read and executed, beyond the host's libraries
     * @param writable what may be changed in whatever way
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    static Landlock jail(List<String> readable, List<String> writable) {
        long version = version();
        long all = all(version);
        Landlock made = new Landlock(version, all);
        made.allowHost(READ_FILE | READ_DIR | EXECUTE);
        made.allow(readable, READ_FILE | READ_DIR | EXECUTE);
        made.allow(writable, all);
        return made;
    }

    /**
     * Restricts the calling thread. Descriptors that are open keep their rights.
     *
     * @return what failed, empty if nothing did
     */
    String restrict() {
        long result = rules < 0 ? rules : Sandbox.seal(SYS_RESTRICT_SELF, rules, 0, 0, 0);
        return Sandbox.failure("landlock", result);
    }

    @Override
    public void close() {
        if (rules >= 0) {
            LIBC.close(rules);
        }
    }

    private static int create(long version, long files) {
        try (Mapping arena = Mapping.anonymous(RULESET)) {
            ByteBuffer at = arena.window(0, RULESET);
            at.putLong(0, files);
            at.putLong(NET, version >= WITH_NET ? BIND_AND_CONNECT_TCP : 0);
            at.putLong(SCOPED, version >= WITH_SCOPES ? ABSTRACT_UNIX_SOCKET : 0);
            long size = version >= WITH_SCOPES ? RULESET : version >= WITH_NET ? SCOPED : NET;
            return (int) LIBC.syscall(SYS_CREATE_RULESET, arena.address(), size, 0, 0, 0);
        }
    }

    private static long all(long version) {
        long all = FIRST;
        all |= version >= WITH_REFER ? REFER : 0;
        all |= version >= WITH_TRUNCATE ? TRUNCATE : 0;
        all |= version >= WITH_IOCTL_DEV ? IOCTL_DEV : 0;
        return all;
    }

    private void allowHost(long rights) {
        allow(FOLDERS, rights);
        allow(FILES, READ_FILE);
    }

    // What is not there cannot be read, either.
    private void allow(List<String> paths, long rights) {
        if (rules < 0) {
            return;
        }
        try (Mapping arena = Mapping.anonymous(RULESET)) {
            ByteBuffer at = arena.window(0, RULESET);
            for (String path : paths) {
                int fd = LIBC.open(path, Libc.O_PATH | Libc.O_CLOEXEC);
                if (fd >= 0) {
                    at.putLong(0, rights).putInt(PARENT, fd);
                    if (add(arena) == -Errno.EINVAL) { // It is no folder.
                        at.putLong(0, rights & OF_FILES);
                        add(arena);
                    }
                    LIBC.close(fd);
                }
            }
        }
    }

    private int add(Mapping arena) {
        return (int) LIBC.syscall(SYS_ADD_RULE, rules, PATH_BENEATH, arena.address(), 0, 0);
    }
}
