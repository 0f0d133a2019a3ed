package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jukvm.bench.result.Results;

/** How it was measured, what may be wrong with it, and how to do it again. */
final class MethodSection {
    private static final double MUCH_STEAL = 2;
    private static final int PAPER_CORES = 4;

    private static final List<String> METHOD =
            List.of(
                    "Every system runs the same action: it prints one greeting and ends with status"
                            + " 0. Output and status of every run are checked; what fails"
                            + " is counted"
                            + " and its time is not.",
                    "Four moments: t0, the request; t1, the first byte of output; t2, the result"
                            + " known to who asked; t3, everything given back to the host. Times"
                            + " here are t2 - t0 unless they say otherwise, on the"
                            + " monotonic clock.",
                    "Latency: one action at a time, after some that are not counted. Systems take"
                            + " turns in blocks, in shuffled order, so that what drifts on the host"
                            + " hits all of them. Intervals of medians are 95 %, by bootstrap.",
                    "Closed loop: so many workers, each asking again as soon as its action is done"
                            + " and verified; cleaning up is within the time. The peak is repeated,"
                            + " and its median reported.",
                    "Open loop: requests come as a Poisson process whether or not those before are"
                            + " served, and times count from when each was to come. So a stall"
                            + " counts for everyone who had to wait behind it, and nothing is left"
                            + " out because the asker was held up.",
                    "Cache level K0, for fetch and start: nothing of the action is on the host; its"
                            + " image comes over HTTP from another process. Cache level K1, for"
                            + " everything else: the image is on the local disk and in the page"
                            + " cache. Programs, kernel and a running JVM belong to the platform"
                            + " and are warm at both. What a system keeps beyond that is said"
                            + " beside its name; kept VMs and snapshots do not count for"
                            + " the bars.");

    private static final List<String> THREATS =
            List.of(
                    "The paper's hardware, the ends of its intervals and how many actions it ran"
                            + " at once are unknown; the plots' axes are a reconstruction. Only"
                            + " ratios on one host can be held against it.",
                    "The action has no network and next to no work, so these are costs of starting"
                            + " and ending, not of serving.",
                    "Containers depend much on the kernel's settings, most of all on how long it"
                            + " waits for RCU grace periods; a tuned variant is beside the plain"
                            + " one for that reason.",
                    "The library is measured in a running JVM whose code is compiled; that counts"
                            + " as platform here. A JVM for each action is a system of its own.",
                    "What measures shares the processors with what is measured.");

    private MethodSection() {}

    static void write(Html html, Results results) {
        list(html, "How it was measured", METHOD);
        List<String> threats = new ArrayList<>(THREATS);
        threats.addAll(ofHost(results));
        list(html, "What may be wrong with it", threats);
        html.element("h2", "Again");
        html.open("p").text("On this host or another, with the same plan: ");
        String quick = results.plan().equals("full") ? "" : " --" + results.plan();
        html.element("code", "./jukvm bench" + quick + " --out DIRECTORY").text(". Two such");
        html.text(" directories side by side: ");
        html.element("code", "./jukvm bench compare A B").text(". All figures are in ");
        html.element("code", "results.json").text(" beside this page.").close();
    }

    private static void list(Html html, String title, List<String> sentences) {
        html.element("h2", title).open("ul");
        sentences.forEach(sentence -> html.element("li", sentence));
        html.close();
    }

    private static List<String> ofHost(Results results) {
        List<String> threats = new ArrayList<>();
        if (results.host().kvmModules().stream().anyMatch(m -> m.contains("pvm"))) {
            threats.add(
                    "This host's KVM is PVM, which runs guests without hardware virtualisation,"
                            + " by shadow paging. Its costs differ from those of VT-x and SVM in"
                            + " both directions: a first touch of a page costs more, leaving the"
                            + " guest less than in a nested VM.");
        }
        if (results.host().cores() != PAPER_CORES) {
            threats.add(
                    String.format(
                            Locale.ROOT,
                            "The paper's rate is that of a server of 4 processors; this host has"
                                    + " %d, and the rate was not scaled.",
                            results.host().cores()));
        }
        threats.add(
                String.format(
                        Locale.ROOT,
                        "The hypervisor took %s of the processors' time meanwhile%s.",
                        Say.percent(results.host().stealPercent()),
                        results.host().stealPercent() > MUCH_STEAL
                                ? ", which is much: do not quote these figures"
                                : ""));
        if (!results.plan().equals("full")) {
            threats.add("The plan was " + results.plan() + ": for a look, not for quoting.");
        }
        if (!results.partial().isEmpty()) {
            threats.add("The experiment ended early: " + results.partial() + ".");
        }
        return threats;
    }
}
