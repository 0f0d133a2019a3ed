package jukvm.sandbox;

import java.util.List;
import java.util.Set;
import jukvm.host.Layer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * Seals this process, for good: all of its threads, and what it is about to open. To be done when
 * everything is open that is written, and before hostile code runs. Source: prctl(2), seccomp(2).
 */
public final class Sandbox {
    private static final Libc LIBC = Libc.get();

    /** How long a file may become if nothing is to be said about it. */
    public static final long ANY_LENGTH = -1;

    // Asked for where a JVM records what it loads, and at its end starts another that keeps it.
    private static final boolean IS_REHEARSED = Boolean.getBoolean("jukvm.seal.rehearsed");

    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_GET_ACTION_AVAIL = 2;
    private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    private static final int SYS_GETPID = 39;
    private static final int SYS_PRCTL = 157;
    private static final int SYS_SECCOMP = 317;

    private static volatile boolean startsPrograms = true;

    private Sandbox() {}

    /**
     * Seals the process as far as the host lets it. With the system property {@code
     * jukvm.seal.rehearsed} it does all but that, and says that nothing holds.
     *
     * @param uses what it is to be able to do beyond running a guest
     * @param longest how long a file that it writes may become, in bytes; or {@link #ANY_LENGTH}
     * @param readable files and folders that the JVM reads from, beyond its own and the host's
     *     libraries; those that there are
     */
    public static Seal seal(Set<Use> uses, long longest, List<String> readable) {
        try (SealParts parts = new SealParts(uses, readable)) {
            return seal(parts, uses, longest);
        }
    }

    /** Seals the process with what was made for these uses. */
    static Seal seal(SealParts parts, Set<Use> uses, long longest) {
        Seal seal = new Seal(null);
        seal.add(Layer.NO_NEW_PRIVS, keepPrivileges());
        seal.add(Layer.LIMITS, ProcessLimits.lower(uses, longest));
        seal.add(Layer.LANDLOCK, parts.rules.restrict());
        seal.add(Layer.FILTER, refuseOthers(parts.filter));
        return seal;
    }

    /**
     * Takes from a process what it does not need as an embedder's, as far as the host lets it:
     * files and descriptors may be as long and many as they like, and no thread is in Landlock.
     *
     * @param uses what it is to be able to do
     */
    public static Seal harden(Set<Use> uses) {
        Seal seal = new Seal(null);
        seal.add(Layer.NO_NEW_PRIVS, keepPrivileges());
        seal.add(Layer.LIMITS, ProcessLimits.refuseCores());
        seal.add(Layer.NOT_DUMPABLE, failure("prctl", seal(SYS_PRCTL, PR_SET_DUMPABLE, 0, 0, 0)));
        try (FilterProgram program = FilterProgram.refusing(uses)) {
            seal.add(Layer.FILTER, refuseOthers(program));
        }
        return seal;
    }

    private static String refuseOthers(FilterProgram program) {
        String failure = filter(program);
        if (failure.isEmpty()) {
            startsPrograms = false;
        }
        return failure;
    }

    /** Returns whether this process has not given up to start programs. */
    public static boolean startsPrograms() {
        return startsPrograms;
    }

    /**
     * Refuses nothing but to start processes, and notes what else {@link #seal} would have refused:
     * {@link Seal#wouldRefuse}.
     *
     * @param uses as for {@link #seal}
     * @throws jukvm.error.HostException if the host has no memory or descriptors for it
     */
    public static Seal log(Set<Use> uses) {
        RefusalLog log = RefusalLog.begin();
        Seal seal = new Seal(log);
        seal.add(Layer.NO_NEW_PRIVS, keepPrivileges());
        try (FilterProgram program =
                new FilterProgram(uses, process(), FilterProgram.RET_TRAP, log.page())) {
            seal.add(Layer.FILTER, filter(program));
        }
        return seal;
    }

    /** Returns what this host has of what {@link #seal} does, without doing it. */
    public static Seal available() {
        Seal seal = new Seal(null);
        seal.add(Layer.NO_NEW_PRIVS, "");
        seal.add(Layer.LIMITS, "");
        // Any address would do that there is nothing at.
        long result = LIBC.syscall(SYS_SECCOMP, SECCOMP_GET_ACTION_AVAIL, 0, 0, 0, 0);
        boolean isKnown = result == -Errno.EFAULT;
        seal.add(Layer.FILTER, isKnown ? "" : failure("seccomp", result));
        seal.add(Layer.LANDLOCK, Landlock.isMissing());
        return seal;
    }

    /** Returns the number of this process. */
    static int process() {
        return (int) LIBC.syscall(SYS_GETPID, 0, 0, 0, 0, 0);
    }

    static String keepPrivileges() {
        return failure("prctl", seal(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0));
    }

    private static String filter(FilterProgram program) {
        int flags = SECCOMP_FILTER_FLAG_TSYNC;
        long result = seal(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, flags, program.address(), 0);
        return result > 0
                ? "seccomp: thread " + result + " has a filter of its own"
                : failure("seccomp", result);
    }

    /** Makes a call that takes something from this process for good, but not in a rehearsal. */
    static long seal(long number, long a, long b, long c, long d) {
        return IS_REHEARSED ? -Errno.EPERM : LIBC.syscall(number, a, b, c, d, 0);
    }

    /** Returns what a call of a name failed with, empty if it did not. */
    static String failure(String operation, long result) {
        return result < 0 ? operation + ": " + Errno.describe((int) -result) : "";
    }
}
