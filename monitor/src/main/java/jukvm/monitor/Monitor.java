package jukvm.monitor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Caller;
import jukvm.kvm.Capability;
import jukvm.kvm.Kvm;
import jukvm.kvm.KvmVcpu;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's KVM, opened once per process: what is the same for every guest is asked here.
 *
 * <p>Thread-safe.
 */
public final class Monitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    /** How much guest memory kept VMs have together if nothing is said, in bytes. */
    public static final long DEFAULT_KEEP = 1L << 30;

    private final Kvm kvm;
    private final boolean readOnlyMemory;
    private final boolean ioeventfd;
    private @Nullable RingDecision auto;
    private volatile long tscHz;
    private final ShellPool shells;
    private final Templates templates;
    private final Ledger ledger = new Ledger();

    // Its thread starts when the first guest has a deadline or is stopped.
    private final ScheduledThreadPoolExecutor time =
            new ScheduledThreadPoolExecutor(1, task -> new MonitorThread(task, "jukvm-time"));
    private final Aside aside = new Aside();
    private final Turns turns = new Turns(time, Runtime.getRuntime().availableProcessors());

    private Monitor(Kvm kvm, long keepBytes) {
        this.kvm = kvm;
        this.templates = new Templates(keepBytes);
        this.shells = new ShellPool(kvm, templates, keepBytes, this::release);
        time.setRemoveOnCancelPolicy(true);
        if (kvm.check(Capability.USER_MEMORY) == 0) {
            throw missing("KVM_CAP_USER_MEMORY");
        }
        if (kvm.check(Capability.GET_TSC_KHZ) == 0) {
            throw missing("KVM_CAP_GET_TSC_KHZ");
        }
        this.readOnlyMemory = kvm.check(Capability.READONLY_MEM) != 0;
        this.ioeventfd = kvm.check(Capability.IOEVENTFD) != 0;
        LOG.debug(
                "KVM: open; read-only memory {}, ioeventfd {}, VMs of {} bytes may be kept",
                readOnlyMemory,
                ioeventfd,
                keepBytes);
    }

    /**
     * Opens {@code /dev/kvm}.
     *
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     */
    public static Monitor open() {
        return open(DEFAULT_KEEP);
    }

    /**
     * Opens {@code /dev/kvm}.
     *
     * @param keepBytes how much guest memory the VMs may have together that are kept for guests to
     *     come. Their memory is returned to the host, and what is kept costs some hundred KiB each;
     *     a VM that was not used for 10 s is given up. As much memory may be taken by images that
     *     are laid out for further guests of them, each for as long as somebody has its {@link
     *     jukvm.image.GuestImage}. 0 keeps none, and lets every result wait until all of its guest
     *     is with the host again; otherwise a VM is cleaned or freed after it.
     * @throws HostException if it is missing, not permitted or lacks what every guest needs; with
     *     the remedy
     */
    public static Monitor open(long keepBytes) {
        Kvm kvm = Kvm.open();
        try {
            return new Monitor(kvm, keepBytes);
        } catch (HostException e) {
            kvm.close();
            throw e;
        }
    }

    /**
     * Throws unless a caller may open {@code /dev/kvm}, for guests that run in a monitor which
     * another opened.
     *
     * @throws HostException if it is missing or not permitted, as {@link #open} says it
     */
    public static void requireAccess(Caller caller) {
        Kvm.requireAccess(caller);
    }

    private static HostException missing(String capability) {
        return new HostException(
                "KVM", "host does not support " + capability, 0, "Run a newer kernel.");
    }

    /**
     * Returns what {@link Ring#AUTO} means on this host; probed at the first call.
     *
     * @throws HostException if the probe cannot be run
     */
    public synchronized RingDecision autoRing() {
        if (auto == null) {
            auto =
                    readOnlyMemory
                            ? RingProbe.run(kvm)
                            : new RingDecision(
                                    PrivilegeLevel.RING_3, "KVM has no read-only memory slots");
            LOG.debug("ring {}: {}", auto.ring(), auto.reason());
        }
        return auto;
    }

    /**
     * Returns the kernel's answer about each capability of KVM that jukvm knows of, by its name in
     * linux/kvm.h without KVM_CAP: 0 if absent, otherwise its extent.
     */
    public Map<String, Integer> capabilities() {
        Map<String, Integer> answers = new LinkedHashMap<>();
        for (Capability capability : Capability.values()) {
            answers.put(capability.name(), kvm.check(capability));
        }
        return answers;
    }

    /** Returns the privilege level that a choice means on this host. */
    PrivilegeLevel resolve(Ring choice) {
        PrivilegeLevel ring =
                switch (choice) {
                    case AUTO -> autoRing().ring();
                    case RING_0 -> PrivilegeLevel.RING_0;
                    case RING_3 -> PrivilegeLevel.RING_3;
                };
        if (ring == PrivilegeLevel.RING_0 && !readOnlyMemory) {
            throw new ConfigException(
                    "ring 0 needs read-only memory slots (KVM_CAP_READONLY_MEM), which this host"
                            + " lacks; use ring 3");
        }
        return ring;
    }

    /**
     * Returns the frequency of guests' time-stamp counters in Hz, asking the vCPU the first time.
     */
    long tscHz(KvmVcpu vcpu) {
        if (tscHz == 0) {
            tscHz = vcpu.tscKhz() * 1000L;
        }
        return tscHz;
    }

    /** Returns whether guests at a privilege level run on the processor and not in an emulator. */
    boolean runsNatively(PrivilegeLevel ring) {
        return ring == PrivilegeLevel.RING_3 || autoRing().ring() == PrivilegeLevel.RING_0;
    }

    /** Returns whether a guest's kick can reach another thread than its vCPU's. */
    boolean hasIoeventfd() {
        return ioeventfd;
    }

    /** Returns the laid-out images that guests begin with. */
    Templates templates() {
        return templates;
    }

    /**
     * Returns what has been done so far, with this moment's state; from any thread, at any time.
     */
    public Metrics metrics() {
        return ledger.metrics(shells.kept());
    }

    /** Returns what {@link #metrics} is counted by. */
    Ledger ledger() {
        return ledger;
    }

    ShellPool shells() {
        return shells;
    }

    /** Returns in what order vCPUs run. */
    Turns turns() {
        return turns;
    }

    /**
     * Returns the one thread that keeps the time of all guests; what it is given is short, and
     * nothing of the embedder's.
     */
    ScheduledExecutorService time() {
        return time;
    }

    /** Returns where what is not short is done. */
    Aside aside() {
        return aside;
    }

    /**
     * Throws if it is closed.
     *
     * @throws IllegalStateException if it is
     */
    void requireOpen() {
        if (shells.isClosed()) {
            throw new IllegalStateException("the monitor is closed");
        }
    }

    /**
     * Stops all guests with {@link Outcome.Cancelled}, waits for their end and gives everything
     * back to the host. From any thread, any number of times. Called by a guest's device, or by
     * what hangs on its future, it does not wait, and the last guest to end does the rest.
     */
    @Override
    public void close() {
        shells.close();
        if (!MonitorThread.isCurrent()) {
            // Guests that never had a shell end there.
            aside.awaitQuiet(TimeUnit.MILLISECONDS.toNanos(LeftBehind.PATIENCE_MILLIS));
        }
    }

    private void release() {
        templates.close();
        time.shutdownNow();
        kvm.close();
        LOG.debug("KVM: closed");
    }
}
