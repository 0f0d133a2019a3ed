package jukvm.vm;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jukvm.control.MonitorThread;
import jukvm.error.HostException;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.process.ThreadClock;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves one guest after another, and the VM it has, if any. A VM stays with its
 * thread; a thread without one waits for guests as well, since a new thread costs as much as a
 * third of a VM.
 */
final class VmThread implements VmSource {
    /** How long an idle one is kept. */
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final VmPool pool;
    private final VmPool.Maker maker;
    private final Thread thread;
    private @Nullable GuestVm vm;
    private VmKind kind = VmKind.NONE;
    private boolean isReserved;
    private boolean isUnfit;
    private @Nullable ThreadClock clock;
    private @Nullable GuestMemory memory;
    private volatile @Nullable VmJob next;
    private volatile @Nullable VmJob served;
    private volatile boolean ending;

    VmThread(VmPool pool, VmPool.Maker maker, VmJob first) {
        this.pool = pool;
        this.maker = maker;
        this.next = first;
        this.thread = new MonitorThread(this::run, "jukvm-vcpu");
    }

    void start() {
        thread.start();
    }

    /** Gives it a guest, once it was taken from the pool. */
    void handOver(VmJob guest) {
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

    private static void stop(@Nullable VmJob guest) {
        if (guest != null) {
            guest.cancel();
        }
    }

    void awaitEnd() {
        MonitorThread.awaitEnd(thread, this::isAbandoned);
    }

    private boolean isAbandoned() {
        VmJob guest = served;
        return guest != null && guest.isAbandoned();
    }

    private void run() {
        try {
            do {
                serveNext();
            } while (awaitNext());
        } finally {
            closeVm();
            closeMemory();
            pool.ended(this);
        }
    }

    // In a frame of its own: while the thread waits it must not keep a guest, and its image, alive.
    private void serveNext() {
        VmJob guest = next;
        if (guest != null) {
            served = guest;
            next = null;
            serve(guest);
            served = null;
        }
    }

    private void serve(VmJob guest) {
        kind = guest.kind();
        isUnfit = false;
        boolean mayKeep = guest.run(this, vm != null);
        try {
            isReserved = mayKeep && !isUnfit && vm != null && pool.reserve(kind);
            if (pool.keepsNone()) {
                closeVm(); // Whoever wants it so also wants to know that it is done.
            }
        } finally {
            guest.deliver();
        }
        Thread.interrupted(); // What this guest's callbacks were told is not for the next one's.
        if (!(isReserved && isReadyAfter(guest))) {
            closeVm();
        }
    }

    // Where another guest of the same image is to be expected, it is laid out here, where nobody
    // waits for it.
    private boolean isReadyAfter(VmJob guest) {
        GuestVm used = vm;
        if (used == null || !used.clean()) {
            return false;
        }
        try {
            used.prepare(guest.start());
            return true;
        } catch (HostException e) {
            return false;
        }
    }

    /** Returns whether its memory begins with a template already; for one that is idle. */
    boolean beginsWith(MemoryTemplate template) {
        GuestVm idle = vm;
        return idle != null && idle.beginsWith(template);
    }

    @Override
    public GuestVm vm() {
        GuestVm ready = vm;
        if (ready == null) {
            ready = maker.make(kind, memory(), clock());
            vm = ready;
        }
        return ready;
    }

    @Override
    public GuestVm vm(GuestMemory parked) {
        GuestMemory own = memory;
        memory = parked;
        try {
            if (vm != null) {
                vm.show(parked);
            }
        } catch (HostException e) {
            closeVm();
            throw e;
        } finally {
            if (own != null) {
                own.close();
            }
        }
        return vm();
    }

    @Override
    public GuestMemory takeMemory() {
        GuestMemory taken = memory();
        GuestMemory other = GuestMemory.allocate(kind.memory());
        memory = other;
        GuestVm used = vm;
        try {
            if (used != null) {
                used.show(other);
            }
        } catch (HostException e) {
            isUnfit = true; // It is closed when its guest has left it.
        }
        return taken;
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
        VmKind offered = vm == null ? VmKind.NONE : kind;
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

    private void closeVm() {
        GuestVm open = vm;
        vm = null;
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
