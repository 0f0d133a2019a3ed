package jukvm.bench.cost;

import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Cost;

/**
 * The rate of actions at which a server earns its rent, if they are billed so.
 *
 * @param server what is rented
 * @param billing how an action is billed
 * @param memoryMib memory of an action in MiB, above 0
 * @param durationMillis how long an action takes in milliseconds, above 0; billed in whole quanta
 */
public record CostModel(Server server, Billing billing, double memoryMib, double durationMillis) {
    /** Memory of the paper's action, in MiB. */
    public static final double PAPER_MEMORY_MIB = 256;

    /** The paper's: one quantum for each action, hence 125.23 actions a second. */
    public static final CostModel PAPER =
            new CostModel(
                    Server.PAPER, Billing.PAPER, PAPER_MEMORY_MIB, Billing.PAPER.quantumMillis());

    private static final int HALF_OF_THE_CORES = 2;
    private static final double MILLIS_PER_SECOND = 1000;

    /** Checks the numbers. */
    public CostModel {
        Amounts.requirePositive("memory in MiB", memoryMib);
        Amounts.requirePositive("duration in ms", durationMillis);
    }

    /** Returns the actions in a second at which the server pays for itself. */
    public double actionsPerSecond() {
        return server.perSecond() / billing.pricePerAction(memoryMib, durationMillis);
    }

    /** Returns what follows, under a name. */
    public Cost row(String name) {
        double rate = actionsPerSecond();
        double perCore = rate / server.cores();
        return new Cost(name, rate, perCore, MILLIS_PER_SECOND / perCore);
    }

    /** Returns the paper's figures and what has become of them, the paper's own first. */
    public static List<Cost> paperAndToday() {
        Billing withFee = Billing.PAPER.withFee(Billing.FEE_PER_MILLION);
        CostModel half =
                new CostModel(
                        Server.PAPER.withCores(HALF_OF_THE_CORES),
                        Billing.PAPER,
                        PAPER_MEMORY_MIB,
                        PAPER.durationMillis);
        List<Cost> rows = new ArrayList<>();
        rows.add(PAPER.row("paper: 100-ms quantum, no fee"));
        rows.add(PAPER.billedBy(withFee).row("paper, with the fee of $0.20/M"));
        rows.add(half.row("paper, scaled to 2 of its 4 cores"));
        rows.addAll(PAPER.today(Billing.TODAY.quantumMillis()));
        return List.copyOf(rows);
    }

    /**
     * Returns the same server and memory with today's billing by the millisecond, without and with
     * the request fee.
     *
     * @param millis how long an action takes in milliseconds, above 0
     */
    public List<Cost> today(double millis) {
        CostModel without = new CostModel(server, Billing.TODAY, memoryMib, millis);
        CostModel with = without.billedBy(Billing.TODAY.withFee(Billing.FEE_PER_MILLION));
        return List.of(
                without.row("today: 1-ms quantum, no fee"),
                with.row("today, with the fee of $0.20/M"));
    }

    private CostModel billedBy(Billing other) {
        return new CostModel(server, other, memoryMib, durationMillis);
    }
}
