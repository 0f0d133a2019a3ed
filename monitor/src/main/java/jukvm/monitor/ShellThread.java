package jukvm.monitor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jukvm.error.HostException;
import jukvm.io.ThreadClock;
import jukvm.kvm.Kvm;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves one guest after another, and the shell it has, if any. A shell stays with
 * its thread; a thread without one waits for guests as well, since a new thread costs as much as a
 * third of a VM.
 */
final class ShellThread {
    /** How long an idle one is kept. */
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ShellPool pool;
    private final Kvm kvm;
    private final Templates templates;
    private final Thread thread;
    private @Nullable VmShell shell;
    private ShellKind kind = ShellKind.NONE;
    private boolean isReserved;
    private @Nullable ThreadClock clock;
    private @Nullable GuestMemory memory;
    private volatile @Nullable GuestRun next;
    private volatile @Nullable GuestRun served;
    private volatile boolean ending;

    ShellThread(ShellPool pool, Kvm kvm, Templates templates, GuestRun first) {
        this.pool = pool;
        this.templates = templates;
        this.kvm = kvm;
        this.next = first;
        this.thread = new MonitorThread(this::run, "jukvm-vcpu");
    }

    void start() {
        thread.start();
    }

    /** Gives a guest to a shell that was taken from the pool. */
    void handOver(GuestRun guest) {
        next = guest;
        LockSupport.unpark(thread);
    }

    /** Ends it as soon as its guest, which is stopped, has ended. */
    void end() {
        ending = true;
        stop(next);
        stop(served);
        LockSupport.unpark(thread);
    }

    private static void stop(@Nullable GuestRun guest) {
        if (guest != null) {
            guest.stop(new Outcome.Cancelled());
        }
    }

    void awaitEnd() {
        MonitorThread.awaitEnd(thread, this::isLeftBehind);
    }

    private boolean isLeftBehind() {
        GuestRun guest = served;
        return guest != null && guest.isLeftBehind();
    }

    private void run() {
        try {
            do {
                serveNext();
            } while (awaitNext());
        } finally {
            closeShell();
            closeMemory();
            templates.forgetUnused();
            pool.ended(this);
        }
    }

    // In a frame of its own: while the thread waits it must not keep a guest, and its image, alive.
    private void serveNext() {
        GuestRun guest = next;
        if (guest != null) {
            served = guest;
            next = null;
            serve(guest);
            served = null;
        }
    }

    private void serve(GuestRun guest) {
        boolean wasKept = shell != null;
        kind = guest.kind();
        guest.tend(this::shell, wasKept);
        try {
            boolean mayKeep = shell != null && guest.mayKeepShell();
            isReserved = mayKeep && pool.reserve(kind);
            if (pool.keepsNone()) {
                closeShell(); // Whoever wants it so also wants to know that it is done.
            }
        } finally {
            guest.deliver();
        }
        Thread.interrupted(); // What this guest's callbacks were told is not for the next one's.
        if (!(isReserved && clean() && prepareFor(guest))) {
            closeShell();
        }
    }

    // Where another guest of the same image is to be expected: lays it out here, where nobody waits
    // for it, for all shells to begin with.
    private boolean prepareFor(GuestRun guest) {
        VmShell clean = shell;
        if (clean == null) {
            return false;
        }
        try {
            layOutFor(guest, clean);
            return true;
        } catch (HostException e) {
            return false;
        }
    }

    private void layOutFor(GuestRun guest, VmShell clean) {
        Beginning beginning = guest.beginning();
        TemplateKey key = guest.templateKey();
        if (clean.memory().begunWith() == null && templates.isWanted(key)) {
            beginning.layOut(clean.memory());
            MemoryTemplate made = templates.add(key, clean.memory()::template);
            clean.memory().clear();
            clean.begin(made);
        }
        if (clean.memory().begunWith() == null) {
            return;
        }
        if (beginning.setRegisters(clean)) {
            if (!clean.isWarm()) {
                beginning.populate(clean.memory());
            }
            clean.prepared(key);
        } else {
            clean.begin(null); // Nobody will come for what is closed.
        }
    }

    /** Returns whether its memory begins with a template already; for one that is idle. */
    boolean beginsWith(MemoryTemplate template) {
        VmShell idle = shell;
        return idle != null && idle.memory().begunWith() == template;
    }

    private boolean clean() {
        return shell != null && shell.reset(pool.scan());
    }

    private VmShell shell() {
        VmShell ready = shell;
        if (ready == null) {
            ready = VmShell.create(kvm, kind, memory(), clock());
            shell = ready;
            if (pool.keeps(kind)) {
                ready.prepareReset();
            }
        }
        return ready;
    }

    // Address space is kept from one VM to the next; what backed it is with the host again.
    private GuestMemory memory() {
        GuestMemory ready = memory;
        if (ready == null || ready.size() != kind.memory()) {
            closeMemory();
            ready = GuestMemory.allocate(kind.memory());
            memory = ready;
        }
        return ready;
    }

    private void closeMemory() {
        GuestMemory open = memory;
        memory = null;
        if (open != null) {
            open.close();
        }
    }

    private ThreadClock clock() {
        if (clock == null) {
            clock = ThreadClock.ofCurrentThread();
        }
        return clock;
    }

    private boolean awaitNext() {
        long start = System.nanoTime();
        ShellKind offered = shell == null ? ShellKind.NONE : kind;
        boolean isOffered = pool.offer(offered, this);
        while (isOffered && next == null && !ending) {
            long left = KEEP_NANOS - (System.nanoTime() - start);
            if (left <= 0 && pool.withdraw(offered, this)) {
                break;
            }
            LockSupport.parkNanos(this, Math.max(left, 1));
        }
        release();
        return next != null;
    }

    private void closeShell() {
        VmShell open = shell;
        shell = null;
        if (open != null) {
            open.close();
            clearMemory();
        }
        release();
    }

    private void clearMemory() {
        try {
            if (memory != null) {
                memory.clear();
            }
        } catch (HostException e) {
            closeMemory();
        }
    }

    private void release() {
        if (isReserved) {
            isReserved = false;
            pool.release(kind);
        }
    }
}
