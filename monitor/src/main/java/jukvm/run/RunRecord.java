package jukvm.run;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.device.AttachedDevice;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.hypercall.HypercallFacts;
import jukvm.telemetry.EndedRun;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one run: when its phases ended, what it did, how it ended. Belongs to the VM's
 * thread; who abandons a run reads what there is.
 */
final class RunRecord {
    private final RunRequest request;
    private final Devices devices;
    private final HypercallFacts facts;
    private RunResult.Start start = RunResult.Start.NONE;
    private long vmReady;
    private long laidOut;
    private long entered;
    private long left;
    private long cpuNanos;
    private @Nullable VcpuLoop loop;
    private long exitsBefore; // In other VMs, before the guest was parked.
    private long trapsBefore;
    private @Nullable Outcome outcome;
    private @Nullable Throwable thrown;

    RunRecord(RunRequest request, Devices devices, HypercallFacts facts) {
        this.request = request;
        this.devices = devices;
        this.facts = facts;
    }

    void startedOn(RunResult.Start vm) {
        start = vm;
    }

    void vmReady() {
        vmReady = System.nanoTime();
    }

    void laidOut() {
        laidOut = System.nanoTime();
    }

    /** Notes what runs the guest, and how long its thread was on a processor before. */
    void runsBy(VcpuLoop by, long cpuBefore) {
        VcpuLoop before = loop;
        if (before != null) {
            exitsBefore += before.exits();
            trapsBefore += before.traps();
        }
        loop = by;
        cpuNanos -= cpuBefore;
    }

    void entered() {
        entered = System.nanoTime();
    }

    /** Notes that the guest has left for the last time; the first call counts. */
    void left() {
        left = left == 0 ? System.nanoTime() : left;
    }

    void usedCpu(long cpuAfter) {
        cpuNanos += cpuAfter;
    }

    void endedWith(@Nullable Outcome how) {
        outcome = how;
    }

    /**
     * Does a step. Whatever is thrown belongs to whoever asked for the run, not to this thread; and
     * it keeps nothing else from being done.
     */
    void attempt(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** Notes what was thrown instead of an outcome; the first counts. */
    void failed(Throwable e) {
        if (thrown == null) {
            thrown = e;
        } else if (thrown != e) {
            thrown.addSuppressed(e);
        }
    }

    /** Returns the dialect that the guest spoke; what was asked for, until its first call. */
    Dialect dialect() {
        return request.dialect().spokenBy(facts.firstPort());
    }

    /** Returns what the embedder's console or devices threw, null if nothing. */
    @Nullable Throwable thrown() {
        return thrown;
    }

    /** Returns how the guest ended, null if something was thrown instead. */
    @Nullable Outcome outcome() {
        return thrown == null ? outcome : null;
    }

    /** Returns all of it at the end. */
    EndedRun ended() {
        return with(outcome(), thrown);
    }

    /** Returns all of it for a run that was stopped for a reason and does not come to its end. */
    EndedRun abandoned(Outcome reason) {
        return with(reason, null);
    }

    private EndedRun with(@Nullable Outcome how, @Nullable Throwable instead) {
        VcpuLoop by = loop;
        long exits = exitsBefore + (by == null ? 0 : by.exits());
        long traps = trapsBefore + (by == null ? 0 : by.traps());
        Counters counters =
                new Counters(
                        exits,
                        traps,
                        facts.calls(),
                        facts.puts().bytes(),
                        Math.max(0, cpuNanos),
                        devices.poller().waitedNanos(),
                        devices.isEmpty() ? Map.of() : byType());
        return new EndedRun(
                request.image().name(),
                request.privilege(),
                request.memory(),
                how,
                instead,
                timeline(),
                counters,
                dialect(),
                start);
    }

    private Map<DeviceType, Map<String, DeviceCounters>> byType() {
        Map<DeviceType, Map<String, DeviceCounters>> types = new EnumMap<>(DeviceType.class);
        for (DeviceType type : DeviceType.among(devices)) {
            Map<String, DeviceCounters> counters = new LinkedHashMap<>();
            for (AttachedDevice device : devices.all(type.kind().attached()).values()) {
                counters.put(device.name(), device.counters());
            }
            types.put(type, Map.copyOf(counters));
        }
        return types;
    }

    private Timeline timeline() {
        long now = System.nanoTime();
        return timeline(left == 0 ? now : left, now);
    }

    /** Returns when the phases ended that have. */
    Timeline soFar() {
        return timeline(left, 0);
    }

    private Timeline timeline(long halted, long freed) {
        return new Timeline(
                request.requestedAt(),
                request.imageReadAt(),
                vmReady,
                laidOut,
                entered,
                facts.firstCallAt(),
                facts.puts().firstAt(),
                halted,
                freed);
    }
}
