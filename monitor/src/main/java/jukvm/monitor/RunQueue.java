package jukvm.monitor;

import jukvm.control.Admission;

/**
 * Runs guests to completion: so many at a time, the others in order of arrival. As many as there
 * are processors leave none idle, and no guest slows down another; so each is through sooner than
 * if all took turns (HotOS'17, section 4: non-preemptive scheduling). Guests that mostly wait for
 * their network want more at a time, or no queue.
 *
 * <p>Thread-safe. A deadline counts from the submission, so it covers the time in the queue. A
 * queue needs no end; its guests end with their monitor.
 */
public final class RunQueue {
    private final Monitor monitor;
    private final Admission<GuestRun> admission;

    RunQueue(Monitor monitor, int inFlight) {
        this.monitor = monitor;
        this.admission = new Admission<>(inFlight, GuestRun::begin);
    }

    /**
     * Runs a guest when its turn comes, and returns at once. A guest that is stopped, or whose
     * deadline expires, while it waits ends at once and without a VM.
     *
     * @throws jukvm.error.ConfigException as {@link Monitor#start}, like what else it throws
     */
    public GuestRun submit(GuestSpec guest) {
        GuestRun run = monitor.request(guest, null);
        admission.arrive(run);
        var unused = run.end().whenComplete((result, thrown) -> admission.leave(run));
        admission.begin();
        return run;
    }

    /** Returns how many guests wait for their turn. */
    public int waiting() {
        return admission.waiting();
    }
}
