package jukvm.bench.cost;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import jukvm.bench.Version;
import jukvm.bench.result.Cost;
import jukvm.bench.result.Json;
import jukvm.error.ConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jukvm bench cost}: at how many actions a second a server earns its rent. */
@Command(
        name = "cost",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Say at how many actions a second a server pays for itself, and how long a core may"
                        + " work on each then. Without options: the paper's case, and today's.",
        footer = {
            "",
            "A price of 100 ms or more is rounded to $0.000000001, as price lists state it;",
            "so the paper's 125.23. Nothing is measured, and no KVM is needed."
        },
        sortOptions = false)
public final class CostCommand implements Callable<Integer> {
    // Of what it is made of; so nothing that follows is beyond what a double holds.
    private static final double LEAST = 1e-12;
    private static final double MOST = 1e9;

    @Spec private CommandSpec spec;

    @Option(
            names = "--server-price",
            paramLabel = "USD_PER_HOUR",
            description = "Rent of the server; 0.188 if not given.")
    private @Nullable Double serverPrice;

    @Option(
            names = "--memory-price",
            paramLabel = "USD_PER_GB_SECOND",
            description = "Price of 1024 MiB for a second; 0.00001667 if not given.")
    private @Nullable Double memoryPrice;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            description = "Memory of an action; 256 if not given.")
    private @Nullable Double memory;

    @Option(
            names = "--quantum",
            paramLabel = "MS",
            description = "What its time is rounded up to; 100 if not given.")
    private @Nullable Double quantum;

    @Option(
            names = "--duration",
            paramLabel = "MS",
            description = "How long it takes; one quantum if not given.")
    private @Nullable Double duration;

    @Option(
            names = "--fee",
            paramLabel = "USD_PER_MILLION",
            description = "Fee for a million requests; 0 if not given.")
    private @Nullable Double fee;

    @Option(
            names = "--cores",
            paramLabel = "N",
            description = "Cores of the server; 4 if not given.")
    private @Nullable Integer cores;

    @Option(names = "--json", description = "Print one JSON document instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
        List<Cost> rows = isPaper() ? CostModel.paperAndToday() : given();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(rows) : CostTable.of(rows));
        out.flush();
        return 0;
    }

    private static String json(List<Cost> rows) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Cost row : rows) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("name", row.name());
            fields.put("actions_per_second", row.perSecond());
            fields.put("actions_per_second_per_core", row.perCore());
            fields.put("core_ms_per_action", row.coreMillis());
            all.add(fields);
        }
        return Json.of(Map.of("rows", all));
    }

    private boolean isPaper() {
        return Stream.of(serverPrice, memoryPrice, memory, quantum, duration, fee, cores)
                .allMatch(Objects::isNull);
    }

    private List<Cost> given() {
        Billing billing =
                new Billing(
                        number("--memory-price", memoryPrice, Billing.PAPER.perGbSecond()),
                        number("--quantum", quantum, Billing.PAPER.quantumMillis()),
                        fee());
        Server server =
                new Server(number("--server-price", serverPrice, Server.PAPER.perHour()), cores());
        CostModel model =
                new CostModel(
                        server,
                        billing,
                        number("--memory", memory, CostModel.PAPER_MEMORY_MIB),
                        number("--duration", duration, billing.quantumMillis()));
        List<Cost> rows = new ArrayList<>();
        rows.add(model.row("as given"));
        rows.addAll(model.today(duration == null ? Billing.TODAY.quantumMillis() : duration));
        return rows;
    }

    private int cores() {
        if (cores == null) {
            return Server.PAPER.cores();
        }
        if (cores < 1) {
            throw new ConfigException("--cores: need a number of cores from 1, not " + cores);
        }
        return cores;
    }

    private double fee() {
        if (fee == null) {
            return Billing.PAPER.feePerMillion();
        }
        if (!(fee >= 0 && fee <= MOST)) {
            throw new ConfigException("--fee: need a number from 0 to 1e9, not " + fee);
        }
        return fee;
    }

    private static double number(String option, @Nullable Double given, double ifNot) {
        if (given == null) {
            return ifNot;
        }
        if (!(given >= LEAST && given <= MOST)) {
            throw new ConfigException(option + ": need a number from 1e-12 to 1e9, not " + given);
        }
        return given;
    }
}
