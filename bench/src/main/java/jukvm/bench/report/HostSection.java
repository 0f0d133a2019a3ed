package jukvm.bench.report;

import java.util.List;
import java.util.Locale;
import jukvm.bench.result.Host;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult.Failure;

/** What failed, and where all this was measured. */
final class HostSection {
    private HostSection() {}

    static void write(Html html, Results results) {
        failures(html, results);
        host(html, results.host());
    }

    private static void failures(Html html, Results results) {
        html.element("h2", "Failures");
        if (results.failed() == 0) {
            html.element(
                    "p",
                    String.format(
                            Locale.ROOT,
                            "None. Every action was checked for its output and its status: %,d that"
                                    + " were timed singly, fetched or came at a rate, and all of"
                                    + " the closed loop.",
                            Systems.checked(results)));
            return;
        }
        html.element("p", Say.count(results.failed(), "action") + " failed.", "class", "box");
        Table table = Table.open(html, "Failures", "system", "#actions", "what was wrong");
        results.systems().forEach(system -> rows(table, system.id(), system.failures()));
        results.fetches().forEach(fetch -> rows(table, fetch.id() + ", fetched", fetch.failures()));
        table.close();
    }

    private static void rows(Table table, String id, List<Failure> failures) {
        for (Failure failure : failures) {
            table.row(id, String.format(Locale.ROOT, "%,d", failure.count()), failure.reason());
        }
    }

    private static void host(Html html, Host host) {
        html.element("h2", "Host and settings");
        Table table = Table.open(html, "Host", "what", "value");
        table.row("processor", host.cpu());
        table.row("cores", String.valueOf(host.cores()));
        table.row("memory", Say.mebibytes(host.memory()));
        table.row("kernel", "Linux " + host.kernel());
        table.row("KVM", String.join(", ", host.kvmModules()));
        host.settings().forEach(setting -> table.row(setting.name(), setting.value()));
        table.row("Java", host.jdk());
        table.row("JVM flags", String.join(" ", host.jvmFlags()));
        table.row("jukvm", host.jukvm());
        table.row("time stolen by the hypervisor", Say.percent(host.stealPercent()));
        table.close();
    }
}
