package jukvm.isolation;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.device.AttachedDevice;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.run.RunRequest;
import jukvm.telemetry.EndedRun;
import org.jspecify.annotations.Nullable;

/** A run in a worker at its end, of what the worker told and what is known here. */
final class EndOfRun {
    private EndOfRun() {}

    /**
     * Returns it.
     *
     * @param devices as they were attached and flushed here
     * @param told by the worker, null if it told nothing
     * @param isSent whether a worker was asked for it
     */
    static EndedRun of(
            RunRequest request,
            Devices devices,
            @Nullable RunResult told,
            boolean isSent,
            @Nullable Outcome outcome,
            @Nullable Throwable thrown) {
        RunResult.Start start = isSent ? RunResult.Start.COLD : RunResult.Start.NONE;
        return new EndedRun(
                request.image().name(),
                request.privilege(),
                request.memory(),
                outcome,
                thrown,
                told == null ? timeline(request) : told.timeline(),
                counters(devices, told),
                told == null ? request.dialect() : told.dialect(),
                told == null ? start : told.start());
    }

    private static Timeline timeline(RunRequest request) {
        long now = System.nanoTime();
        return new Timeline(request.requestedAt(), request.imageReadAt(), 0, 0, 0, 0, 0, now, now);
    }

    // Of the devices that the guest has, whatever a worker says; and that they could not be
    // flushed.
    private static Counters counters(Devices devices, @Nullable RunResult told) {
        Map<DeviceType, Map<String, DeviceCounters>> types = new EnumMap<>(DeviceType.class);
        for (DeviceType type : DeviceType.among(devices)) {
            Map<String, DeviceCounters> counters = new LinkedHashMap<>();
            for (AttachedDevice device : devices.all(type.kind().attached()).values()) {
                DeviceCounters here = device.counters();
                DeviceCounters there =
                        told == null ? null : told.counters().devices(type).get(device.name());
                counters.put(device.name(), there == null ? here : there.plus(here));
            }
            types.put(type, Map.copyOf(counters));
        }
        if (told == null) {
            return new Counters(0, 0, Map.of(), 0, 0, 0, types);
        }
        Counters of = told.counters();
        return new Counters(
                of.exits(),
                of.traps(),
                of.hypercalls(),
                of.consoleBytes(),
                of.cpuNanos(),
                of.waitedNanos(),
                types);
    }
}
