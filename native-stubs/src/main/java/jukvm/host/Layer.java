package jukvm.host;

/** What keeps a process in, layer by layer, each of which holds by itself. */
public enum Layer {
    /** No program that this process executes has more rights than it (prctl(2)). */
    NO_NEW_PRIVS,

    /** No core file, no longer file than is needed, a handful of descriptors more (prlimit(2)). */
    LIMITS,

    /** Only the system calls of the table pass, on all threads (seccomp(2)). */
    FILTER,

    /** Its threads read by name what the JVM needs, and write nothing (landlock(7)). */
    LANDLOCK,

    /** It has memory, threads and processors up to the limits of a control group (cgroups(7)). */
    CGROUP,

    /** No other process of its user looks into its memory, as a debugger does (prctl(2)). */
    NOT_DUMPABLE
}
