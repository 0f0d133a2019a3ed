package jukvm.monitor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jukvm.abi.BootInfo;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.NetRing;
import jukvm.error.HostException;
import jukvm.hypercall.Hypercalls;
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
    private final GuestPlan plan;
    private final StopRequest stop;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean woken;
    private @Nullable RunResult result;
    private @Nullable Throwable failure;

    // Of the shell's thread, until they are delivered.
    private long requested;
    private RunResult.Start start = RunResult.Start.COLD;
    private @Nullable Outcome outcome;
    private @Nullable Throwable thrown;
    private long shellReady;
    private long laidOut;
    private long entered;
    private long halted;
    private final Hypercalls hypercalls;
    private final Optional<RingThread> ringThread;
    private long exits;
    private long traps;

    GuestRun(Monitor monitor, GuestPlan plan, StopRequest stop) {
        this.monitor = monitor;
        this.plan = plan;
        this.stop = stop;
        this.hypercalls = plan.dialect().hypercalls(plan.devices());
        this.ringThread =
                plan.devices().ring().map(ring -> new RingThread(ring, plan.devices(), this::stop));
    }

    /** Notes when the run was asked for, by {@link System#nanoTime}; before it is started. */
    void request(long nanoTime) {
        requested = nanoTime;
    }

    /** Returns what a shell must be like for the guest. */
    ShellKind kind() {
        return ShellKind.of(plan.memory() + reserved(), plan.image().segments(), plan.ring());
    }

    /**
     * Runs the guest to its end; on the shell's thread.
     *
     * @param source of the shell, asked once
     * @param kept whether the shell has served another guest before
     */
    void tend(Supplier<VmShell> source, boolean kept) {
        start = kept ? RunResult.Start.SHELL : RunResult.Start.COLD;
        try {
            outcome = tendAndFlush(source);
            LOG.debug("{}: {}", plan.image().name(), outcome);
        } catch (Throwable e) {
            // Whatever it is, it belongs to whoever asked for the run, not to this thread.
            thrown = e;
        } finally {
            plan.devices().poller().close();
        }
    }

    /** Returns whether the shell came out of it fit for another guest. */
    boolean mayKeepShell() {
        return outcome != null && !(outcome instanceof Outcome.HostError);
    }

    /** Hands the result over; on the shell's thread, after {@link #tend}. */
    void deliver() {
        RunResult ended =
                outcome == null
                        ? null
                        : new RunResult(
                                outcome,
                                timeline(requested),
                                counters(),
                                plan.ring(),
                                hypercalls.dialect(),
                                start);
        lock.lock();
        try {
            result = ended;
            failure = thrown;
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Outcome tendAndFlush(Supplier<VmShell> source) {
        try {
            return tend(source);
        } finally {
            plan.notices().close();
            plan.devices().blocks().values().forEach(AttachedBlock::flush);
        }
    }

    private Outcome tend(Supplier<VmShell> source) {
        try {
            VmShell shell = source.get();
            GuestMemory memory = shell.memory();
            shellReady = System.nanoTime();
            layOut(memory, shell.vcpu());
            laidOut = System.nanoTime();
            return serveAndEnter(memory, shell);
        } catch (HostException e) {
            halted = halted == 0 ? System.nanoTime() : halted;
            return new Outcome.HostError(e.getMessage(), e.errno());
        }
    }

    private void layOut(GuestMemory memory, KvmVcpu vcpu) {
        GuestImage image = plan.image();
        image.load(memory);
        BootState.layOut(memory, image, plan.ring(), hypercalls);
        plan.devices()
                .ring()
                .ifPresent(
                        ring -> {
                            memory.protect(ring.gpa(), NetRing.RESERVED);
                            ring.writeTo(memory);
                        });
        BootState.setRegisters(vcpu, plan.dialect(), plan.ring(), image.entry(), plan.memory());
        plan.dialect()
                .writeBootInfo(
                        memory,
                        new BootInfo(
                                plan.memory(),
                                image.end(),
                                monitor.tscHz(vcpu),
                                plan.commandLine(),
                                image.manifest(),
                                plan.devices()));
    }

    private long reserved() {
        return plan.devices().ring().isPresent() ? NetRing.RESERVED : 0;
    }

    private Outcome serveAndEnter(GuestMemory memory, VmShell shell) {
        plan.devices()
                .ring()
                .ifPresent(
                        ring ->
                                ring.serveBy(
                                        () ->
                                                ringThread.ifPresent(
                                                        thread -> thread.start(shell, memory))));
        try {
            return enter(memory, shell.vcpu());
        } finally {
            ringThread.ifPresent(thread -> thread.stop(memory));
        }
    }

    private Outcome enter(GuestMemory memory, KvmVcpu vcpu) {
        VcpuLoop loop = new VcpuLoop(vcpu, memory, hypercalls, stop, plan.ring());
        vcpu.attach();
        stop.aim(vcpu);
        try {
            entered = System.nanoTime();
            return loop.run();
        } finally {
            halted = System.nanoTime();
            exits = loop.exits();
            traps = loop.traps();
            vcpu.detach();
        }
    }

    private Counters counters() {
        Map<String, AttachedBlock.Counters> blocks = new LinkedHashMap<>();
        for (AttachedBlock block : plan.devices().blocks().values()) {
            blocks.put(block.name(), block.counters());
        }
        Map<String, AttachedNet.Counters> nets = new LinkedHashMap<>();
        for (AttachedNet net : plan.devices().nets().values()) {
            nets.put(net.name(), net.counters());
        }
        return new Counters(
                exits, traps, hypercalls.calls(), hypercalls.puts().bytes(), blocks, nets);
    }

    private Timeline timeline(long requested) {
        return new Timeline(
                requested,
                Math.max(requested, plan.image().readAt()),
                shellReady,
                laidOut,
                entered,
                hypercalls.firstCallAt(),
                hypercalls.puts().firstAt(),
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

    // As Tender.cancel does: who waits for the end insists on it from now on.
    private void stop(Outcome outcome) {
        try {
            stop.ask(outcome);
        } finally {
            wakeWaiter();
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
