package jukvm.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jukvm.bench.action.IdleStarter;
import jukvm.bench.action.IdleStarter.Idle;
import jukvm.bench.result.Density;
import jukvm.error.HostException;

/**
 * What idle instances take: more and more of them are started, each greets and waits, and the
 * memory they and the host use is read. In the end all are ended.
 */
public final class DensityRuns {
    private static final double MIB = 1 << 20;
    private static final double NANOS_A_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SETTLE_MILLIS = 200;

    private final Steps steps;

    /** Makes them. */
    public DensityRuns(Steps steps) {
        this.steps = steps;
    }

    /**
     * Measures each system that has idle instances.
     *
     * @param levels numbers of instances, rising; one that the host has no memory for is left out
     */
    public void run(List<Findings> all, List<Integer> levels) throws InterruptedException {
        List<Findings> idle = all.stream().filter(one -> one.system().idle().isPresent()).toList();
        int done = 0;
        for (Findings one : idle) {
            steps.say("memory of " + one.id(), done, idle.size());
            measure(one, one.system().idle().orElseThrow(), levels);
            done++;
        }
    }

    private void measure(Findings one, IdleStarter starter, List<Integer> levels)
            throws InterruptedException {
        List<Idle> idle = new ArrayList<>();
        try {
            settle();
            long own = MemoryUse.ofThis();
            long available = MemoryUse.available();
            for (int level : levels) {
                if (level * starter.expectedBytes() > available / 2) {
                    break;
                }
                while (idle.size() < level) {
                    idle.add(starter.start());
                }
                settle();
                double pss = (MemoryUse.ofThis() - own) / MIB / level;
                if (idle.get(0).process() != 0) {
                    pss =
                            idle.stream().mapToLong(i -> MemoryUse.of(i.process())).sum()
                                    / MIB
                                    / level;
                }
                double taken = (available - MemoryUse.available()) / MIB / level;
                long requested = System.nanoTime();
                idle.add(starter.start());
                double next = (System.nanoTime() - requested) / NANOS_A_MILLI;
                one.add(new Density(level, pss, taken, next));
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
}
