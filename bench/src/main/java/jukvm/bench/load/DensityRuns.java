package jukvm.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jukvm.bench.Progress;
import jukvm.bench.action.Idle;
import jukvm.bench.result.SystemResult.Density;
import jukvm.error.HostException;

/**
 * What idle instances take: more and more of them are started, each greets and waits, and the
 * memory they and the host use is read. In the end all are ended.
 */
public final class DensityRuns {
    private static final double NANOS_A_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SETTLE_MILLIS = 200;

    private final Progress progress;

    /** Makes them. */
    public DensityRuns(Progress progress) {
        this.progress = progress;
    }

    /**
     * Measures each system that has idle instances.
     *
     * @param levels numbers of instances, rising; what would fill the host up is left out
     */
    public void run(List<Findings> all, List<Integer> levels) throws InterruptedException {
        List<Findings> idle = all.stream().filter(one -> one.system().idle().isPresent()).toList();
        int done = 0;
        for (Findings one : idle) {
            progress.say("memory of " + one.id(), done, idle.size());
            measure(one, one.system().idle().orElseThrow(), levels);
            done++;
        }
    }

    private void measure(Findings one, Idle.Starter starter, List<Integer> levels)
            throws InterruptedException {
        List<Idle> idle = new ArrayList<>();
        try {
            settle();
            double own = UsedMemory.pss("self");
            double available = UsedMemory.available();
            double each = 0;
            for (int level : levels) {
                if (level * each > available / 2) {
                    break;
                }
                while (idle.size() < level) {
                    idle.add(starter.start());
                }
                settle();
                double pss = (used(idle) - (idle.get(0).process() == 0 ? own : 0)) / level;
                double taken = (available - UsedMemory.available()) / level;
                long requested = System.nanoTime();
                idle.add(starter.start());
                double next = (System.nanoTime() - requested) / NANOS_A_MILLI;
                one.add(new Density(level, pss, taken, next));
                each = pss; // What else the host gives away meanwhile is in "taken".
            }
        } catch (HostException e) {
            one.addFailure("idle instance: " + e.getMessage());
        } finally {
            idle.forEach(instance -> end(one, instance));
        }
    }

    // One that cannot be ended keeps none of the others.
    private static void end(Findings one, Idle instance) {
        try {
            instance.close();
        } catch (HostException e) {
            one.addFailure("idle instance: " + e.getMessage());
        }
    }

    // What is no longer in use is given back first, so that it is not counted.
    private static void settle() throws InterruptedException {
        System.gc();
        Thread.sleep(SETTLE_MILLIS);
    }

    // All in MiB.
    private static double used(List<Idle> idle) {
        if (idle.get(0).process() == 0) {
            return UsedMemory.pss("self");
        }
        return idle.stream()
                .mapToDouble(one -> UsedMemory.pss(String.valueOf(one.process())))
                .sum();
    }
}
