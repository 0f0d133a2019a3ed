package jukvm.bench.load;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Identity;
import jukvm.bench.action.Idle;
import jukvm.bench.action.Worker;
import jukvm.bench.result.SystemResult.Kind;

/** A system without a process or guest: a test says what each action comes to. */
public final class FakeSystem implements ActionSystem {
    private static final long PATIENCE_MILLIS = 60_000;

    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger actions = new AtomicInteger();
    final AtomicInteger entered = new AtomicInteger();
    final AtomicInteger left = new AtomicInteger();

    private final String id;
    private final Actions behaviour;
    private final Optional<Idle.Starter> idle;
    private final boolean embedded;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /** What its actions come to. */
    @FunctionalInterface
    public interface Actions {
        /**
         * Returns what one came to.
         *
         * @param number of it among all of the system, from 1
         */
        Action run(int number) throws InterruptedException;
    }

    private FakeSystem(
            String id, Actions behaviour, Optional<Idle.Starter> idle, boolean embedded) {
        this.id = id;
        this.behaviour = behaviour;
        this.idle = idle;
        this.embedded = embedded;
    }

    /** Returns a system of this id. */
    public static FakeSystem of(String id, Actions behaviour) {
        return new FakeSystem(id, behaviour, Optional.empty(), false);
    }

    /** Returns a system whose actions all take so long, without taking it. */
    public static FakeSystem taking(String id, long micros) {
        return of(id, number -> took(micros, ""));
    }

    static FakeSystem withIdle(Idle.Starter idle) {
        return new FakeSystem("idle", number -> took(1, ""), Optional.of(idle), false);
    }

    static FakeSystem embedded(Actions behaviour) {
        return new FakeSystem("embedded", behaviour, Optional.empty(), true);
    }

    /** Returns an action that took so long, with its first output after half of it. */
    public static Action took(long micros, String failure) {
        long nanos = TimeUnit.MICROSECONDS.toNanos(micros);
        return new Action(0, nanos / 2, nanos, 2 * nanos, failure);
    }

    /** Returns an action that was done at a moment. */
    static Action doneAt(long moment, String failure) {
        long requested = moment - TimeUnit.MILLISECONDS.toNanos(1);
        return new Action(requested, requested, moment, moment, failure);
    }

    /** Fails unless all its workers are closed, its threads at an end and the host as it was. */
    void assertEnded() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(PATIENCE_MILLIS);
        }
        List<String> alive = threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
        if (!alive.isEmpty() || opened.get() != closed.get() || entered.get() != left.get()) {
            throw new AssertionError(
                    alive
                            + ", "
                            + opened
                            + " opened, "
                            + closed
                            + " closed, "
                            + entered
                            + " entered, "
                            + left
                            + " left");
        }
    }

    @Override
    public Identity identity() {
        return new Identity(id, "the " + id, Kind.PROCESS, "made up", "1", "");
    }

    @Override
    public Worker worker() {
        opened.incrementAndGet();
        threads.add(Thread.currentThread());
        return new Worker() {
            @Override
            public Action run() throws InterruptedException {
                return behaviour.run(actions.incrementAndGet());
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    @Override
    public Optional<Idle.Starter> idle() {
        return idle;
    }

    @Override
    public boolean isInThisJvm() {
        return embedded;
    }

    @Override
    public void enter() {
        entered.incrementAndGet();
    }

    @Override
    public void leave() {
        left.incrementAndGet();
    }

    /** Idle instances that are counted. */
    static final class Instances implements Idle.Starter {
        final List<Integer> started = new CopyOnWriteArrayList<>();
        final List<Integer> ended = new CopyOnWriteArrayList<>();
        private final Start start;
        private final long process;

        /** What happens at a start. */
        interface Start {
            void at(int number) throws InterruptedException;
        }

        Instances(Start start, long process) {
            this.start = start;
            this.process = process;
        }

        @Override
        public Idle start() throws InterruptedException {
            int number = started.size() + 1;
            start.at(number);
            started.add(number);
            return new Idle() {
                @Override
                public long process() {
                    return process;
                }

                @Override
                public void close() {
                    ended.add(number);
                }
            };
        }
    }
}
