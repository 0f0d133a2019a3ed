package jukvm.guest;

/** What a guest can be given only so much of. */
public enum Limit {
    /** Time its vCPU's thread has spent on a processor, in nanoseconds. */
    CPU_TIME("ns of CPU time"),

    /** What it prints, in bytes. */
    CONSOLE("bytes of console output"),

    /** Hypercalls in a second. */
    HYPERCALL_RATE("hypercalls a second"),

    /** Memory of the host that it has made its own by writing to it, in bytes. */
    MEMORY("bytes of resident memory");

    private final String unit;

    Limit(String unit) {
        this.unit = unit;
    }

    /** Returns what the limit is counted in, as in {@code bytes of console output}. */
    public String unit() {
        return unit;
    }
}
