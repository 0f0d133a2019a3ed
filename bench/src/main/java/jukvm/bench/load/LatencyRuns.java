package jukvm.bench.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;

/**
 * Actions one at a time: blocks of each system, in turns of another order each round, so that what
 * disturbs the host disturbs all alike.
 */
public final class LatencyRuns {
    private static final long SEED = 20170507;

    // A system is slow if it takes longer: fewer of its actions are enough, and all there is time
    // for.
    private static final double SLOW_MICROS = 50_000;

    private final Plan plan;
    private final Samplings samplings;
    private final Progress progress;

    /**
     * How many.
     *
     * @param actions of each system that are counted
     * @param slowActions of a slow system
     * @param rounds in which they are run
     * @param uncounted at the begin of each block: another system had the processor and its caches
     * @param warmUpActions of each system before
     * @param warmUpSeconds at least, for what runs in this JVM: until its compiler has seen it
     */
    public record Plan(
            int actions,
            int slowActions,
            int rounds,
            int uncounted,
            int warmUpActions,
            double warmUpSeconds) {}

    /**
     * Makes them.
     *
     * @param samplings where each action is noted
     */
    public LatencyRuns(Plan plan, Samplings samplings, Progress progress) {
        this.plan = plan;
        this.samplings = samplings;
        this.progress = progress;
    }

    /** Runs them all. */
    public void run(List<Findings> all) throws InterruptedException {
        Map<Findings, Crew> crews = new HashMap<>();
        try {
            for (Findings one : all) {
                progress.say("warming up " + one.id());
                Crew crew = new Crew(one.system(), 1);
                crews.put(one, crew);
                warmUp(one, crew);
            }
            List<Findings> order = new ArrayList<>(all);
            Random random = new Random(SEED);
            for (int round = 0; round < plan.rounds(); round++) {
                Collections.shuffle(order, random);
                for (Findings one : order) {
                    String turn = ", round " + (round + 1) + " of " + plan.rounds();
                    progress.say("latency of " + one.id() + turn);
                    block(one, Objects.requireNonNull(crews.get(one)), round);
                }
            }
        } finally {
            crews.values().forEach(Crew::close);
        }
    }

    private void warmUp(Findings one, Crew crew) throws InterruptedException {
        boolean embedded = one.system().isInThisJvm();
        long least = embedded ? (long) (plan.warmUpSeconds() * TimeUnit.SECONDS.toNanos(1)) : 0;
        List<Action> actions =
                crew.one(
                        worker -> {
                            long start = System.nanoTime();
                            List<Action> first = worker.run(plan.warmUpActions());
                            while (System.nanoTime() - start < least) {
                                one.check(worker.run());
                            }
                            return first;
                        });
        for (Action action : actions) {
            one.addWarmUp(action);
            samplings.add(one.id(), 0, action);
        }
    }

    private void block(Findings one, Crew crew, int round) throws InterruptedException {
        boolean slow = one.warmUpMedian() > SLOW_MICROS;
        int all = slow ? plan.slowActions() : plan.actions();
        int size = all * (round + 1) / plan.rounds() - all * round / plan.rounds();
        List<Action> actions =
                crew.one(
                        worker -> {
                            worker.run(slow ? 0 : plan.uncounted()).forEach(one::check);
                            return worker.run(size);
                        });
        for (Action action : actions) {
            one.addLatency(action);
            samplings.add(one.id(), round + 1, action);
        }
    }
}
