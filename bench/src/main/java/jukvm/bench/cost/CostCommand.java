package jukvm.bench.cost;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import jukvm.bench.Version;
import jukvm.bench.report.Lines;
import jukvm.bench.result.Json;
import jukvm.bench.result.Results.Cost;
import jukvm.error.ConfigException;
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
    @Spec private CommandSpec spec;

    @Option(
            names = "--server-price",
            paramLabel = "USD_PER_HOUR",
            defaultValue = "0.188",
            description = "Rent of the server; 0.188 if not given.")
    private double serverPrice;

    @Option(
            names = "--memory-price",
            paramLabel = "USD_PER_GB_SECOND",
            defaultValue = "0.00001667",
            description = "Price of 1024 MiB for a second; 0.00001667 if not given.")
    private double memoryPrice;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "Memory of an action; 256 if not given.")
    private double memory;

    @Option(
            names = "--quantum",
            paramLabel = "MS",
            defaultValue = "100",
            description = "What its time is rounded up to; 100 if not given.")
    private double quantum;

    @Option(
            names = "--duration",
            paramLabel = "MS",
            description = "How long it takes; one quantum if not given.")
    private double duration;

    @Option(
            names = "--fee",
            paramLabel = "USD_PER_MILLION",
            defaultValue = "0",
            description = "Fee for a million requests; 0 if not given.")
    private double fee;

    @Option(
            names = "--cores",
            paramLabel = "N",
            defaultValue = "4",
            description = "Cores of the server; 4 if not given.")
    private int cores;

    @Option(names = "--json", description = "Print one JSON document instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
        int given = spec.commandLine().getParseResult().matchedOptions().size();
        List<Cost> rows = given > (json ? 1 : 0) ? asGiven() : CostModel.paperAndToday();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(rows) : table(rows));
        out.flush();
        return 0;
    }

    private boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private List<Cost> asGiven() {
        boolean isLong = isGiven("--duration");
        amount("--server-price", serverPrice, 1e-12);
        amount("--memory-price", memoryPrice, 1e-12);
        amount("--memory", memory, 1e-12);
        amount("--quantum", quantum, 1e-12);
        amount("--duration", isLong ? duration : quantum, 1e-12);
        amount("--fee", fee, 0);
        if (cores < 1) {
            throw new ConfigException("--cores: need a number of cores from 1, not " + cores);
        }
        CostModel model =
                new CostModel(
                        new CostModel.Server(serverPrice, cores),
                        new CostModel.Billing(memoryPrice, quantum, fee),
                        memory,
                        isLong ? duration : quantum);
        List<Cost> rows = new ArrayList<>(List.of(model.row("as given")));
        rows.addAll(model.today(isLong ? duration : 1));
        return rows;
    }

    // So nothing that follows is beyond what a double holds.
    private static void amount(String option, double given, double least) {
        if (!(given >= least && given <= 1e9)) {
            String from = least == 0 ? "0" : "1e-12";
            throw new ConfigException(
                    option + ": need a number from " + from + " to 1e9, not " + given);
        }
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

    private static String table(List<Cost> rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("what", "actions/s", "per core", "core-ms budget"));
        for (Cost row : rows) {
            cells.add(
                    List.of(
                            row.name(),
                            number(row.perSecond()),
                            number(row.perCore()),
                            number(row.coreMillis())));
        }
        return new Lines().table(cells).toString();
    }

    private static String number(double value) {
        String form =
                value >= 1e8 || value < 1e-3
                        ? "%.3e"
                        : value >= 10_000 ? "%,.0f" : value >= 1 ? "%,.2f" : "%.3f";
        return String.format(Locale.ROOT, form, value);
    }
}
