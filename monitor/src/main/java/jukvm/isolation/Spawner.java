package jukvm.isolation;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jukvm.control.MonitorThread;
import jukvm.error.HostException;
import jukvm.io.Descriptor;
import jukvm.process.ChildProcess;
import jukvm.sandbox.Jail;

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
     * @param channel it has to this process
     * @throws HostException if the host refuses
     */
    ChildProcess start(Descriptor channel) {
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
