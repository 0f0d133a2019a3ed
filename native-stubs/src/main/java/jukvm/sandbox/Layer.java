package jukvm.sandbox;

/** What a sandbox is made of, each of which holds by itself. */
public enum Layer {
    /** No program that this process executes has more rights than it (prctl(2)). */
    NO_NEW_PRIVS,

    /** No core file, no longer file than is needed, a handful of descriptors more (prlimit(2)). */
    LIMITS,

    /** Only the system calls of the table pass, on all threads (seccomp(2)). */
    FILTER,

    /** The guest's threads read what the JVM needs, and write nothing by name (landlock(7)). */
    LANDLOCK
}
