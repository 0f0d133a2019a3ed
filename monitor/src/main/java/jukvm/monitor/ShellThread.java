package jukvm.monitor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jukvm.kvm.Kvm;
import org.jspecify.annotations.Nullable;

/**
 * A shell and the thread it lives on, serving one guest after another. Never a virtual thread, nor
 * one of a pool of the embedder's: signal masks and vCPUs stick to the thread.
 */
final class ShellThread {
    /** How long an idle shell is kept. */
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ShellPool pool;
    private final Kvm kvm;
    private final ShellKind kind;
    private final Thread thread;
    private @Nullable VmShell shell;
    private boolean reserved;
    private volatile @Nullable GuestRun next;
    private volatile boolean ending;

    ShellThread(ShellPool pool, Kvm kvm, GuestRun first) {
        this.pool = pool;
        this.kvm = kvm;
        this.kind = first.kind();
        this.next = first;
        this.thread = new Thread(this::run, "jukvm-vcpu");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Gives a guest to a shell that was taken from the pool. */
    void handOver(GuestRun guest) {
        next = guest;
        LockSupport.unpark(thread);
    }

    /** Ends a shell that was taken from the pool. */
    void end() {
        ending = true;
        LockSupport.unpark(thread);
    }

    void awaitEnd() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            GuestRun guest = next;
            while (guest != null) {
                next = null;
                serve(guest);
                guest = shell == null ? null : awaitNext();
            }
        } finally {
            closeShell();
            release();
        }
    }

    private void release() {
        if (reserved) {
            reserved = false;
            pool.release(kind, this);
        }
    }

    private void serve(GuestRun guest) {
        boolean wasKept = shell != null;
        guest.tend(this::shell, wasKept);
        reserved = shell != null && guest.mayKeepShell() && pool.reserve(kind, this);
        if (!reserved) {
            closeShell();
        }
        guest.deliver();
        if (reserved && !clean()) {
            closeShell();
        }
    }

    private boolean clean() {
        return shell != null && shell.reset();
    }

    private VmShell shell() {
        VmShell ready = shell;
        if (ready == null) {
            ready = VmShell.create(kvm, kind);
            shell = ready;
            if (pool.keeps(kind)) {
                ready.prepareReset();
            }
        }
        return ready;
    }

    private @Nullable GuestRun awaitNext() {
        long start = System.nanoTime();
        boolean offered = pool.offer(kind, this);
        while (offered && next == null && !ending) {
            long left = KEEP_NANOS - (System.nanoTime() - start);
            if (left <= 0 && pool.withdraw(kind, this)) {
                break;
            }
            LockSupport.parkNanos(this, Math.max(left, 1));
        }
        if (next != null) {
            release();
        }
        return next;
    }

    private void closeShell() {
        VmShell open = shell;
        shell = null;
        if (open != null) {
            open.close();
        }
    }
}
