package jukvm.isolation;

import jukvm.error.ConfigException;
import jukvm.sandbox.ControlGroup;
import jukvm.sandbox.ControlGroups;

/**
 * How many workers there are, and what each is given.
 *
 * @param most at a time, those that wait for a guest included
 * @param warm that wait for a guest, where there is room
 * @param guestsEach guests that one runs in its life, at most
 * @param heapBytes of Java heap of each
 * @param keepBytes of guest memory that VMs kept in each may have together
 * @param processors that each may use, 0 for any number
 */
public record WorkerSettings(
        int most, int warm, int guestsEach, long heapBytes, long keepBytes, double processors) {
    // Of a JVM beside its heap, and of the kernel on its behalf.
    private static final long OF_JVM = 256L << 20;

    private static final long MOST_BYTES = 1L << 50;

    // Of its guests at a time, with those of their VMs and rings, and of the JVM.
    private static final int THREADS = 1024;

    /**
     * Makes control groups for workers, as far as the host lets this process.
     *
     * @throws ConfigException if something is limited that they are needed for, and there are none
     */
    ControlGroups groups() {
        ControlGroups groups = ControlGroups.open();
        if (processors > 0 && !groups.boundProcessors()) {
            String why = groups.missing();
            groups.close();
            throw new ConfigException(
                    "processors of a worker need a control group: "
                            + (why.isEmpty() ? "cgroup: there is none of cpu" : why));
        }
        return groups;
    }

    /** Returns what a worker without guests may have; each adds its memory. */
    ControlGroup.Limits limits() {
        long kept = Math.min(heapBytes, MOST_BYTES) + Math.min(keepBytes, MOST_BYTES);
        return new ControlGroup.Limits(kept + OF_JVM, THREADS, processors);
    }
}
