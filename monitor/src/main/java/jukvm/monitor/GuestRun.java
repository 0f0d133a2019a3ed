package jukvm.monitor;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.abi.BootInfo;
import jukvm.device.Devices;
import jukvm.error.HostException;
import jukvm.hypercall.HypercallTable;
import jukvm.image.GuestImage;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.x86.BootState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one guest on its vCPU's thread, from an empty VM to freed memory, and the place where
 * another thread waits for its end.
 */
final class GuestRun {
    private static final Logger LOG = LoggerFactory.getLogger(GuestRun.class);

    private final Monitor monitor;
    private final GuestImage image;
    private final long memorySize;
    private final String commandLine;
    private final Devices devices;
    private final int ring;
    private final StopRequest stop;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean woken;
    private @Nullable RunResult result;
    private @Nullable Throwable failure;

    private long shellReady;
    private long laidOut;
    private long entered;
    private long halted;
    private @Nullable HypercallTable hypercalls;
    private Counters counters = Counters.none();

    GuestRun(
            Monitor monitor,
            GuestImage image,
            long memorySize,
            String commandLine,
            Devices devices,
            int ring,
            StopRequest stop) {
        this.monitor = monitor;
        this.image = image;
        this.memorySize = memorySize;
        this.commandLine = commandLine;
        this.devices = devices;
        this.ring = ring;
        this.stop = stop;
    }

    /** Runs the guest; the vCPU's thread does nothing else. */
    void run(long requested) {
        RunResult ended = null;
        Throwable failed = null;
        try {
            Outcome outcome = tend();
            ended = new RunResult(outcome, timeline(requested), counters, ring);
            LOG.debug("{}: {}", image.name(), outcome);
        } catch (Throwable e) {
            // Whatever it is, it belongs to whoever asked for the run, not to this thread.
            failed = e;
        } finally {
            devices.poller().close();
        }
        lock.lock();
        try {
            result = ended;
            failure = failed;
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Outcome tend() {
        try (GuestMemory memory = GuestMemory.allocate(memorySize);
                VmShell shell = VmShell.create(monitor.kvm())) {
            shell.showMemory(memory, image.segments(), ring);
            shellReady = System.nanoTime();
            HypercallTable table = image.dialect().hypercalls(devices);
            hypercalls = table;
            layOut(memory, shell.vcpu(), table);
            laidOut = System.nanoTime();
            return enter(memory, shell.vcpu(), table);
        } catch (HostException e) {
            halted = halted == 0 ? System.nanoTime() : halted;
            return new Outcome.HostError(e.getMessage(), e.errno());
        }
    }

    private void layOut(GuestMemory memory, KvmVcpu vcpu, HypercallTable table) {
        image.load(memory);
        BootState.layOut(memory, image, ring, table);
        BootState.setRegisters(vcpu, image.dialect(), ring, image.entry(), memorySize);
        image.dialect()
                .writeBootInfo(
                        memory,
                        new BootInfo(
                                memorySize,
                                image.end(),
                                monitor.tscHz(vcpu),
                                commandLine,
                                image.manifest()));
    }

    private Outcome enter(GuestMemory memory, KvmVcpu vcpu, HypercallTable table) {
        VcpuLoop loop = new VcpuLoop(vcpu, memory, table, image.dialect().endsByHlt(), stop, ring);
        vcpu.attach();
        stop.aim(vcpu);
        try {
            entered = System.nanoTime();
            return loop.run();
        } finally {
            halted = System.nanoTime();
            counters = loop.counters();
            vcpu.detach();
        }
    }

    private Timeline timeline(long requested) {
        HypercallTable table = hypercalls;
        return new Timeline(
                requested,
                Math.max(requested, image.readAt()),
                shellReady,
                laidOut,
                entered,
                table == null ? 0 : table.firstCallAt(),
                table == null ? 0 : table.puts().firstAt(),
                halted,
                System.nanoTime());
    }

    /**
     * Waits for the end.
     *
     * @return false if the time is up, or the waiter was woken, before it
     */
    boolean awaitEnd(long millis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!woken && left > 0) {
                left = changed.awaitNanos(left);
            }
            woken = false;
            return result != null || failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** Makes the waiter look again. */
    void wakeWaiter() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the result after the end, or throws what ended the run. */
    RunResult result() {
        lock.lock();
        try {
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException exception) {
                throw exception;
            }
            if (failure != null) {
                throw new IllegalStateException(failure); // A checked one, thrown unchecked.
            }
            return Objects.requireNonNull(result);
        } finally {
            lock.unlock();
        }
    }
}
