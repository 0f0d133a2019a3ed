package jukvm.guest;

import java.util.Map;
import java.util.Set;
import jukvm.abi.DeviceType;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.DeviceCounters;
import jukvm.host.Layer;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.monitor.Snapshot;

/**
 * What one {@link Monitor} has done since it was opened, at one moment. A guest's work is added
 * once, when it ends and before its future is completed; what running guests did so far is not in
 * it.
 *
 * @param guests how many there were, and how they ended
 * @param parked how many of the guests that run have no VM now: of more than 64 those that wait
 * @param pooled what is kept for guests to come
 * @param work what the guests that have ended did, together
 * @param workers processes that guests are in
 */
public record Metrics(Guests guests, long parked, PooledVms pooled, Work work, Workers workers) {
    /**
     * Guests, counted. The guest that finds out which ring a host runs is not among them.
     *
     * @param coldStarts guests of an image for which a VM was made, or was to be made; the one a
     *     {@link Snapshot} is taken of is such a guest, or one of the next kind
     * @param pooledStarts guests of an image that were given a VM kept from another, and laid out
     * @param snapshotStarts guests that went on from a {@link Snapshot}, on a VM made for them or
     *     kept; {@link RunResult#start} tells which
     * @param neverStarted guests that were asked for and stopped before any of these, as in a
     *     {@link RunQueue}; they are among those that have ended
     * @param running guests that were started and have not ended
     * @param ended guests that have ended, by how, for the kinds that occurred: each once, and none
     *     under two kinds
     */
    public record Guests(
            long coldStarts,
            long pooledStarts,
            long snapshotStarts,
            long neverStarted,
            long running,
            Map<OutcomeKind, Long> ended) {
        /** Makes counts of a map that may still change. */
        public Guests {
            ended = Map.copyOf(ended);
        }

        /** Returns how many guests were started, which are all that run or have run. */
        public long started() {
            return coldStarts + pooledStarts + snapshotStarts;
        }

        /** Returns how many guests have ended in this way. */
        public long ended(OutcomeKind kind) {
            return ended.getOrDefault(kind, 0L);
        }
    }

    /**
     * VMs that are clean and wait for a guest.
     *
     * @param kept how many
     * @param bytes of guest memory that guests would have in them; the host has it back meanwhile
     */
    public record PooledVms(long kept, long bytes) {}

    /**
     * Processes that guests are in; none but with {@link Isolation#PROCESS}.
     *
     * @param started that were ready for guests at some time
     * @param ready that are now, with guests or without
     * @param layers that keep in the one which was ready last
     * @param missing why each other layer does not, in one line
     */
    public record Workers(long started, long ready, Set<Layer> layers, Map<Layer, String> missing) {
        /** Where guests are in no other process. */
        public static final Workers NONE = new Workers(0, 0, Set.of(), Map.of());

        /** Makes them of a set and a map that may still change. */
        public Workers {
            layers = Set.copyOf(layers);
            missing = Map.copyOf(missing);
        }
    }

    /**
     * The sums of {@link Counters} over guests that have ended.
     *
     * @param exits returns from KVM_RUN
     * @param traps exceptions handled at ring 3
     * @param hypercalls calls by kind, those that occurred
     * @param consoleBytes bytes printed
     * @param cpuNanos processor time of the vCPUs' threads in nanoseconds
     * @param waitedNanos time spent in POLL in nanoseconds
     * @param devices what they did with their devices, by type; of the types that occurred
     */
    public record Work(
            long exits,
            long traps,
            Map<Hypercall, Long> hypercalls,
            long consoleBytes,
            long cpuNanos,
            long waitedNanos,
            Map<DeviceType, DeviceCounters> devices) {
        /** Makes sums of a map that may still change. */
        public Work {
            hypercalls = Map.copyOf(hypercalls);
            devices = Map.copyOf(devices);
        }

        /** Returns what they did with block devices. */
        public AttachedBlock.Counters blocks() {
            return (AttachedBlock.Counters) devices(DeviceType.BLOCK_BASIC);
        }

        /** Returns what they did with network devices, by hypercall or by network ring. */
        public AttachedNet.Counters nets() {
            return (AttachedNet.Counters) devices(DeviceType.NET_BASIC);
        }

        /** Returns what they did with devices of a type. */
        public DeviceCounters devices(DeviceType type) {
            return devices.getOrDefault(type, type.kind().none());
        }
    }
}
