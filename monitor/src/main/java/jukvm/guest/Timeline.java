package jukvm.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * When the phases of a run ended, by {@link System#nanoTime}; 0 for a phase that was not reached.
 *
 * @param requested the run was asked for
 * @param imageRead the image had been read and checked; equal to {@code requested} if that was
 *     before
 * @param vmReady VM and vCPU were there
 * @param laidOut the image, tables and boot info were in guest memory
 * @param entered just before the first KVM_RUN
 * @param firstHypercall the first hypercall arrived
 * @param firstConsoleByte the first console output had been written
 * @param halted the guest had left for the last time
 * @param freed all of it was with the host again; where VMs are kept, nothing of the guest's was in
 *     use any more, and its VM is cleaned or freed after this
 */
public record Timeline(
        long requested,
        long imageRead,
        long vmReady,
        long laidOut,
        long entered,
        long firstHypercall,
        long firstConsoleByte,
        long halted,
        long freed) {
    /**
     * A phase that came to its end.
     *
     * @param name what had been done then, as in {@code guest laid out}
     * @param nanos that it took, from the end of the one before
     */
    public record Phase(String name, long nanos) {
        /** Returns both, in milliseconds. */
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %.3f ms", name, nanos / 1e6);
        }
    }

    /**
     * Returns the phases from the request on, in order. One that was not reached is not among them;
     * its time belongs to the next that was.
     */
    public List<Phase> phases() {
        List<Phase> phases = new ArrayList<>();
        long last = requested;
        last = add(phases, "image read", last, imageRead);
        last = add(phases, "VM ready", last, vmReady);
        last = add(phases, "guest laid out", last, laidOut);
        last = add(phases, "vCPU entered", last, entered);
        last = add(phases, "first hypercall", last, firstHypercall);
        last = add(phases, "first console byte", last, firstConsoleByte);
        last = add(phases, "guest ended", last, halted);
        add(phases, "resources freed", last, freed);
        return phases;
    }

    private static long add(List<Phase> phases, String name, long from, long to) {
        if (to == 0) {
            return from;
        }
        phases.add(new Phase(name, to - from));
        return to;
    }

    /** Returns the phases with their durations in milliseconds, in a line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Phase phase : phases()) {
            text.append(phase).append(", ");
        }
        return text.append(new Phase("start to exit", startToExit())).toString();
    }

    /**
     * Returns the time from the first KVM_RUN to the guest's end in nanoseconds; 0 if it never ran.
     */
    public long bootToExit() {
        return entered == 0 ? 0 : halted - entered;
    }

    /** Returns the time from the request to the guest's end in nanoseconds. */
    public long startToExit() {
        return halted - requested;
    }
}
