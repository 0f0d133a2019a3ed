package jukvm.bench.experiment;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import jukvm.bench.Version;
import jukvm.bench.action.Commands;
import jukvm.bench.load.Processor;
import jukvm.bench.process.ChildEnd;
import jukvm.bench.result.Host;
import jukvm.bench.result.Host.Setting;
import jukvm.monitor.HostFacts;

/** Reads what a report says about the host and its settings; what cannot be read is left out. */
final class HostReader {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private HostReader() {}

    /**
     * Reads it.
     *
     * @param root of the working copy
     * @param processor time of the machine during the experiment
     */
    static Host read(Path root, Processor processor, List<Setting> more)
            throws InterruptedException {
        HostFacts facts = HostFacts.read();
        List<Setting> settings = new ArrayList<>();
        ticks().ifPresent(hz -> settings.add(new Setting("HZ", hz)));
        file(settings, "rcu_expedited", "/sys/kernel/rcu_expedited");
        file(settings, "nx_huge_pages", "/sys/module/kvm/parameters/nx_huge_pages");
        file(settings, "huge pages", "/sys/kernel/mm/transparent_hugepage/enabled");
        file(settings, "clock", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
        settings.add(new Setting("cgroups", cgroups()));
        settings.addAll(more);
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Host(
                facts.cpu(),
                facts.cores(),
                system.getTotalMemorySize(),
                facts.kernel(),
                facts.kvmModules(),
                settings,
                facts.jdk(),
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(flag -> flag.startsWith("-X"))
                        .toList(),
                Version.number() + commit(root),
                processor.stolenPercent());
    }

    // Of several choices the one in brackets is in force.
    private static void file(List<Setting> settings, String name, String path) {
        try {
            String text = Files.readString(Path.of(path)).strip();
            settings.add(new Setting(name, text.replaceAll(".*\\[|\\].*", "")));
        } catch (IOException e) {
            // This kernel has no such setting.
        }
    }

    private static Optional<String> ticks() {
        String option = "CONFIG_HZ=";
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(
                                        Files.newInputStream(Path.of("/proc/config.gz"))),
                                StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> line.startsWith(option))
                    .map(line -> line.substring(option.length()))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String cgroups() {
        if (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
            return "v2";
        }
        return Files.exists(Path.of("/sys/fs/cgroup/unified")) ? "v1 and v2 (hybrid)" : "v1";
    }

    private static String commit(Path root) throws InterruptedException {
        return said("git", "-C", root.toString(), "describe", "--always", "--dirty", "--exclude=*")
                .map(commit -> ", commit " + commit)
                .orElse("");
    }

    /** Returns what lies between two processes on loopback. */
    static String network() throws InterruptedException {
        return said("tc", "qdisc", "show", "dev", "lo")
                .map(rule -> rule.contains("noqueue") ? "not shaped" : "shaped: " + rule)
                .map(rule -> "loopback, " + rule)
                .orElse("loopback");
    }

    private static Optional<String> said(String program, String... words)
            throws InterruptedException {
        Optional<Path> executable = Commands.find(program);
        if (executable.isEmpty()) {
            return Optional.empty();
        }
        ChildEnd end = Commands.run(LIMIT, executable.get(), words);
        return end.succeeded() ? end.output().lines().findFirst() : Optional.empty();
    }
}
