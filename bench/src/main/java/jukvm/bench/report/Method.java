package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Results;

/** How it was measured, and what may be wrong with it, in sentences. */
final class Method {
    /** How it was measured. */
    static final List<String> MEASURED =
            List.of(
                    "Every system runs the same action: it prints one greeting and ends with status"
                            + " 0. Output and status of every run are checked; what fails is counted"
                            + " and its time is not.",
                    "Latency: one action at a time on the monotonic clock, after some that are not"
                            + " counted. Systems take turns in blocks, in shuffled order, so that"
                            + " what drifts on the host hits all of them. Intervals of medians are"
                            + " 95 %, by bootstrap.",
                    "Peak: so many workers, each asking again as soon as its action is done and"
                            + " verified; cleaning up is within the time. It is repeated, and its"
                            + " median reported.",
                    "Held rates: requests come as a Poisson process whether or not those before are"
                            + " served, and times count from when each was to come. So a stall"
                            + " counts for everyone who had to wait behind it.",
                    "Fetched first: nothing of the action is on the host; its image comes over HTTP"
                            + " from another process. For all else the image is on the local disk"
                            + " and in the page cache. Programs, kernel and a running JVM belong to"
                            + " the platform and are warm. What a system keeps beyond that is said"
                            + " beside its name; kept VMs and snapshots do not count for the bars.");

    private static final double MUCH_STEAL = 2;
    private static final int PAPER_CORES = 4;

    private static final List<String> THREATS =
            List.of(
                    "The paper's hardware, the ends of its intervals and how many actions it ran"
                            + " at once are unknown. Only ratios on one host can be held against"
                            + " it.",
                    "The action has next to no work, and a network only where it answers over HTTP;"
                            + " so these are costs of starting and ending, not of serving.",
                    "Containers depend much on the kernel's settings, most of all on how long it"
                            + " waits for RCU grace periods; a tuned variant is beside the plain"
                            + " one for that reason.",
                    "What measures shares the processors with what is measured.");

    private Method() {}

    /** Returns what may be wrong with results. */
    static List<String> threats(Results results) {
        List<String> threats = new ArrayList<>(THREATS);
        if (results.host().kvmModules().stream().anyMatch(module -> module.contains("pvm"))) {
            threats.add(
                    "This host's KVM is PVM, which runs guests without hardware virtualisation,"
                            + " by shadow paging. Its costs differ from those of VT-x and SVM in"
                            + " both directions: a first touch of a page costs more, leaving the"
                            + " guest less than in a nested VM.");
        }
        if (results.host().cores() != PAPER_CORES) {
            threats.add(
                    "The paper's rate is that of a server of 4 processors; this host has "
                            + results.host().cores()
                            + ", and the rate was not scaled.");
        }
        double stolen = results.host().stealPercent();
        threats.add(
                "The hypervisor took "
                        + Say.percent(stolen)
                        + " of the processors' time meanwhile"
                        + (stolen > MUCH_STEAL ? ", which is much: do not quote these." : "."));
        if (!results.plan().equals("full")) {
            threats.add("The plan was " + results.plan() + ": for a look, not for quoting.");
        }
        if (!results.partial().isEmpty()) {
            threats.add("The experiment ended early: " + results.partial() + ".");
        }
        return threats;
    }
}
