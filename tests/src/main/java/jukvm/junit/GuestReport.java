package jukvm.junit;

import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import org.jspecify.annotations.Nullable;

/** What a person who looks at a failed test wants to read of its guest. */
final class GuestReport {
    private static final int CONSOLE_SHOWN = 8192;

    private GuestReport() {}

    /**
     * Returns some lines.
     *
     * @param result null if the guest did not end as guests do
     * @param console hostile; its end is shown if it is long, and no terminal obeys it
     */
    static String of(String label, @Nullable RunResult result, ConsoleText console) {
        StringBuilder text = new StringBuilder(label).append(": ");
        if (result == null) {
            text.append("guest did not run to an end\n");
        } else {
            text.append(result.outcome().message());
            text.append(" (").append(result.dialect()).append(", ring ");
            text.append(result.privilege()).append(")\n");
        }
        addConsole(text, console);
        if (result != null) {
            if (result.outcome() instanceof Outcome.Faulted fault) {
                text.append("exit reason: ").append(fault.reason());
                text.append("\nregisters:").append(registers(fault.registers().values()));
                text.append("\ncode at rip: ").append(fault.code()).append('\n');
                fault.backtrace().forEach(place -> text.append("  at ").append(place).append('\n'));
            }
            text.append("phases: ").append(result.timeline()).append('\n');
            text.append("counters: ").append(counters(result.counters())).append('\n');
        }
        return text.toString();
    }

    private static void addConsole(StringBuilder text, ConsoleText console) {
        String printed = console.text();
        int from = Math.max(0, printed.length() - CONSOLE_SHOWN);
        text.append("console, ").append(console.printed()).append(" bytes");
        text.append(from == 0 ? ":\n" : ", the end of what was kept:\n");
        printed.substring(from).lines().forEach(line -> addShown(text.append("  "), line));
    }

    private static void addShown(StringBuilder text, String line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (Character.isISOControl(c) && c != '\t') {
                text.append(String.format("\\x%02x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('\n');
    }

    private static String registers(Map<String, Long> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(String.format(" %s=0x%x", name, value)));
        return text.toString();
    }

    private static String counters(Counters counters) {
        StringJoiner text = new StringJoiner(", ");
        text.add(counters.exits() + " exits").add(counters.traps() + " traps");
        new TreeMap<>(counters.hypercalls()).forEach((call, n) -> text.add(call + " " + n));
        for (var devices : new TreeMap<>(counters.devices()).values()) {
            new TreeMap<>(devices).forEach((name, did) -> text.add(name + " " + did));
        }
        return text.toString();
    }
}
