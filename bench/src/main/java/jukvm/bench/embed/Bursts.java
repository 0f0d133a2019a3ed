package jukvm.bench.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.ExpectedConsole;
import jukvm.bench.action.Identity;
import jukvm.bench.action.Levels;
import jukvm.bench.action.Worker;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.guest.RunResult;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;

/** Guests whose worker requests a whole block of them at the same moment. */
record Bursts(Levels levels, String order, Function<GuestSpec, GuestRun> starter)
        implements ActionSystem {
    /** Returns the two orders: all started at once, or run to completion as they came. */
    static List<Bursts> both(Levels levels) {
        return List.of(
                new Bursts(levels, "all at once", levels.keeping()::start),
                // As many at a time as there are processors.
                new Bursts(levels, "to completion", levels.keeping().queue()::submit));
    }

    @Override
    public Identity identity() {
        return new Identity(order, order, Kind.JUKVM, "", "", "");
    }

    @Override
    public boolean isInThisJvm() {
        return true;
    }

    @Override
    public Worker worker() {
        return new Worker() {
            @Override
            public Action run() {
                return run(1).get(0);
            }

            @Override
            public List<Action> run(int count) {
                List<CompletableFuture<Action>> all = new ArrayList<>();
                while (all.size() < count) {
                    all.add(request());
                }
                return all.stream().map(CompletableFuture::join).toList();
            }
        };
    }

    private CompletableFuture<Action> request() {
        ExpectedConsole console = new ExpectedConsole(Levels.GREETING);
        long requested = System.nanoTime();
        CompletableFuture<RunResult> result = starter.apply(levels.hello(console)).result();
        return result.thenApply(
                end -> {
                    long done = System.nanoTime();
                    return new Action(requested, 0, done, done, console.failure(end));
                });
    }
}
