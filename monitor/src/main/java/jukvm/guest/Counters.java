package jukvm.guest;

import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.DeviceCounters;

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
 * @param devices what it did with each of its devices, by type and name; of the types that it has
 */
public record Counters(
        long exits,
        long traps,
        Map<Hypercall, Long> hypercalls,
        long consoleBytes,
        long cpuNanos,
        long waitedNanos,
        Map<DeviceType, Map<String, DeviceCounters>> devices) {
    /** Makes counters of maps that may still change. */
    public Counters {
        hypercalls = Map.copyOf(hypercalls);
        devices = Map.copyOf(devices);
    }

    /** Returns what it did with its block devices, by name. */
    public Map<String, AttachedBlock.Counters> blocks() {
        return of(DeviceType.BLOCK_BASIC, AttachedBlock.Counters.class);
    }

    /** Returns what it did with its network devices, by name. */
    public Map<String, AttachedNet.Counters> nets() {
        return of(DeviceType.NET_BASIC, AttachedNet.Counters.class);
    }

    private <C> Map<String, C> of(DeviceType type, Class<C> counters) {
        Map<String, C> found = new LinkedHashMap<>();
        for (Map.Entry<String, DeviceCounters> device : devices(type).entrySet()) {
            found.put(device.getKey(), counters.cast(device.getValue()));
        }
        return found;
    }

    /** Returns what it did with its devices of a type, by name. */
    public Map<String, DeviceCounters> devices(DeviceType type) {
        return devices.getOrDefault(type, Map.of());
    }
}
