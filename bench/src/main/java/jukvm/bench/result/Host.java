package jukvm.bench.result;

import java.util.List;

/**
 * The machine an experiment ran on, and what of its settings the figures depend on.
 *
 * @param cpu model name
 * @param cores usable
 * @param memory bytes installed
 * @param kernel release
 * @param kvmModules that serve {@code /dev/kvm}
 * @param settings what else matters, such as HZ, cgroups, clock source, in display order
 * @param jdk version and vendor of the Java runtime
 * @param jvmFlags of this JVM
 * @param jukvm version, with the commit if known
 * @param stealPercent processor time taken by the hypervisor during the experiment, of all
 */
public record Host(
        String cpu,
        int cores,
        long memory,
        String kernel,
        List<String> kvmModules,
        List<Setting> settings,
        String jdk,
        List<String> jvmFlags,
        String jukvm,
        double stealPercent) {
    /** A setting of the host. */
    public record Setting(String name, String value) {}

    /** Returns what serves {@code /dev/kvm}, as words. */
    public String kvm() {
        return kvmModules.isEmpty() ? "KVM of unknown kind" : String.join(" + ", kvmModules);
    }
}
