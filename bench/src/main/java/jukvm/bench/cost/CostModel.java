package jukvm.bench.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Results.Cost;

/**
 * The rate of actions at which a server earns its rent, if they are billed so. All amounts are
 * above 0, but for a fee, which may be 0.
 *
 * @param server what is rented
 * @param billing how an action is billed
 * @param memoryMib memory of an action in MiB
 * @param durationMillis how long an action takes in milliseconds; billed in whole quanta
 */
public record CostModel(Server server, Billing billing, double memoryMib, double durationMillis) {
    /**
     * A server that is rented.
     *
     * @param perHour its price in $ per hour
     * @param cores how many it has
     */
    record Server(double perHour, int cores) {
        /** An EC2 t2.xlarge of early 2017, on demand. */
        static final Server PAPER = new Server(0.188, 4);
    }

    /**
     * How actions are billed.
     *
     * @param perGbSecond price in $ of 1024 MiB for a second
     * @param quantumMillis what times are rounded up to, in milliseconds
     * @param feePerMillion price in $ of a million requests
     */
    record Billing(double perGbSecond, double quantumMillis, double feePerMillion) {
        /** AWS Lambda of early 2017, its request fee left out. */
        static final Billing PAPER = new Billing(0.00001667, 100, 0);

        /** AWS Lambda since December 2020, its request fee left out. */
        static final Billing TODAY = new Billing(0.0000166667, 1, 0);

        /** Returns the same with the request fee of AWS Lambda, in 2017 and today. */
        Billing withFee() {
            return new Billing(perGbSecond, quantumMillis, 0.20);
        }

        /**
         * Returns the price in $ of a quantum for so many MiB. The price list of 2017 stated what
         * 100 ms cost in whole billionths of a dollar: 0.000000417 for 256 MB, and not the
         * 0.00000041675 that the price of a GB-second comes to. So are all prices of 100 ms or
         * more, unless they would be nothing; shorter quanta are billed by the GB-second.
         */
        double pricePerQuantum(double memoryMib) {
            BigDecimal exact =
                    BigDecimal.valueOf(perGbSecond)
                            .multiply(BigDecimal.valueOf(memoryMib))
                            .multiply(BigDecimal.valueOf(quantumMillis))
                            .divide(BigDecimal.valueOf(1024 * 1000), MathContext.DECIMAL64);
            BigDecimal listed = exact.setScale(9, RoundingMode.HALF_UP);
            boolean isListed = quantumMillis >= 100 && listed.signum() > 0;
            return (isListed ? listed : exact).doubleValue();
        }

        /** Returns the price in $ of one action. */
        double pricePerAction(double memoryMib, double durationMillis) {
            // In decimals, else 1.1 ms would be twelve quanta of 0.1 ms.
            double quanta =
                    BigDecimal.valueOf(durationMillis)
                            .divide(BigDecimal.valueOf(quantumMillis), 0, RoundingMode.CEILING)
                            .doubleValue();
            return pricePerQuantum(memoryMib) * quanta + feePerMillion / 1e6;
        }
    }

    /** The paper's: one quantum for each action of 256 MiB, hence 125.23 actions a second. */
    static final CostModel PAPER = new CostModel(Server.PAPER, Billing.PAPER, 256, 100);

    /** Returns what follows, under a name. */
    Cost row(String name) {
        double rent = server.perHour / 3600;
        double rate = rent / billing.pricePerAction(memoryMib, durationMillis);
        double perCore = rate / server.cores;
        return new Cost(name, rate, perCore, 1000 / perCore);
    }

    /** Returns the paper's figures and what has become of them, the paper's own first. */
    public static List<Cost> paperAndToday() {
        List<Cost> rows = new ArrayList<>();
        Server half = new Server(Server.PAPER.perHour / 2, Server.PAPER.cores / 2);
        rows.add(PAPER.row("paper: 100-ms quantum, no fee"));
        rows.add(PAPER.billedBy(Billing.PAPER.withFee()).row("paper, with the fee of $0.20/M"));
        rows.add(
                new CostModel(half, Billing.PAPER, PAPER.memoryMib, PAPER.durationMillis)
                        .row("paper, scaled to 2 of its 4 cores"));
        rows.addAll(PAPER.today(1));
        return List.copyOf(rows);
    }

    /** Returns the same server and memory with today's billing, without and with its fee. */
    List<Cost> today(double millis) {
        CostModel today = new CostModel(server, Billing.TODAY, memoryMib, millis);
        return List.of(
                today.row("today: 1-ms quantum, no fee"),
                today.billedBy(Billing.TODAY.withFee()).row("today, with the fee of $0.20/M"));
    }

    private CostModel billedBy(Billing other) {
        return new CostModel(server, other, memoryMib, durationMillis);
    }
}
