package jukvm.kvm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the host has to run VMs with, told from /proc/cpuinfo and /sys/module. Immutable.
 *
 * @param flags of the processor, as /proc/cpuinfo names them; empty if it cannot be read
 * @param modules loaded that serve {@code /dev/kvm}; empty if they are built in or absent
 * @param isNested whether the module lets guests run VMs of their own
 */
public record Virtualisation(Set<String> flags, List<String> modules, boolean isNested) {
    private static final List<String> MODULES = List.of("kvm_intel", "kvm_amd", "kvm_pvm");
    private static final String VMX = "vmx";
    private static final String SVM = "svm";

    /** Reads what this host shows; what it does not show is taken for absent. */
    public static Virtualisation ofThisHost() {
        return of(Path.of("/"));
    }

    /** Reads it below another root than that of the file system. */
    static Virtualisation of(Path root) {
        List<String> modules =
                MODULES.stream()
                        .filter(name -> Files.exists(root.resolve("sys/module").resolve(name)))
                        .toList();
        boolean isNested =
                modules.stream()
                        .map(name -> root.resolve("sys/module/" + name + "/parameters/nested"))
                        .flatMap(file -> read(file).stream())
                        .anyMatch(text -> text.matches("[1Yy]\\s*"));
        return new Virtualisation(flags(root.resolve("proc/cpuinfo")), modules, isNested);
    }

    private static Set<String> flags(Path cpuinfo) {
        return read(cpuinfo).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip().split(" +"))
                .map(words -> Set.copyOf(List.of(words)))
                .orElse(Set.of());
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns whether the processor shows virtualisation of its own. */
    public boolean isOfTheProcessor() {
        return flags.contains(VMX) || flags.contains(SVM);
    }

    /** Returns in a few words what there is. */
    public String describe() {
        String own =
                flags.contains(VMX)
                        ? "VMX (Intel VT-x)"
                        : flags.contains(SVM) ? "SVM (AMD-V)" : "none of the processor's own";
        String place = flags.contains("hypervisor") ? ", in a virtual machine" : "";
        return own + place + (isNested ? ", nested allowed" : "");
    }

    /** Returns what to do where there is no {@code /dev/kvm}. */
    public String remedy() {
        if (!modules.isEmpty()) {
            return String.join(", ", modules)
                    + " is loaded, so the host has it: give it to this container (docker or podman"
                    + " run --device /dev/kvm; in Kubernetes a device plugin's resource, or a"
                    + " hostPath volume of /dev/kvm in a privileged container).";
        }
        if (isOfTheProcessor()) {
            boolean isIntel = flags.contains(VMX);
            return "Load KVM's module: sudo modprobe "
                    + (isIntel ? "kvm_intel" : "kvm_amd")
                    + ". If that fails, dmesg tells whether the firmware has switched "
                    + (isIntel ? "VT-x" : "SVM")
                    + " off; if it is built in or loaded outside this container, give the container"
                    + " /dev/kvm (docker or podman run --device /dev/kvm).";
        }
        if (flags.contains("hypervisor")) {
            return "This is a virtual machine that its host gives no VMX or SVM: switch nested"
                    + " virtualisation on for it, then load a module: modprobe kvm_intel or"
                    + " kvm_amd.";
        }
        return "Enable virtualisation in the firmware (Intel VT-x, AMD SVM mode): the processor"
                + " shows none. Then load a module: modprobe kvm_intel or kvm_amd.";
    }
}
