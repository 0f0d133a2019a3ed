package jukvm.monitor;

import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.Devices;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.HypercallFacts;

/**
 * What a guest did, counted.
 *
 * @param exits returns from KVM_RUN
 * @param traps exceptions the monitor handled at ring 3
 * @param hypercalls calls by kind, those that occurred
 * @param consoleBytes bytes the guest printed
 * @param cpuNanos processor time of the vCPU's thread from entering the guest to its end: the
 *     guest's own, its devices' on that thread, and the kernel's on their behalf
 * @param waitedNanos time the guest spent in POLL, waiting for its network or for time to pass
 * @param blocks what it did with its block devices, by name
 * @param nets what it did with its network devices, by name
 */
public record Counters(
        long exits,
        long traps,
        Map<Hypercall, Long> hypercalls,
        long consoleBytes,
        long cpuNanos,
        long waitedNanos,
        Map<String, AttachedBlock.Counters> blocks,
        Map<String, AttachedNet.Counters> nets) {
    /** Makes counters of maps that may still change. */
    public Counters {
        hypercalls = Map.copyOf(hypercalls);
        blocks = Map.copyOf(blocks);
        nets = Map.copyOf(nets);
    }

    /** Returns what a guest did so far with its devices and hypercalls. */
    static Counters of(
            Devices devices, HypercallFacts facts, long exits, long traps, long cpuNanos) {
        Map<String, AttachedBlock.Counters> blocks = new LinkedHashMap<>();
        for (AttachedBlock block : devices.blocks().values()) {
            blocks.put(block.name(), block.counters());
        }
        Map<String, AttachedNet.Counters> nets = new LinkedHashMap<>();
        for (AttachedNet net : devices.nets().values()) {
            nets.put(net.name(), net.counters());
        }
        return new Counters(
                exits,
                traps,
                facts.calls(),
                facts.puts().bytes(),
                cpuNanos,
                devices.poller().waitedNanos(),
                blocks,
                nets);
    }
}
