package jukvm.run;

import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.call.Hypercall;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.guest.Timeline;
import jukvm.image.Segment;
import jukvm.telemetry.EndedRun;

/** Answers what gdb's user asks by {@code monitor}: what is known of the run so far, in lines. */
final class MonitorCommands {
    private static final String HELP =
            """
            hypercalls  how often each kind was called so far
            devices     what the guest is attached to, and did with it
            timeline    when each phase of the run ended
            memory      what lies where in guest memory
            """;

    private final RunRequest request;
    private final Devices devices;
    private final RunRecord record;

    MonitorCommands(RunRequest request, Devices devices, RunRecord record) {
        this.request = request;
        this.devices = devices;
        this.record = record;
    }

    /** Returns the answer to a command, or which ones there are. */
    String answer(String command) {
        EndedRun soFar = record.ended();
        return switch (command.strip()) {
            case "hypercalls" -> hypercalls(soFar);
            case "devices" -> devices(soFar);
            case "timeline" -> timeline();
            case "memory" -> memory();
            default -> HELP;
        };
    }

    private static String hypercalls(EndedRun soFar) {
        StringBuilder lines = new StringBuilder();
        Map<Hypercall, Long> calls = soFar.counters().hypercalls();
        for (Hypercall call : Hypercall.values()) {
            if (calls.containsKey(call)) {
                lines.append(String.format("%-24s %d%n", call, calls.get(call)));
            }
        }
        return lines.isEmpty() ? "none\n" : lines.toString();
    }

    private static String devices(EndedRun soFar) {
        StringBuilder lines = new StringBuilder();
        Map<DeviceType, Map<String, DeviceCounters>> types = soFar.counters().devices();
        for (DeviceType type : types.keySet()) {
            types.get(type)
                    .forEach(
                            (name, counters) ->
                                    lines.append(
                                            String.format(
                                                    "%s '%s' %s%n", type, name, counters.rows())));
        }
        return lines.isEmpty() ? "none\n" : lines.toString();
    }

    private String timeline() {
        StringBuilder lines = new StringBuilder();
        for (Timeline.Phase phase : record.soFar().phases()) {
            lines.append(phase).append('\n');
        }
        return lines.toString();
    }

    private String memory() {
        StringBuilder lines = new StringBuilder();
        long ring = devices.ring().map(offered -> offered.gpa()).orElse(request.memory());
        line(lines, 0, request.image().start(), "", "monitor: tables, boot info");
        for (Segment segment : request.image().segments()) {
            line(lines, segment.pageStart(), segment.pageEnd(), segment.rights(), "image");
        }
        line(lines, request.image().end(), ring, "RW", "heap, stack");
        line(lines, ring, request.memory(), "RW", "network ring");
        return lines.toString();
    }

    private static void line(StringBuilder to, long from, long end, String rights, String what) {
        if (from < end) {
            to.append(String.format("0x%08x-0x%08x %-3s %s%n", from, end, rights, what));
        }
    }
}
