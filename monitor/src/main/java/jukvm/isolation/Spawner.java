package jukvm.isolation;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jukvm.control.MonitorThread;
import jukvm.error.HostException;
import jukvm.io.Channel;
import jukvm.io.Descriptor;
import jukvm.process.ChildProcess;
import jukvm.sandbox.ControlGroup;
import jukvm.sandbox.ControlGroups;
import jukvm.sandbox.Jail;
import jukvm.sandbox.Sandbox;

/**
 * The thread that starts workers: it is in the jail in which they begin, and they end with it. So
 * it does nothing else, and lives until the last of them has ended. Thread-safe.
 */
final class Spawner implements AutoCloseable {
    private static final FutureTask<ChildProcess> END = new FutureTask<>(() -> null);

    private final WorkerCommand command;
    private final BlockingQueue<FutureTask<ChildProcess>> tasks = new ArrayBlockingQueue<>(1);
    private final MonitorThread thread = new MonitorThread(this::work, "jukvm-spawner");

    Spawner(WorkerCommand command) {
        this.command = command;
        thread.start();
    }

    private void work() {
        Jail.enter(command.readable(), command.writable());
        try {
            for (FutureTask<ChildProcess> next = tasks.take(); next != END; next = tasks.take()) {
                next.run();
            }
        } catch (InterruptedException e) {
            // Nobody has this thread.
        }
    }

    /**
     * Starts one.
     *
     * @param groups in which it is given one of its own
     * @throws HostException if the host refuses
     */
    Worker start(ControlGroups groups, ControlGroup.Limits limits) {
        Channel.Pair ends = Channel.pair("worker");
        ControlGroup group = groups.take(limits);
        try (Descriptor theirs = ends.theirs()) {
            ChildProcess process = start(theirs);
            group.add(process.pid()); // Long before it has a guest.
            return new Worker(process, ends.ours(), group);
        } catch (HostException e) {
            groups.give(group);
            ends.ours().close();
            throw e;
        }
    }

    private ChildProcess start(Descriptor channel) {
        if (!Sandbox.startsPrograms()) {
            throw new HostException(
                    "worker",
                    "this process was hardened, and starts no program any more",
                    0,
                    "Guests can have the workers that there are");
        }
        FutureTask<ChildProcess> task =
                new FutureTask<>(
                        () -> ChildProcess.start(command.words(), command.environment(), channel));
        try {
            tasks.put(task);
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HostException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // Nor those that ask it.
        }
    }

    @Override
    public void close() {
        if (!tasks.offer(END)) {
            throw new IllegalStateException("a worker is being started");
        }
        MonitorThread.awaitEnd(thread);
    }
}
