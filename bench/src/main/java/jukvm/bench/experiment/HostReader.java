package jukvm.bench.experiment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
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
        kernelOption("CONFIG_HZ=").ifPresent(hz -> settings.add(new Setting("HZ", hz)));
        file(settings, "rcu_expedited", "/sys/kernel/rcu_expedited");
        file(settings, "nx_huge_pages", "/sys/module/kvm/parameters/nx_huge_pages");
        file(settings, "huge pages", "/sys/kernel/mm/transparent_hugepage/enabled");
        file(settings, "clock", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
        settings.add(new Setting("cgroups", cgroups()));
        settings.addAll(more);
        return new Host(
                facts.cpu(),
                facts.cores(),
                memory(),
                facts.kernel(),
                facts.kvmModules(),
                settings,
                facts.jdk(),
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(flag -> flag.startsWith("-X"))
                        .toList(),
                version(root),
                processor.stolenPercent());
    }

    private static void file(List<Setting> settings, String name, String path) {
        try {
            String text = Files.readString(Path.of(path)).strip();
            int chosen = text.indexOf('[');
            settings.add(
                    new Setting(
                            name,
                            chosen < 0 ? text : text.substring(chosen + 1, text.indexOf(']'))));
        } catch (IOException e) {
            // This kernel has no such setting.
        }
    }

    private static Optional<String> kernelOption(String name) {
        try (InputStream in = Files.newInputStream(Path.of("/proc/config.gz"));
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()))
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

    private static long memory() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    private static String version(Path root) throws InterruptedException {
        String version =
                Optional.ofNullable(HostReader.class.getPackage().getImplementationVersion())
                        .orElse("(not packaged)");
        Optional<Path> git = Commands.find("git");
        if (git.isEmpty()) {
            return version;
        }
        ChildEnd end =
                Commands.run(
                        LIMIT,
                        git.get(),
                        "-C",
                        root.toString(),
                        "describe",
                        "--always",
                        "--dirty",
                        "--exclude=*");
        return end.succeeded() ? version + ", commit " + end.output().strip() : version;
    }

    /** Returns what lies between two processes on loopback. */
    static String network() throws InterruptedException {
        Optional<Path> tc = Commands.find("tc");
        if (tc.isEmpty()) {
            return "loopback";
        }
        ChildEnd end = Commands.run(LIMIT, tc.get(), "qdisc", "show", "dev", "lo");
        String said = end.output().lines().findFirst().orElse("").strip();
        return said.isEmpty() || said.contains("noqueue")
                ? "loopback, not shaped"
                : "loopback, shaped: " + said;
    }
}
