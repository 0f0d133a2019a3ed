package jukvm.bench.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * How actions are billed: by memory and time in whole quanta, and a fee for each.
 *
 * @param perGbSecond price in $ of 1024 MiB for a second, above 0
 * @param quantumMillis what times are rounded up to, in milliseconds, above 0
 * @param feePerMillion price in $ of a million requests, 0 if none
 */
public record Billing(double perGbSecond, double quantumMillis, double feePerMillion) {
    /** The paper's: AWS Lambda of early 2017, by 100 ms, its request fee left out. */
    public static final Billing PAPER = new Billing(0.00001667, 100, 0);

    /** AWS Lambda since December 2020, by the millisecond, its request fee left out. */
    public static final Billing TODAY = new Billing(0.0000166667, 1, 0);

    /** The request fee of AWS Lambda, in 2017 and today, in $ per million. */
    public static final double FEE_PER_MILLION = 0.20;

    // The price list of 2017 stated what a quantum of 100 ms costs, in whole billionths of a
    // dollar: 0.000000417 for 256 MB, and not the 0.00000041675 that the price of a GB-second
    // comes to. Shorter quanta are billed by the GB-second.
    private static final double LISTED_FROM_MILLIS = 100;
    private static final int LISTED_DECIMALS = 9;

    private static final BigDecimal MIB_MILLIS_PER_GB_SECOND = BigDecimal.valueOf(1024 * 1000);
    private static final double MILLION = 1e6;

    /** Checks the numbers. */
    public Billing {
        Amounts.requirePositive("price per GB-second", perGbSecond);
        Amounts.requirePositive("quantum in ms", quantumMillis);
        if (feePerMillion != 0) {
            Amounts.requirePositive("fee per million", feePerMillion);
        }
    }

    /** Returns the same with another fee, in $ per million requests. */
    public Billing withFee(double perMillion) {
        return new Billing(perGbSecond, quantumMillis, perMillion);
    }

    /**
     * Returns the price in $ of a quantum, as a price list states it: of 100 ms or more in whole
     * billionths, unless that is nothing.
     *
     * @param memoryMib memory of the action in MiB, above 0
     */
    public double pricePerQuantum(double memoryMib) {
        Amounts.requirePositive("memory in MiB", memoryMib);
        BigDecimal exact =
                BigDecimal.valueOf(perGbSecond)
                        .multiply(BigDecimal.valueOf(memoryMib))
                        .multiply(BigDecimal.valueOf(quantumMillis))
                        .divide(MIB_MILLIS_PER_GB_SECOND, MathContext.DECIMAL64);
        BigDecimal listed = exact.setScale(LISTED_DECIMALS, RoundingMode.HALF_UP);
        boolean isListed = quantumMillis >= LISTED_FROM_MILLIS && listed.signum() > 0;
        return (isListed ? listed : exact).doubleValue();
    }

    /**
     * Returns the price in $ of one action.
     *
     * @param memoryMib its memory in MiB, above 0
     * @param durationMillis how long it takes in milliseconds, above 0
     */
    public double pricePerAction(double memoryMib, double durationMillis) {
        return pricePerQuantum(memoryMib) * quanta(durationMillis) + feePerMillion / MILLION;
    }

    // In decimals, else 1.1 ms would be twelve quanta of 0.1 ms.
    private double quanta(double durationMillis) {
        Amounts.requirePositive("duration in ms", durationMillis);
        return BigDecimal.valueOf(durationMillis)
                .divide(BigDecimal.valueOf(quantumMillis), 0, RoundingMode.CEILING)
                .doubleValue();
    }
}
