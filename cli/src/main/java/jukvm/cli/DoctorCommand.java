package jukvm.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.error.HostException;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.HostFacts;
import jukvm.monitor.Monitor;
import jukvm.sandbox.ControlGroups;
import jukvm.sandbox.Sandbox;
import jukvm.sandbox.Seal;
import picocli.CommandLine.Model.CommandSpec;

/** {@code jukvm doctor}: says whether this host can run guests, and what to do if not. */
final class DoctorCommand implements Callable<Integer> {
    static final String NAME = "doctor";

    private final CommandSpec spec = CommandModel.of(NAME, this);

    private boolean able = true;

    CommandSpec model() {
        spec.usageMessage().description("Say whether this host can run guests.");
        return spec;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        HostFacts host = HostFacts.read();
        ok(out, "kernel", host.kernel());
        String cpu = host.cpu().isEmpty() ? "not known" : host.cpu();
        ok(out, "processor", cpu + ", " + host.cores() + " usable");
        checkMemory(out, host.memoryAvailable());
        ok(out, "java", host.jdk() + ", native binding " + host.binding());
        checkKvm(out, host);
        checkSandbox(out);
        checkWorkers(out);
        out.println();
        out.println(able ? "This host can run guests." : "This host cannot run guests yet.");
        out.flush();
        return able ? 0 : ExitStatus.FAILURE;
    }

    private void checkMemory(PrintWriter out, long available) {
        String text = (available >> 20) + " MiB available";
        if (available == 0) {
            line(out, "warn", "memory", "how much is available is not known: no /proc/meminfo");
        } else if (available >= GuestSpec.DEFAULT_MEMORY) {
            ok(out, "memory", text);
        } else {
            line(
                    out,
                    "warn",
                    "memory",
                    text
                            + ": less than the "
                            + (GuestSpec.DEFAULT_MEMORY >> 20)
                            + " MiB a guest may use by default. Give guests less with --mem.");
        }
    }

    private void checkKvm(PrintWriter out, HostFacts host) {
        ok(out, "virtualisation", host.virtualisation());
        if (host.kvmModules().isEmpty()) {
            line(out, "warn", "KVM module", "none of kvm_intel, kvm_amd, kvm_pvm seems loaded");
        } else {
            ok(out, "KVM module", String.join(", ", host.kvmModules()));
        }
        try (Monitor monitor = Monitor.open()) {
            ok(out, "/dev/kvm", "present, permitted, API version 12");
            checkCapabilities(out, monitor);
            ok(
                    out,
                    "ring",
                    "3, since it keeps guests from their page tables and from executing data; as to"
                            + " --ring=0: "
                            + monitor.ring0Support().seen());
        } catch (HostException e) {
            able = false;
            line(out, "FAIL", "KVM", e.getMessage());
        }
    }

    private static void checkSandbox(PrintWriter out) {
        Seal seal = Sandbox.available();
        String layers =
                seal.reached().stream().map(Conversions::name).collect(Collectors.joining(", "));
        ok(out, "sandbox", layers);
        seal.missing().values().forEach(failure -> line(out, "warn", "sandbox", failure));
    }

    private static void checkWorkers(PrintWriter out) {
        try (ControlGroups groups = ControlGroups.open()) {
            String missing = groups.missing();
            if (missing.isEmpty()) {
                ok(out, "workers", "limited by cgroup: " + groups.words());
            } else {
                line(out, "warn", "workers", "not limited by " + missing);
            }
        }
    }

    private static void checkCapabilities(PrintWriter out, Monitor monitor) {
        StringBuilder present = new StringBuilder();
        StringBuilder absent = new StringBuilder();
        for (Map.Entry<String, Integer> capability : monitor.capabilities().entrySet()) {
            StringBuilder list = capability.getValue() == 0 ? absent : present;
            list.append(list.isEmpty() ? "" : ", ").append(capability.getKey());
            if (capability.getValue() > 1) {
                list.append('=').append(capability.getValue());
            }
        }
        ok(out, "capabilities", present.toString());
        if (!absent.isEmpty()) {
            line(
                    out,
                    "warn",
                    "capabilities",
                    "absent: "
                            + absent
                            + (absent.indexOf("READONLY_MEM") < 0
                                    ? ""
                                    : ". Without READONLY_MEM guests run at ring 3 only."));
        }
    }

    private static void ok(PrintWriter out, String what, String fact) {
        line(out, "ok", what, fact);
    }

    private static void line(PrintWriter out, String verdict, String what, String fact) {
        out.printf("%-5s %-14s %s%n", verdict, what, fact);
    }
}
