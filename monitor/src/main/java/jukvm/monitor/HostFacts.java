package jukvm.monitor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jukvm.kvm.Virtualisation;

/**
 * What a report says about the host, read from /proc, /sys and the JVM.
 *
 * @param kernel release of the kernel
 * @param virtualisation what the processor has of it, in a few words
 * @param kvmModules loaded modules that serve {@code /dev/kvm}; empty if built in or absent
 * @param cpu model name of the processor
 * @param cores processors this JVM may use
 * @param memoryAvailable bytes of memory that can be had without swapping; 0 if unknown
 * @param jdk version and vendor of the Java runtime
 * @param binding the native binding chosen by {@code jukvm.native}
 */
public record HostFacts(
        String kernel,
        String virtualisation,
        List<String> kvmModules,
        String cpu,
        int cores,
        long memoryAvailable,
        String jdk,
        String binding) {
    /** Reads the facts; what cannot be read is empty or zero. */
    public static HostFacts read() {
        Virtualisation virtualisation = Virtualisation.ofThisHost();
        return new HostFacts(
                System.getProperty("os.version", ""),
                virtualisation.describe(),
                virtualisation.modules(),
                field(Path.of("/proc/cpuinfo"), "model name").orElse(""),
                Runtime.getRuntime().availableProcessors(),
                field(Path.of("/proc/meminfo"), "MemAvailable").map(HostFacts::bytes).orElse(0L),
                System.getProperty("java.vm.version", "")
                        + " ("
                        + System.getProperty("java.vendor", "")
                        + ")",
                System.getProperty("jukvm.native", "jna"));
    }

    private static Optional<String> field(Path file, String name) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name) && line.contains(":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long bytes(String kibibytes) {
        return Long.parseLong(kibibytes.replace(" kB", "")) << 10;
    }
}
